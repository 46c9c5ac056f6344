/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.StreamType;
import io.github.slurmmaven.client.CommandOutput;

/** Passes on the output of a process in a container: both streams separately, in order. */
final class CommandStream extends EngineStream<Frame> {

  private final CommandOutput output;

  CommandStream(CommandOutput output) {
    this.output = output;
  }

  @Override
  void onItem(Frame frame) {
    // docker-java reads the next piece into the same array.
    byte[] bytes = frame.getPayload().clone();
    if (frame.getStreamType() == StreamType.STDERR) {
      output.stderr(bytes);
    } else {
      output.stdout(bytes);
    }
  }

  @Override
  void ended() {
    output.end();
  }
}
