/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import io.github.slurmmaven.client.EngineFailure;
import io.github.slurmmaven.client.SlurmClusterException;
import org.jspecify.annotations.Nullable;

/** The container engine refused a request or could not be reached. */
public final class EngineException extends SlurmClusterException implements EngineFailure {

  private static final long serialVersionUID = 1L;

  /** The kinds of failures that callers distinguish. */
  public enum Kind {
    /** No answer from the engine: connection refused, reset, timed out. */
    UNREACHABLE,
    /** The container, image, network or volume does not exist. */
    NOT_FOUND,
    /** The name is taken by another object. */
    NAME_IN_USE,
    /** The host port is taken. */
    PORT_IN_USE,
    /** A port cannot be published, because the engine's machine does not have the address. */
    NO_SUCH_ADDRESS,
    /** The subnet overlaps with another network of the engine. */
    SUBNET_IN_USE,
    /** A file would replace a directory, or a directory a file. */
    OTHER_TYPE,
    /** The source of a mount does not exist on the engine's machine. */
    NO_SUCH_SOURCE,
    /** The image does not contain the program that the container runs. */
    NO_SUCH_PROGRAM,
    /** A concurrent request did the same; a retry succeeds. */
    RACE,
    /** A registry sent content that does not match the requested digest. */
    OTHER_DIGEST,
    /** An image build step failed; the message contains the step and its output. */
    BUILD_FAILED,
    /** Any other failure; the message contains the engine's. */
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
