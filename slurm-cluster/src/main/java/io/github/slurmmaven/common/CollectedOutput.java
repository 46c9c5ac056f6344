/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.common;

import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.CommandResult;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Collects the output of a command, and passes on its lines as they are written. */
public final class CollectedOutput implements CommandOutput {

  private final LineSplitter lines;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  /** Collects the output of a command. */
  public CollectedOutput() {
    this(line -> {});
  }

  /**
   * @param lines receives each line of standard output
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

  @Override
  public void end() {
    lines.finish();
  }

  /** Returns the whole output, once the command has ended. */
  public CommandResult result(int exitCode) {
    end();
    return new CommandResult(exitCode, stdout(), stderr());
  }

  /** Returns the standard output so far. */
  public String stdout() {
    return out.toString(StandardCharsets.UTF_8);
  }

  /** Returns the standard error so far. */
  public String stderr() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
