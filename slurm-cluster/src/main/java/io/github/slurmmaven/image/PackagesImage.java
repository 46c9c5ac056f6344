/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.common.Sha256;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineProgress;
import io.github.slurmmaven.engine.ImageBuild;
import io.github.slurmmaven.resource.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Debian packages on top of an image of this project, whose tag is then made of both. */
final class PackagesImage {

  private static final String DOCKERFILE = "Dockerfile";
  private static final String TARGET = "packages";
  private static final byte[] CONTENT =
      Resources.bytes(PackagesImage.class, "/io/github/slurmmaven/images/packages/Dockerfile");
  private static final Pattern REFERENCE = Pattern.compile("(.*)-packages-[0-9a-f]{12}");
  private static final int TAG_DIGITS = 12;

  /** The line that the Dockerfile prints for a package that does not exist. */
  private static final Pattern UNKNOWN = Pattern.compile(".*slurm-packages: unknown (\\S+)");

  private PackagesImage() {}

  /** Returns the reference of an image with packages; without packages, the base. */
  static String reference(String base, List<String> packages) {
    if (packages.isEmpty()) {
      return base;
    }
    String content = Sha256.of(CONTENT) + " " + String.join(" ", new TreeSet<>(packages));
    return base + "-packages-" + Sha256.of(content).substring(0, TAG_DIGITS);
  }

  /** Returns the reference of the base image; empty for an image without packages. */
  static Optional<String> base(String reference) {
    Matcher matcher = REFERENCE.matcher(reference);
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /**
   * Builds an image from its base, which the engine has.
   *
   * @throws InvalidParameterException naming the packages that do not exist
   */
  static void build(
      ContainerEngine engine,
      String reference,
      String base,
      List<String> packages,
      EngineProgress progress) {
    List<String> unknown = new ArrayList<>();
    EngineProgress shown =
        new EngineProgress() {

          @Override
          public void line(String line) {
            Matcher matcher = UNKNOWN.matcher(line);
            if (matcher.matches()) {
              unknown.add(matcher.group(1));
            }
            progress.line(line);
          }

          @Override
          public void now(String status) {
            progress.now(status);
          }
        };
    try {
      engine.buildImage(
          new ImageBuild(
              reference,
              Map.of(DOCKERFILE, CONTENT),
              DOCKERFILE,
              TARGET,
              Map.of("IMAGE", base, "PACKAGES", String.join(" ", new TreeSet<>(packages))),
              Map.of("io.github.slurmmaven.image", "true")),
          shown);
    } catch (EngineException e) {
      if (unknown.isEmpty()) {
        throw e;
      }
      throw new InvalidParameterException(
          "packages",
          String.join(", ", unknown),
          "cannot be installed in image %s: Debian has no package of that name for this release of Slurm: correct it, or look it up in Debian's package search"
              .formatted(base));
    }
  }
}
