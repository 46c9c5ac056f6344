/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.StreamType;
import java.io.ByteArrayOutputStream;
import java.util.function.Consumer;

/** Collects what a process in a container writes, both streams apart and in the order they came. */
final class OutputStreams extends EngineStream<Frame> {

  private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
  private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
  private final ByteArrayOutputStream both = new ByteArrayOutputStream();
  private final LineSplitter lines;

  /**
   * @param lines hears standard output line by line
   */
  OutputStreams(Consumer<String> lines) {
    this.lines = new LineSplitter(lines);
  }

  @Override
  public synchronized void onNext(Frame frame) {
    byte[] bytes = frame.getPayload();
    both.writeBytes(bytes);
    if (frame.getStreamType() == StreamType.STDERR) {
      stderr.writeBytes(bytes);
    } else {
      stdout.writeBytes(bytes);
      lines.accept(bytes);
    }
  }

  @Override
  void ended() {
    finishLines();
  }

  private synchronized void finishLines() {
    lines.finish();
  }

  synchronized String stdout() {
    return stdout.toString(UTF_8);
  }

  synchronized String stderr() {
    return stderr.toString(UTF_8);
  }

  synchronized String both() {
    return both.toString(UTF_8);
  }
}
