/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.dockerjava.api.model.BuildResponseItem;
import com.github.dockerjava.api.model.ResponseItem.ErrorDetail;
import io.github.slurmmaven.common.LineSplitter;
import io.github.slurmmaven.engine.EngineProgress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Passes on the output of an image build, and records its present step. */
final class BuildOutput extends EngineStream<BuildResponseItem> {

  private static final int KEPT_LINES = 20;

  /** Podman's line for a step, with the stage if there are several. */
  private static final Pattern STEP_OF_PODMAN =
      Pattern.compile("^(?:\\[(\\d+/\\d+)] )?STEP (\\d+/\\d+): ");

  private final PullProgress pull;
  private final EngineProgress progress;
  private final LineSplitter lines = new LineSplitter(this::line);
  private final Deque<String> stepOutput = new ArrayDeque<>();
  private String step = "";
  private @Nullable String error;

  BuildOutput(EngineProgress progress) {
    this.progress = progress;
    this.pull = new PullProgress(progress);
  }

  @Override
  void onItem(BuildResponseItem item) {
    if (item.getStream() != null) {
      lines.accept(item.getStream().getBytes(UTF_8));
    } else if (item.getStatus() != null) {
      // The base image is being pulled.
      pull.accept(item);
    }
    ErrorDetail detail = item.getErrorDetail();
    if (detail != null) {
      error = detail.getMessage();
    }
  }

  private void line(String line) {
    String plain = inDockersWords(line.replaceAll("\\e\\[[0-9;]*m", "").stripTrailing());
    if (plain.startsWith("Step ")) {
      step = plain;
      stepOutput.clear();
      progress.now(plain);
    } else if (!plain.isEmpty() && !plain.startsWith("Removing intermediate container")) {
      if (stepOutput.size() == KEPT_LINES) {
        stepOutput.removeFirst();
      }
      stepOutput.addLast(plain);
    }
    if (!plain.isEmpty()) {
      progress.line(plain);
    }
  }

  private static String inDockersWords(String line) {
    Matcher podman = STEP_OF_PODMAN.matcher(line);
    if (!podman.find()) {
      return line;
    }
    String stage = podman.group(1) == null ? "" : " of stage " + podman.group(1);
    return "Step " + podman.group(2) + stage + " : " + line.substring(podman.end());
  }

  @Override
  void ended() {
    lines.finish();
  }

  /**
   * Returns the engine's message, the failed step and its last output; empty if the build
   * succeeded.
   */
  Optional<String> error() {
    if (error == null) {
      return Optional.empty();
    }
    StringBuilder text = new StringBuilder(error.strip());
    if (!step.isEmpty()) {
      text.append("\n  ").append(step);
    }
    stepOutput.forEach(line -> text.append("\n  ").append(line));
    return Optional.of(text.toString());
  }
}
