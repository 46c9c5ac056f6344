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

/** Something that a cluster asks for on top of an image of ours, which is then named by both. */
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

  /** All that there are. */
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

  /** What is added, for people. */
  String words() {
    return words;
  }

  /** The reference of an image with this on top of a base. */
  String reference(String base) {
    MessageDigest digest = Sha256.begin();
    content.values().forEach(digest::update);
    return base + "-" + target + "-" + Sha256.end(digest).substring(0, TAG_DIGITS);
  }

  /** The reference of the image below; empty for an image that is not of this content. */
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
