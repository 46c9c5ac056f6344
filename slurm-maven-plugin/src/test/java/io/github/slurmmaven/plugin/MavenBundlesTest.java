/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.SlurmClusterException;
import java.io.File;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import org.eclipse.aether.DefaultRepositorySystemSession;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.repository.LocalRepository;
import org.eclipse.aether.repository.LocalRepositoryManager;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.resolution.ArtifactResolutionException;
import org.eclipse.aether.resolution.ArtifactResult;
import org.eclipse.aether.transfer.ArtifactNotFoundException;
import org.eclipse.aether.transfer.ArtifactTransferException;
import org.junit.jupiter.api.Test;

class MavenBundlesTest {

  private static final String CLASSIFIER = "slurm-linux-x86_64";
  private static final String COORDINATES =
      "io.github.slurmmaven:slurm-bundle-24.11:jar:slurm-linux-x86_64:24.11.5-1";
  private static final RemoteRepository CENTRAL =
      new RemoteRepository.Builder("central", "default", "https://repo.example/maven2").build();

  private final DefaultRepositorySystemSession session = new DefaultRepositorySystemSession();

  MavenBundlesTest() {
    session.setLocalRepositoryManager(
        proxy(
            LocalRepositoryManager.class,
            (self, method, arguments) -> new LocalRepository(new File("/m2"))));
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  /** Repositories that answer every request with a failure. */
  private MavenBundles bundles(boolean found) {
    RepositorySystem system =
        proxy(
            RepositorySystem.class,
            (self, method, arguments) -> {
              ArtifactRequest request = (ArtifactRequest) arguments[1];
              ArtifactResult result = new ArtifactResult(request);
              result.addException(
                  found
                      ? new ArtifactTransferException(request.getArtifact(), CENTRAL, "reset")
                      : new ArtifactNotFoundException(request.getArtifact(), CENTRAL));
              throw new ArtifactResolutionException(List.of(result));
            });
    return new MavenBundles(system, session, List.of(CENTRAL));
  }

  @Test
  void absenceFromEveryRepositoryNamesCoordinatesAndRepositories() {
    MavenBundles bundles = bundles(false);

    assertThat(bundles.jar("24.11", "24.11.5-1", CLASSIFIER)).isEmpty();
    assertThat(bundles.absence("24.11", "24.11.5-1", CLASSIFIER))
        .isEqualTo(
            "The programs for this release and machine are in the artifact %s, which is in no"
                + " repository (central https://repo.example/maven2). Add the plugin repository that has the plugin itself, and run the goal again with -U; if that has no such artifact either, set engine to docker.",
            COORDINATES);
  }

  @Test
  void absenceWhileMavenIsOfflineSaysThat() {
    session.setOffline(true);
    MavenBundles bundles = bundles(false);

    assertThat(bundles.jar("24.11", "24.11.5-1", CLASSIFIER)).isEmpty();
    assertThat(bundles.absence("24.11", "24.11.5-1", CLASSIFIER))
        .isEqualTo(
            "The programs for this release and machine are in the artifact %s, which is not in the"
                + " local repository /m2, and Maven is offline. Run the goal once without -o, or"
                + " set engine to docker.",
            COORDINATES);
  }

  @Test
  void transferThatFailsIsNoAbsence() {
    assertThatThrownBy(() -> bundles(true).jar("24.11", "24.11.5-1", CLASSIFIER))
        .isInstanceOf(SlurmClusterException.class)
        .hasMessageContainingAll(COORDINATES, "reset");
  }
}
