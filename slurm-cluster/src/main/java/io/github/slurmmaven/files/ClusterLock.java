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
 * A lock that lets one build at a time work on a cluster. The operating system releases it when the
 * process dies.
 */
public final class ClusterLock implements AutoCloseable {

  /** How often other processes may remove the directory between its creation and its use. */
  private static final int ATTEMPTS = 100;

  private static final int MARKS = 1 << 20;

  /** A file lock belongs to the whole JVM, so threads need a lock of their own. */
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
   * Takes the lock, and waits while another process holds it.
   *
   * @param onWait run before a wait for another process
   * @param file a file that exists while the lock is held. Its directory is created, and removed
   *     with it if it is empty.
   * @throws IOException when the file cannot be created
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

  /** Whether a process holds the lock at the moment. */
  static boolean isHeld(Path file) {
    ReentrantLock ours = IN_THIS_JVM.computeIfAbsent(file, path -> new ReentrantLock());
    // Opening the file would release this process's lock on it.
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
        // If the same file exists before and after opening, it is usually the one that was opened.
        if (before != null && before.equals(identity(file))) {
          if (channel.tryLock() == null) {
            onWait.run();
            channel.lock();
          }
          // A previous holder may have removed the file, and a lock on a removed file excludes no
          // process. A new file may have the identity of a removed one, but not the size that this
          // one gets here.
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

  /**
   * Gives the file a size that no other process gives to its own. The file is sparse and takes no
   * more space.
   */
  private static long mark(FileChannel channel) throws IOException {
    int last = ThreadLocalRandom.current().nextInt(MARKS);
    channel.truncate(0);
    channel.write(ByteBuffer.allocate(1), last);
    return last + 1L;
  }

  /**
   * Returns device and inode of a path; null if it does not exist. It does not open the file: in
   * POSIX, closing any channel of a file releases this process's lock on it.
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
      // Does not remove a link or a mount of the user's.
      Path directory = Objects.requireNonNull(file.getParent());
      if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
        Files.deleteIfExists(directory);
      }
    } catch (IOException e) {
      // The directory is not empty, or cannot be removed.
      return;
    } finally {
      lock.unlock();
    }
  }
}
