/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import io.github.slurmmaven.backend.ClusterBackend.CommandOutput;
import io.github.slurmmaven.backend.ClusterBackend.CommandResult;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Keeps what a command writes, and tells its lines as they come. */
final class CollectedOutput implements CommandOutput {

  private final Consumer<String> lines;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  /** Where the line that is not told yet begins. */
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  CollectedOutput(Consumer<String> lines) {
    this.lines = lines;
  }

  @Override
  public void stdout(byte[] bytes) {
    out.writeBytes(bytes);
    for (byte each : bytes) {
      if (each == '\n') {
        endLine();
      } else {
        line.write(each);
      }
    }
  }

  @Override
  public void stderr(byte[] bytes) {
    err.writeBytes(bytes);
  }

  private void endLine() {
    lines.accept(line.toString(StandardCharsets.UTF_8));
    line.reset();
  }

  /** All of it, once the command has ended. */
  CommandResult result(int exitCode) {
    if (line.size() > 0) {
      endLine();
    }
    return new CommandResult(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
