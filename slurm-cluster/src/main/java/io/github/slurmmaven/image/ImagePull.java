/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineException.Kind;
import java.util.Optional;

/** Pulls published images of this project, until the registry fails. */
final class ImagePull {

  private final ContainerEngine engine;
  private final PublishedImages published;
  private final Progress progress;
  private Optional<String> repository;

  /**
   * @param asked the user's repository, as in {@link PublishedImages#repository}
   */
  ImagePull(
      ContainerEngine engine,
      PublishedImages published,
      Optional<String> asked,
      Progress progress) {
    this.engine = engine;
    this.published = published;
    this.progress = progress;
    repository = published.repository(asked);
  }

  /**
   * Pulls an image by its digest, and gives it its local name. Reports a failure.
   *
   * @return whether the engine has the image now; otherwise, the image can be built
   * @throws SlurmClusterException when the registry sent content other than the published one
   */
  boolean pull(String reference) {
    if (repository.isEmpty()) {
      return false;
    }
    String place = repository.get();
    Optional<String> digest = published.digest(reference);
    if (digest.isEmpty()) {
      progress.step(
          "Image %s is built here: this version of the plugin knows no published image of that content (imageRepository: %s)"
              .formatted(reference, place));
      return false;
    }
    String source = place + "@" + digest.get();
    progress.step("Pulling image %s from %s".formatted(reference, source));
    long start = System.nanoTime();
    try {
      engine.pullImage(source, new PullShown(progress));
      engine.tagImage(source, reference);
    } catch (EngineException e) {
      if (e.isAway()) {
        throw e;
      }
      if (e.kind() == Kind.OTHER_DIGEST) {
        throw new SlurmClusterException(
            "Image %s was refused: %s sent a different image than the one that was published as %s. Report it to the operator of that registry; to build the image here instead, set imageRepository to none (-Dslurm.imageRepository=none). The engine says: %s"
                .formatted(reference, place, digest.get(), e.getMessage()),
            e);
      }
      if (e.kind() != Kind.NOT_FOUND) {
        repository = Optional.empty();
      }
      progress.warn(
          "Image %s is built here, because it cannot be pulled (imageRepository: %s): %s"
              .formatted(reference, place, e.getMessage()));
      return false;
    }
    progress.step("Image pulled in %.1f s".formatted((System.nanoTime() - start) / 1e9));
    return true;
  }
}
