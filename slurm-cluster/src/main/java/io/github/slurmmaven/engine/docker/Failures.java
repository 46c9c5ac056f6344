/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.zerodep.shaded.org.apache.hc.client5.http.ClientProtocolException;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineException.Kind;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Translates docker-java's exceptions into {@link EngineException}, with the engine's own message.
 */
final class Failures {

  /**
   * Messages of engines when a registry sent content that does not match a digest: Docker's,
   * Docker's with containerd's images, and Podman's for a manifest and for a layer.
   */
  private static final List<String> OTHER_DIGEST =
      List.of(
          "verification failed for digest",
          "unexpected commit digest",
          "manifest does not match provided manifest digest",
          "digest did not match");

  private final String engine;
  private final ObjectMapper mapper;

  /**
   * @param engine the engine's address, for messages
   */
  Failures(String engine, ObjectMapper mapper) {
    this.engine = engine;
    this.mapper = mapper;
  }

  /**
   * @param doing the failed operation, to be followed by a colon: {@code "cannot start container
   *     x"}
   */
  EngineException translate(String doing, Throwable failure) {
    if (failure instanceof EngineException engineException) {
      return engineException;
    }
    if (failure instanceof DockerException refusal) {
      String words = words(refusal);
      return new EngineException(
          kind(refusal.getHttpStatus(), words), doing + ": " + words, failure);
    }
    IOException io = ioCause(failure);
    if (io instanceof ClientProtocolException) {
      return new EngineException(Kind.OTHER, doing + ": " + io.getMessage(), failure);
    }
    if (io != null) {
      return unreachable(doing, String.valueOf(io.getMessage()), failure);
    }
    return new EngineException(Kind.OTHER, doing + ": " + failure.getMessage(), failure);
  }

  EngineException unreachable(String doing, String why, @Nullable Throwable cause) {
    return new EngineException(
        Kind.UNREACHABLE,
        doing
            + ": the container engine at "
            + engine
            + " does not answer any more ("
            + why
            + "); is it still running?",
        cause);
  }

  /** Returns the engine's own message from docker-java's {@code Status 404: {"message":"…"}}. */
  String words(DockerException refusal) {
    String text = String.valueOf(refusal.getMessage()).strip();
    int json = text.indexOf('{');
    if (json >= 0) {
      try {
        JsonNode answer = mapper.readTree(text.substring(json));
        // Podman puts the message of a stream into errorDetail.
        for (JsonNode holder : List.of(answer, answer.path("errorDetail"))) {
          String message = holder.path("message").textValue();
          if (message != null) {
            return message.strip();
          }
        }
      } catch (JsonProcessingException e) {
        return text;
      }
    }
    return text;
  }

  /** Returns the I/O failure that caused docker-java's exception; null if it has another cause. */
  static @Nullable IOException ioCause(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      // A truncated response means a lost connection; other invalid JSON does not.
      if (cause instanceof IOException io
          && (!(cause instanceof JsonProcessingException) || cause instanceof JsonEOFException)) {
        return io;
      }
    }
    return null;
  }

  static Kind kind(int status, String words) {
    String lower = words.toLowerCase(Locale.ROOT);
    // Case matters in the second: "Address already in use" is about a container's IP address.
    if (lower.contains("port is already allocated")
        || words.contains("address already in use")
        || lower.contains("ports are not available")) {
      return Kind.PORT_IN_USE;
    }
    if (lower.contains("cannot assign requested address")) {
      return Kind.NO_SUCH_ADDRESS;
    }
    if (lower.contains("pool overlaps")
        || lower.contains("overlaps with other")
        || lower.contains("subnet is already used")
        || lower.contains("is already used on the host or by another config")) {
      return Kind.SUBNET_IN_USE;
    }
    if (lower.contains("failed to mkdir") && lower.contains("file exists")) {
      // Docker copies the image's files into an empty volume, and two containers did so at the same
      // time.
      return Kind.RACE;
    }
    // Docker's and Podman's messages.
    if (lower.contains("cannot overwrite")
        || (lower.contains("copier: put:") && lower.contains("file exists"))) {
      return Kind.OTHER_TYPE;
    }
    // Docker's and Podman's messages.
    if (lower.contains("bind source path does not exist")
        || (lower.contains("statfs ") && lower.contains("no such file or directory"))) {
      return Kind.NO_SUCH_SOURCE;
    }
    if (OTHER_DIGEST.stream().anyMatch(lower::contains)) {
      return Kind.OTHER_DIGEST;
    }
    // Checked before the status, which is 400 or 404 depending on the version.
    if (lower.contains("executable file") && lower.contains("not found")) {
      return Kind.NO_SUCH_PROGRAM;
    }
    if (status == 404) {
      return Kind.NOT_FOUND;
    }
    if ((status == 409 || status == 500)
        && (lower.contains("already in use") || lower.contains("already exists"))
        && lower.contains("name")) {
      return Kind.NAME_IN_USE;
    }
    return Kind.OTHER;
  }
}
