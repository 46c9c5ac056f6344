/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.Sha256;
import io.github.slurmmaven.definition.Archive;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ReleaseFact;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.engine.ImageBuild;
import io.github.slurmmaven.resource.Resources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;

/**
 * A Debian image with packages of a Slurm that is compiled from its source archive. It takes the
 * place of a Debian image with Debian's own Slurm as the base of a cluster's image.
 */
final class SourceImage {

  private static final String ROOT = "/io/github/slurmmaven/images/source/";
  private static final String DOCKERFILE = "Dockerfile";
  private static final String SCRIPT = "make-packages";
  private static final String COMPILE = "compile";
  private static final int TAG_DIGITS = 12;

  private final SlurmVersion version;
  private final Archive archive;
  private final byte[] content;

  private SourceImage(SlurmVersion version, Archive archive, byte[] content) {
    this.version = version;
    this.archive = archive;
    this.content = content;
  }

  /**
   * Fetches the archive of a cluster's Slurm, and returns its image.
   *
   * @throws UserMistakeException when it cannot be fetched; names it and the parameter that helps
   */
  static SourceImage fetch(ClusterDefinition definition, Downloads downloads) {
    SlurmVersion version = definition.slurmVersion();
    Archive archive = definition.slurmSource().archive(version);
    try {
      return new SourceImage(
          version,
          archive,
          downloads.fetch(
              archive, "slurmSourceSha256", content -> SlurmArchive.version(content).isPresent()));
    } catch (IOException e) {
      throw new UserMistakeException(
          ("Slurm %s is compiled from source, and its archive could not be fetched from %s: %s. Name"
                  + " a mirror or a file of it with -Dslurm.slurmSource, or a prebuilt image that has"
                  + " this Slurm with -Dslurm.image; or set slurmVersion to a release that Debian"
                  + " packages (%s).")
              .formatted(version, archive.url(), e.getMessage(), SlurmVersion.packagedInWords()),
          e);
    }
  }

  /** Returns its reference, whether the image exists or not. */
  String reference() {
    return tag("source");
  }

  /** Returns the place of the archive. */
  String origin() {
    return archive.url();
  }

  private String tag(String stage) {
    MessageDigest digest = Sha256.begin();
    digest.update(Resources.bytes(SourceImage.class, ROOT + DOCKERFILE));
    digest.update(Resources.bytes(SourceImage.class, ROOT + SCRIPT));
    digest.update(base().getBytes(StandardCharsets.UTF_8));
    digest.update(content);
    return ClusterImages.REPOSITORY
        + "-"
        + stage
        + ":"
        + version.release()
        + "-"
        + Sha256.end(digest).substring(0, TAG_DIGITS);
  }

  /** Returns the Debian release whose compiler and libraries can compile the release. */
  private String base() {
    return (ReleaseFact.COMPILED_BY_GCC_14.isTrueOf(version)
            ? SlurmVersion.V24_11
            : SlurmVersion.V22_05)
        .baseImage()
        .orElseThrow();
  }

  /**
   * Returns the build of the image.
   *
   * @throws InvalidParameterException when the archive is not one of this version's sources
   */
  ImageBuild build() {
    SlurmVersion found =
        SlurmArchive.version(content)
            .orElseThrow(
                () ->
                    new InvalidParameterException(
                        "slurmSource",
                        archive.url(),
                        "is not a source archive of Slurm (%d bytes, no META file with a version in it): name one as upstream releases it, for example slurm-%s.tar.bz2"
                            .formatted(
                                content.length,
                                version.patch().isPresent() ? version : version + ".1")));
    if (!found.isOf(version)) {
      throw new InvalidParameterException(
          "slurmSource",
          archive.url(),
          "has the sources of Slurm %s, and slurmVersion asks for %s: set slurmVersion to %1$s, or name an archive of %2$s"
              .formatted(found, version));
    }
    return stage(reference(), "source");
  }

  /**
   * Returns the build of the compiling stage, with a name, without which it would stay as {@code
   * <none>}.
   */
  ImageBuild compileStage() {
    return stage(tag(COMPILE), COMPILE);
  }

  private ImageBuild stage(String tag, String stage) {
    return new ImageBuild(
        tag,
        Map.of(
            DOCKERFILE,
            Resources.bytes(SourceImage.class, ROOT + DOCKERFILE),
            SCRIPT,
            Resources.bytes(SourceImage.class, ROOT + SCRIPT),
            "archive",
            content),
        DOCKERFILE,
        stage,
        Map.of("BASE_IMAGE", base()),
        Map.of("io.github.slurmmaven.image", "true"));
  }
}
