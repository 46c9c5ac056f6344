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

/** Slurm's accounting on top of an image of ours, named by both. */
final class AccountingImage {

  private static final String ROOT = "/io/github/slurmmaven/images/accounting/";
  private static final String DOCKERFILE = "Dockerfile";
  private static final String TARGET = "accounting";
  private static final Map<String, byte[]> CONTENT = content();
  private static final Pattern REFERENCE = Pattern.compile("(.*)-accounting-[0-9a-f]{12}");
  private static final int TAG_DIGITS = 12;

  private AccountingImage() {}

  /** The reference of an image with accounting. */
  static String reference(String base) {
    MessageDigest digest = Sha256.begin();
    CONTENT.values().forEach(digest::update);
    return base + "-accounting-" + Sha256.end(digest).substring(0, TAG_DIGITS);
  }

  /** The reference of the image below; empty for an image that is not of this content. */
  static Optional<String> base(String reference) {
    Matcher matcher = REFERENCE.matcher(reference);
    return matcher.matches() && reference(matcher.group(1)).equals(reference)
        ? Optional.of(matcher.group(1))
        : Optional.empty();
  }

  /** Builds an image from its base, which the engine has. */
  static void build(
      ContainerEngine engine, String reference, String base, EngineProgress progress) {
    engine.buildImage(
        new ImageBuild(
            reference,
            CONTENT,
            DOCKERFILE,
            TARGET,
            Map.of("IMAGE", base),
            Map.of("io.github.slurmmaven.image", "true")),
        progress);
  }

  private static Map<String, byte[]> content() {
    Map<String, byte[]> files = new TreeMap<>();
    List.of(DOCKERFILE, "define-accounts", "make-database", "mariadbd.options")
        .forEach(name -> files.put(name, Resources.bytes(AccountingImage.class, ROOT + name)));
    return files;
  }
}
