/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import io.github.slurmmaven.backend.ClusterBackend.CommandOutput;
import io.github.slurmmaven.backend.ClusterBackend.CommandResult;
import io.github.slurmmaven.common.LineSplitter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Keeps what a command writes, and tells its lines as they come. */
public final class CollectedOutput implements CommandOutput {

  private final LineSplitter lines;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  /** Keeps what a command writes. */
  public CollectedOutput() {
    this(line -> {});
  }

  /**
   * @param lines hears each line of standard output
   */
  public CollectedOutput(Consumer<String> lines) {
    this.lines = new LineSplitter(lines);
  }

  @Override
  public void stdout(byte[] bytes) {
    out.writeBytes(bytes);
    lines.accept(bytes);
  }

  @Override
  public void stderr(byte[] bytes) {
    err.writeBytes(bytes);
  }

  /** All of it, once the command has ended. */
  public CommandResult result(int exitCode) {
    lines.finish();
    return new CommandResult(exitCode, stdout(), stderr());
  }

  /** What it wrote to standard output so far. */
  public String stdout() {
    return out.toString(StandardCharsets.UTF_8);
  }

  /** What it wrote to standard error so far. */
  public String stderr() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
