/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import io.github.slurmmaven.common.Sha256;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.EngineProgress;
import io.github.slurmmaven.engine.ImageBuild;
import io.github.slurmmaven.resource.Resources;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An addition to an image of this project, whose tag is then made of both. */
final class ImageAddition {

  /** Slurm's accounting. */
  static final ImageAddition ACCOUNTING =
      new ImageAddition(
          "accounting",
          "slurmdbd and MariaDB",
          List.of("define-accounts", "make-database", "mariadbd.options"));

  /** Slurm's PBS commands. */
  static final ImageAddition PBS =
      new ImageAddition("pbs", "Slurm's PBS commands", List.of("qstat", "qsub"));

  /** All additions. */
  static final List<ImageAddition> ALL = List.of(ACCOUNTING, PBS);

  private static final String DOCKERFILE = "Dockerfile";
  private static final int TAG_DIGITS = 12;

  private final String target;
  private final String words;
  private final Map<String, byte[]> content = new TreeMap<>();
  private final Pattern reference;

  private ImageAddition(String target, String words, List<String> files) {
    this.target = target;
    this.words = words;
    String root = "/io/github/slurmmaven/images/" + target + "/";
    content.put(DOCKERFILE, Resources.bytes(ImageAddition.class, root + DOCKERFILE));
    files.forEach(name -> content.put(name, Resources.bytes(ImageAddition.class, root + name)));
    reference = Pattern.compile("(.*)-" + target + "-[0-9a-f]{12}");
  }

  /** Returns what is added, for messages. */
  String words() {
    return words;
  }

  /** Returns the reference of an image with this addition on top of a base. */
  String reference(String base) {
    MessageDigest digest = Sha256.begin();
    content.values().forEach(digest::update);
    return base + "-" + target + "-" + Sha256.end(digest).substring(0, TAG_DIGITS);
  }

  /** Returns the reference of the base image; empty for an image without this addition. */
  Optional<String> base(String image) {
    Matcher matcher = reference.matcher(image);
    return matcher.matches() && reference(matcher.group(1)).equals(image)
        ? Optional.of(matcher.group(1))
        : Optional.empty();
  }

  /** Builds an image from its base, which the engine has. */
  void build(ContainerEngine engine, String image, String base, EngineProgress progress) {
    engine.buildImage(
        new ImageBuild(
            image,
            content,
            DOCKERFILE,
            target,
            Map.of("IMAGE", base),
            Map.of("io.github.slurmmaven.image", "true")),
        progress);
  }
}
