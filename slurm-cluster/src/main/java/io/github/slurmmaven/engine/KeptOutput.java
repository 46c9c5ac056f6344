/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.slurmmaven.common.LineSplitter;
import java.io.ByteArrayOutputStream;
import java.util.function.Consumer;

/** Keeps all that a command writes, and tells the lines of its standard output as they come. */
final class KeptOutput implements ExecOutput {

  private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
  private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
  private final LineSplitter lines;

  KeptOutput(Consumer<String> lines) {
    this.lines = new LineSplitter(lines);
  }

  @Override
  public void stdout(byte[] bytes) {
    stdout.writeBytes(bytes);
    lines.accept(bytes);
  }

  @Override
  public void stderr(byte[] bytes) {
    stderr.writeBytes(bytes);
  }

  @Override
  public void end() {
    lines.finish();
  }

  ExecResult result(int exitCode) {
    return new ExecResult(exitCode, stdout.toString(UTF_8), stderr.toString(UTF_8));
  }
}
