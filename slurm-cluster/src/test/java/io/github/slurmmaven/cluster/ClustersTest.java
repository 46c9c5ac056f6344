/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.backend.Inventory.ClusterSummary;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which cluster a person means. */
@Timeout(120)
class ClustersTest {

  private static final Optional<String> UNNAMED = Optional.empty();
  private static final Optional<Path> ANYWHERE = Optional.empty();

  private final FakeBackend backend = new FakeBackend();
  private final Clusters clusters = new Clusters(() -> List.of(backend.connect()));
  private final Path project;
  private final Path elsewhere;

  ClustersTest(@TempDir Path directory) throws IOException {
    project =
        Files.createDirectories(directory.resolve("project/module/src")).getParent().getParent();
    elsewhere = Files.createDirectories(directory.resolve("elsewhere"));
  }

  @AfterEach
  void close() {
    backend.close();
  }

  private ClusterId start(String name, Path directory) {
    ClusterRequest clusterRequest =
        backend.cluster(directory.resolve(".slurm-cluster")).name(name).build();
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();
    return new ClusterId(name, cluster.directory());
  }

  private void create(String name, Path directory) {
    backend.cluster(directory.resolve(".slurm-cluster")).name(name).build().create();
  }

  @Test
  void oneOfThisDirectoryIsMeantEvenIfItWasNeverStarted() {
    start("other", elsewhere);
    create("mine", project);

    assertThat(clusters.find(UNNAMED, ANYWHERE, project))
        .isEqualTo(new ClusterId("mine", project.resolve(".slurm-cluster").resolve("mine")));
  }

  @Test
  void oneOfAParentIsMeantFromBelow() {
    ClusterId mine = start("mine", project);
    start("other", elsewhere);

    assertThat(clusters.find(UNNAMED, ANYWHERE, project.resolve("module/src"))).isEqualTo(mine);
    assertThat(clusters.find(UNNAMED, ANYWHERE, mine.directory().resolve("config")))
        .isEqualTo(mine);
  }

  @Test
  void onlyOneThereIsIsMeantFromAnywhere() {
    ClusterId mine = start("mine", project);

    assertThat(clusters.find(UNNAMED, ANYWHERE, elsewhere)).isEqualTo(mine);
  }

  @Test
  void nameIsFoundWhereverItIs() {
    start("mine", project);
    ClusterId other = start("other", elsewhere);

    assertThat(clusters.find(Optional.of("other"), ANYWHERE, project)).isEqualTo(other);
  }

  @Test
  void directoryThatIsNamedCountsFirst() {
    start("mine", project);
    ClusterId other = start("other", elsewhere);

    assertThat(clusters.find(UNNAMED, Optional.of(elsewhere.resolve(".slurm-cluster")), project))
        .isEqualTo(other);
  }

  @Test
  void clusterIsListedWhenItsDirectoryIsGone() throws IOException {
    ClusterId mine = start("mine", project);
    FileTrees.delete(mine.directory());

    assertThat(clusters.list()).extracting(ClusterSummary::id).containsExactly(mine);
    assertThat(clusters.find(UNNAMED, ANYWHERE, elsewhere)).isEqualTo(mine);
  }

  @Test
  void severalAreListedInTheError() {
    ClusterId one = start("one", project);
    ClusterId two = start("two", project);

    assertThatThrownBy(() -> clusters.find(UNNAMED, ANYWHERE, project))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("-Dslurm.name")
        .hasMessageContaining("one  in " + one.directory())
        .hasMessageContaining("two  in " + two.directory());
    assertThatThrownBy(() -> clusters.find(UNNAMED, ANYWHERE, elsewhere))
        .hasMessageContaining("several");
  }

  @Test
  void noneAtAllSaysHowToMakeOne() {
    assertThatThrownBy(() -> clusters.find(UNNAMED, ANYWHERE, project))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("slurm:start");
    assertThat(clusters.findIfAny(UNNAMED, ANYWHERE, project)).isEmpty();
  }

  @Test
  void wrongNameIsToldTheRightOnes() {
    start("mine", project);

    assertThatThrownBy(() -> clusters.find(Optional.of("mime"), ANYWHERE, project))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("'mime'")
        .hasMessageContaining("mine  in ");
  }
}
