/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class KeyInputTest {

  private final BlockingQueue<Integer> keys = new LinkedBlockingQueue<>();

  /** A terminal whose reads end after some time without a key. */
  private final KeyInput input =
      new KeyInput(
          new InputStream() {
            @Override
            public int read() {
              try {
                Integer key = keys.poll(10, TimeUnit.MILLISECONDS);
                return key == null ? -1 : key;
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return -1;
              }
            }

            @Override
            public int read(byte[] buffer, int offset, int length) {
              int key = read();
              buffer[offset] = (byte) key;
              return key < 0 ? -1 : 1;
            }
          });

  private <T> FutureTask<T> reading(java.util.concurrent.Callable<T> read) throws Exception {
    FutureTask<T> task = new FutureTask<>(read);
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    thread.start();
    return task;
  }

  @Test
  void waitsForAKey() throws Exception {
    FutureTask<Integer> key = reading(input::read);
    assertThatThrownBy(() -> key.get(50, TimeUnit.MILLISECONDS))
        .isInstanceOf(java.util.concurrent.TimeoutException.class);
    keys.add(0xe9);

    assertThat(key.get()).isEqualTo(0xe9);
  }

  @Test
  void endsUnderAReadThatWaits() throws Exception {
    FutureTask<Integer> key = reading(input::read);
    input.end();
    keys.add((int) 'x');

    assertThat(key.get()).isEqualTo(-1);
    assertThat(keys).as("not read any more").containsExactly((int) 'x');
  }

  @Test
  void canBeInterrupted() throws Exception {
    Thread[] reader = new Thread[1];
    FutureTask<Boolean> flag =
        reading(
            () -> {
              reader[0] = Thread.currentThread();
              reader[0].interrupt();
              assertThatThrownBy(input::read).isInstanceOf(InterruptedIOException.class);
              return Thread.interrupted();
            });

    assertThat(flag.get()).as("the flag is kept").isTrue();
  }
}
