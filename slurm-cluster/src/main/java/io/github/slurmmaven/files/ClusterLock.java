/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files;

import io.github.slurmmaven.client.SlurmClusterException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets one build at a time work on a cluster. The operating system releases it when the process
 * dies, so that no dead build is ever in the way.
 */
public final class ClusterLock implements AutoCloseable {

  /** How often the directory may be removed by others between its making and its use. */
  private static final int ATTEMPTS = 100;

  private static final int MARKS = 1 << 20;

  /** A file lock counts for the whole JVM, so that threads need a lock of their own. */
  private static final Map<Path, ReentrantLock> IN_THIS_JVM = new ConcurrentHashMap<>();

  private final Path file;
  private final FileChannel channel;
  private final ReentrantLock lock;

  private ClusterLock(Path file, FileChannel channel, ReentrantLock lock) {
    this.file = file;
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Takes the lock, and waits while another process has it.
   *
   * @param onWait run when somebody else has it
   * @param file exists while the lock is held; so does its directory, which goes with it when it is
   *     empty then
   * @throws IOException when the file cannot be made
   */
  static ClusterLock of(Path file, Runnable onWait) throws IOException {
    ReentrantLock lock = IN_THIS_JVM.computeIfAbsent(file, path -> new ReentrantLock());
    if (!lock.tryLock()) {
      onWait.run();
      try {
        lock.lockInterruptibly();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SlurmClusterException("Interrupted while waiting for the lock " + file, e);
      }
    }
    try {
      return new ClusterLock(file, lockedChannel(file, onWait), lock);
    } catch (IOException | RuntimeException e) {
      lock.unlock();
      throw e;
    }
  }

  /** Whether somebody has the lock at the moment. */
  static boolean isHeld(Path file) {
    ReentrantLock ours = IN_THIS_JVM.computeIfAbsent(file, path -> new ReentrantLock());
    // To look at the file would end this process's lock on it.
    if (ours.isHeldByCurrentThread() || !ours.tryLock()) {
      return true;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock == null;
    } catch (IOException e) {
      return false;
    } finally {
      ours.unlock();
    }
  }

  private static FileChannel lockedChannel(Path file, Runnable onWait) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        Files.createDirectories(file.getParent());
        Object before = identity(file);
        FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        // Mostly, a file that stands there before and after the opening is the one that was opened.
        if (before != null && before.equals(identity(file))) {
          if (channel.tryLock() == null) {
            onWait.run();
            channel.lock();
          }
          // Its former holder removed the file, and a lock on a removed file excludes nobody. A new
          // file may have the identity of a removed one, but not the size that this one gets here.
          long size = mark(channel);
          if (before.equals(identity(file)) && Files.size(file) == size) {
            return channel;
          }
        }
        channel.close();
      } catch (NoSuchFileException | FileAlreadyExistsException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /** Gives the file a size that no other process gives to its own; it takes no more space. */
  private static long mark(FileChannel channel) throws IOException {
    int last = ThreadLocalRandom.current().nextInt(MARKS);
    channel.truncate(0);
    channel.write(ByteBuffer.allocate(1), last);
    return last + 1L;
  }

  /**
   * Device and inode of what stands at a path; null when nothing does. Nothing is opened for it: to
   * POSIX, the closing of any channel of a file ends this process's lock on it.
   */
  private static @Nullable Object identity(Path file) throws IOException {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** Releases the lock. A lock file that cannot be removed does not block the next holder. */
  @Override
  public void close() {
    try (channel) {
      Files.deleteIfExists(file);
      // Not a link or a mount of the user's.
      Path directory = Objects.requireNonNull(file.getParent());
      if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
        Files.deleteIfExists(directory);
      }
    } catch (IOException e) {
      // It is not empty, or not ours to remove.
      return;
    } finally {
      lock.unlock();
    }
  }
}
