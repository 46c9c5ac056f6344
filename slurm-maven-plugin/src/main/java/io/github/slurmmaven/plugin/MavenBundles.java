/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.cluster.SlurmPrograms;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.RepositorySystemSession;
import org.eclipse.aether.artifact.Artifact;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.resolution.ArtifactResolutionException;
import org.eclipse.aether.transfer.ArtifactNotFoundException;

/**
 * The bundles as artifacts of Maven repositories: for each release of Slurm and platform, one of
 * Slurm and one of its accounting. They are downloaded when needed.
 *
 * @param system resolves artifacts
 * @param session session of the build
 * @param repositories the plugin's own repositories
 */
record MavenBundles(
    RepositorySystem system, RepositorySystemSession session, List<RemoteRepository> repositories)
    implements SlurmPrograms {

  private static final String GROUP = "io.github.slurmmaven";
  private static final String ARTIFACT = "slurm-bundle-";

  @Override
  public Optional<Path> jar(String release, String version, String classifier) {
    Artifact bundle = artifact(release, version, classifier);
    try {
      Artifact resolved =
          system
              .resolveArtifact(session, new ArtifactRequest(bundle, repositories, null))
              .getArtifact();
      return Optional.of(resolved.getFile().toPath());
    } catch (ArtifactResolutionException e) {
      if (e.getResults().stream()
          .flatMap(result -> result.getExceptions().stream())
          .allMatch(ArtifactNotFoundException.class::isInstance)) {
        return Optional.empty();
      }
      throw new SlurmClusterException(
          "%s cannot be fetched: %s".formatted(bundle, e.getMessage()), e);
    }
  }

  @Override
  public String absence(String release, String version, String classifier) {
    String missing =
        "The programs for this release and machine are in the artifact %s, "
            .formatted(artifact(release, version, classifier));
    if (session.isOffline()) {
      return missing
          + "which is not in the local repository %s, and Maven is offline. Run the goal once without -o, or set engine to docker."
              .formatted(session.getLocalRepository().getBasedir());
    }
    return missing
        + "which is in no repository (%s). Add the plugin repository that has the plugin itself, and run the goal again with -U; if that has no such artifact either, set engine to docker."
            .formatted(
                repositories.stream()
                    .map(each -> each.getId() + " " + each.getUrl())
                    .collect(Collectors.joining(", ")));
  }

  private Artifact artifact(String release, String version, String classifier) {
    return new DefaultArtifact(GROUP, ARTIFACT + release, classifier, "jar", version);
  }
}
