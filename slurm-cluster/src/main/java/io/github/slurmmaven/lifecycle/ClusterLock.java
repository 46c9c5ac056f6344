/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.lifecycle;

import io.github.slurmmaven.report.SlurmClusterException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets one build at a time work on a cluster. The operating system releases it when the process
 * dies, so that no dead build is ever in the way.
 */
final class ClusterLock implements AutoCloseable {

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

  /** Takes the lock, waiting for whoever has it. */
  static ClusterLock of(Path file) {
    ReentrantLock lock = IN_THIS_JVM.computeIfAbsent(file, path -> new ReentrantLock());
    lock.lock();
    try {
      while (true) {
        FileChannel channel =
            FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileLock held = channel.lock();
        String token = UUID.randomUUID().toString();
        channel.truncate(0);
        channel.write(StandardCharsets.US_ASCII.encode(token), 0);
        // The one who had it removes the file: a lock on a removed file excludes nobody.
        if (held.isValid() && Files.exists(file) && Files.readString(file).equals(token)) {
          return new ClusterLock(file, channel, lock);
        }
        channel.close();
      }
    } catch (IOException e) {
      lock.unlock();
      throw new SlurmClusterException("The lock " + file + " cannot be taken: " + e, e);
    }
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(file);
      channel.close();
    } catch (IOException e) {
      throw new SlurmClusterException("The lock " + file + " cannot be released: " + e, e);
    } finally {
      lock.unlock();
    }
  }
}
