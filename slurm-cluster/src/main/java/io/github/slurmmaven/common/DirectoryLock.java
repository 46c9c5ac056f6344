/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.common;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock of a directory, which one thread of one process can hold. The operating system releases it
 * when the process dies; its file stays.
 */
public final class DirectoryLock implements AutoCloseable {

  private static final long POLL_MILLIS = 50;

  /**
   * In POSIX, a process that closes a file releases all of its locks on it, so only one thread may
   * open it.
   */
  private static final ReentrantLock IN_THIS_JVM = new ReentrantLock();

  private final FileChannel channel;

  private DirectoryLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock of an existing directory, and waits while another thread or process holds it.
   * Not reentrant.
   */
  public static DirectoryLock of(Path directory) throws IOException {
    return of(directory, () -> {});
  }

  /**
   * Takes the lock of an existing directory. Not reentrant.
   *
   * @param waiting called once before a wait for another thread or process
   */
  public static DirectoryLock of(Path directory, Runnable waiting) throws IOException {
    try {
      boolean waits = !IN_THIS_JVM.tryLock();
      if (waits) {
        waiting.run();
        IN_THIS_JVM.lockInterruptibly();
      }
      try {
        return new DirectoryLock(
            lockedChannel(directory.resolve(".lock"), waits ? () -> {} : waiting));
      } catch (IOException | InterruptedException | RuntimeException e) {
        IN_THIS_JVM.unlock();
        throw e;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for another build", e);
    }
  }

  private static FileChannel lockedChannel(Path file, Runnable waiting)
      throws IOException, InterruptedException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (!isLocked(channel)) {
        waiting.run();
        do {
          Thread.sleep(POLL_MILLIS);
        } while (!isLocked(channel));
      }
      return channel;
    } catch (IOException | InterruptedException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Whether the lock was taken. The JVM throws an exception if a copy of this class in another
   * class loader holds it.
   */
  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      IN_THIS_JVM.unlock();
    }
  }
}
