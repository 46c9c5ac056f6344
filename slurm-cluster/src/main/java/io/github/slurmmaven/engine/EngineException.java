/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import io.github.slurmmaven.client.EngineFailure;
import io.github.slurmmaven.client.SlurmClusterException;
import org.jspecify.annotations.Nullable;

/** The container engine refused a request or could not be reached. */
public final class EngineException extends SlurmClusterException implements EngineFailure {

  private static final long serialVersionUID = 1L;

  /** What a caller can act on. */
  public enum Kind {
    /** No answer from the engine: connection refused, reset, timed out. */
    UNREACHABLE,
    /** The container, image, network or volume does not exist. */
    NOT_FOUND,
    /** The name is taken by another object. */
    NAME_IN_USE,
    /** The host port is taken. */
    PORT_IN_USE,
    /** A port was to be published on an address that the engine's machine does not have. */
    NO_SUCH_ADDRESS,
    /** The subnet overlaps with another network of the engine. */
    SUBNET_IN_USE,
    /** A file would replace a directory, or a directory a file. */
    OTHER_TYPE,
    /** A path to be mounted does not exist where the engine runs. */
    NO_SUCH_SOURCE,
    /** The image has not the program that a container is to run. */
    NO_SUCH_PROGRAM,
    /** Another request was doing the same at that moment; asked again, the engine does it. */
    RACE,
    /** A registry sent other content than that of the digest that was asked for. */
    OTHER_DIGEST,
    /** An image build step failed; the message holds the step and its output. */
    BUILD_FAILED,
    /** Anything else; the message holds the engine's words. */
    OTHER
  }

  private final Kind kind;

  public EngineException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  @Override
  public boolean isAway() {
    return kind == Kind.UNREACHABLE;
  }
}
