/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.CommandOutput;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Whole lines of a node's command, each behind the node's name, so that several nodes can mix. */
final class PrefixedOutput implements CommandOutput, AutoCloseable {

  private final Lines out;
  private final Lines err;

  /**
   * @param node the node's name
   * @param out receives lines of standard output, with the prefix
   * @param err receives lines of standard error, with the prefix
   */
  PrefixedOutput(String node, Consumer<String> out, Consumer<String> err) {
    this.out = new Lines(node, out);
    this.err = new Lines(node, err);
  }

  @Override
  public void stdout(byte[] bytes) {
    out.add(bytes);
  }

  @Override
  public void stderr(byte[] bytes) {
    err.add(bytes);
  }

  /** Passes on a last line without a newline. */
  @Override
  public void close() {
    out.close();
    err.close();
  }

  private static final class Lines {

    private final String node;
    private final Consumer<String> print;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    Lines(String node, Consumer<String> print) {
      this.node = node;
      this.print = print;
    }

    void add(byte[] bytes) {
      for (byte each : bytes) {
        if (each == '\n') {
          print();
        } else {
          line.write(each);
        }
      }
    }

    private void print() {
      print.accept(node + " | " + line.toString(StandardCharsets.UTF_8));
      line.reset();
    }

    void close() {
      if (line.size() > 0) {
        print();
      }
    }
  }
}
