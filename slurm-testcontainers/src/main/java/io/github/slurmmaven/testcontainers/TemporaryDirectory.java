/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testcontainers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.commons.io.file.PathUtils;
import org.jspecify.annotations.Nullable;

/**
 * A directory for files with secrets, which only this user can read. It is removed by {@link
 * #close} and when the JVM ends, also while it is being filled. If the JVM was killed, {@link
 * #create} of a later JVM removes it.
 */
final class TemporaryDirectory implements AutoCloseable {

  private static final String PREFIX = "slurm-container-";

  /** A file in the directory that its JVM has locked. */
  private static final String IN_USE = "in-use";

  /** How long the end of the JVM waits for the thread that fills the directory. */
  private static final long SECONDS_TO_STOP = 10;

  private final Path path;
  private final FileChannel inUse;
  private final Thread atExit;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable Thread filling;
  private @Nullable Runnable beforeRemoval;

  private TemporaryDirectory(Path path, FileChannel inUse) {
    this.path = path;
    this.inUse = inUse;
    atExit = new Thread(this::removeAtExit, "slurm-container-removal");
  }

  /**
   * Creates a directory, and removes the directories of killed JVMs.
   *
   * @throws UncheckedIOException if it cannot be created
   * @throws IllegalStateException if the JVM is ending
   */
  static TemporaryDirectory create() {
    return create(Path.of(System.getProperty("java.io.tmpdir")));
  }

  static TemporaryDirectory create(Path parent) {
    try {
      removeAbandoned(parent);
      Path path = Files.createTempDirectory(parent, prefixOf(ProcessHandle.current().pid()));
      TemporaryDirectory directory = new TemporaryDirectory(path, locked(path));
      // The directory has no secrets yet. If the JVM ends here, a later one removes it.
      Runtime.getRuntime().addShutdownHook(directory.atExit);
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException("No directory can be made in " + parent, e);
    }
  }

  Path path() {
    return path;
  }

  /**
   * Runs an action that writes into the directory. If the JVM ends meanwhile, its thread is
   * interrupted.
   *
   * @param removal first step of the directory's removal, once the action has succeeded
   */
  void fill(Runnable action, Runnable removal) {
    lock.lock();
    filling = Thread.currentThread();
    try {
      action.run();
      beforeRemoval = removal;
    } finally {
      filling = null;
      lock.unlock();
    }
  }

  /** Removes the directory, even if the first step of the removal throws. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The JVM is ending; its hook does the same.
    }
    lock.lock();
    try {
      remove();
    } finally {
      lock.unlock();
    }
  }

  private void removeAtExit() {
    Thread thread = filling;
    if (thread != null) {
      thread.interrupt();
    }
    boolean locked = false;
    try {
      locked = lock.tryLock(SECONDS_TO_STOP, TimeUnit.SECONDS);
      remove();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (locked) {
        lock.unlock();
      }
    }
  }

  private void remove() {
    Runnable first = beforeRemoval;
    beforeRemoval = null;
    try (inUse) {
      if (first != null) {
        first.run();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The lock of " + path + " cannot be released", e);
    } finally {
      delete(path);
    }
  }

  /**
   * Returns the prefix of a JVM's directories. A JVM recognizes its own by the process id, because
   * testing their locks would release them.
   */
  private static String prefixOf(long pid) {
    return PREFIX + pid + "-";
  }

  /**
   * Creates the locked file. It is locked before it has its name, so that other JVMs never see it
   * unlocked.
   */
  private static FileChannel locked(Path directory) throws IOException {
    Path made = Files.createTempFile(directory, "new", null);
    FileChannel channel = FileChannel.open(made, StandardOpenOption.WRITE);
    try {
      channel.lock();
      Files.move(made, directory.resolve(IN_USE), StandardCopyOption.ATOMIC_MOVE);
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void removeAbandoned(Path parent) throws IOException {
    String own = prefixOf(ProcessHandle.current().pid());
    try (DirectoryStream<Path> found = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path directory : found) {
        if (!directory.getFileName().toString().startsWith(own) && isAbandoned(directory)) {
          delete(directory);
        }
      }
    }
  }

  /** Whether a directory is abandoned. Another user's, or one that is being created, is not. */
  private static boolean isAbandoned(Path directory) {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (FileChannel channel =
            FileChannel.open(directory.resolve(IN_USE), StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock != null;
    } catch (IOException e) {
      return false;
    }
  }

  private static void delete(Path directory) {
    try {
      PathUtils.deleteDirectory(directory);
    } catch (NoSuchFileException e) {
      // Another JVM has removed it.
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The temporary directory %s cannot be removed. It contains keys: remove it by hand"
              .formatted(directory),
          e);
    }
  }
}
