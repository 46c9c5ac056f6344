/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.backend.Inventory.ClusterSummary;
import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.FakeContainerEngine.Operation;
import io.github.slurmmaven.files.ClusterFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a killed build leaves, and the next one removes. */
@Timeout(120)
class ReaperTest {

  private final FakeBackend backend = new FakeBackend();
  private final Path directory;

  ReaperTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @AfterEach
  void close() {
    backend.close();
  }

  private ClusterRequest cluster(String name, Owner owner) {
    return backend.cluster(directory).name(name).owner(owner).build();
  }

  /** A build that was killed: its process is gone. */
  private static Owner killed() throws IOException, InterruptedException {
    Process process = new ProcessBuilder("sleep", "60").start();
    Owner owner = build(process);
    process.destroyForcibly().waitFor();
    return owner;
  }

  private static Owner build(Process process) {
    String self = Owner.thisBuild().value();
    long start = process.info().startInstant().orElseThrow().toEpochMilli();
    return new Owner(
        "build:%d:%d:%s"
            .formatted(process.pid(), start, self.substring(self.lastIndexOf(':') + 1)));
  }

  private Iterable<String> clusters() {
    return new Clusters(() -> List.of(backend.connect()))
        .list().stream().map(ClusterSummary::id).map(id -> id.name()).toList();
  }

  @Nested
  @DisplayName("An owner")
  class Owners {

    @Test
    void isAliveWhileItsProcessRuns() {
      assertThat(Owner.thisBuild().isDeadBuild()).isFalse();
    }

    @Test
    void isDeadWhenItsProcessIsGone() throws Exception {
      assertThat(killed().isDeadBuild()).isTrue();
    }

    @Test
    void isDeadWhenAnotherProcessHasItsId() {
      String[] self = Owner.thisBuild().value().split(":", 4);

      assertThat(
              new Owner(
                      "build:%s:%d:%s".formatted(self[1], Long.parseLong(self[2]) - 5000, self[3]))
                  .isDeadBuild())
          .isTrue();
    }

    @Test
    void ofAnotherMachineIsNeverDead() throws Exception {
      assertThat(new Owner(killed().value() + "-other").isDeadBuild()).isFalse();
    }

    @Test
    void whoIsAPersonOrUnknownIsNeverDead() {
      assertThat(Owner.byHand().isDeadBuild()).isFalse();
      assertThat(new Owner("").isDeadBuild()).isFalse();
      assertThat(new Owner("build:x").isDeadBuild()).isFalse();
    }
  }

  @Nested
  @DisplayName("A cluster that was started by hand")
  class StartedByHand {

    private final ClusterRequest mine = cluster("mine", Owner.byHand());
    private final ClusterRequest builds = cluster("mine", Owner.thisBuild());

    private String container() {
      return backend.engine.listContainers(Map.of()).get(0).id();
    }

    private boolean runs() {
      return backend.engine.inspectContainer(container()).running();
    }

    @Test
    void isUsedByABuildAndLeftRunning() {
      Connection connection = mine.start();
      String container = container();

      assertThat(builds.create()).isFalse();
      assertThat(builds.start()).isEqualTo(connection);
      builds.cluster().stop();
      builds.cluster().destroy();

      assertThat(container()).isEqualTo(container);
      assertThat(runs()).isTrue();
      assertThat(mine.cluster().connection()).contains(connection);
      assertThat(backend.progress.steps())
          .contains(
              "Cluster mine was started by hand: this build uses it and leaves it running (mvn"
                  + " slurm:destroy removes it)",
              "Cluster mine was started by hand: left as it is (mvn slurm:destroy removes it)");
    }

    @Test
    void isStillThePersonsWhenABuildStartsItAfterAStop() {
      mine.start();
      mine.cluster().stop();

      builds.start();
      builds.cluster().destroy();

      assertThat(runs()).isTrue();
      assertThat(backend.connect().inventory().owners()).containsValue(Owner.byHand());
    }

    @Test
    void isLeftByABuildWhoseStartFails() {
      mine.start();
      backend.engine.onExec((node, command) -> new CommandResult(1, "", "no sinfo\n"));

      assertThatThrownBy(builds::start).isInstanceOf(SlurmClusterException.class);

      assertThat(runs()).isTrue();
    }

    @Test
    void thatDockerComposeBroughtUpIsAPersonsToo() {
      mine.create();
      backend
          .connect()
          .provisioner()
          .up(
              new ClusterFiles(new ClusterId("mine", mine.directory())),
              Owner.nobody(),
              backend.progress);

      builds.start();
      builds.cluster().destroy();

      assertThat(runs()).isTrue();
    }

    @Test
    void isRefusedToABuildThatAsksForAnotherOne() {
      ClusterRequest gpusRequest = backend.cluster(directory).name("mine").preset("gpu").build();
      SlurmCluster gpus = gpusRequest.cluster();
      gpusRequest.start();
      ClusterRequest moreCpusRequest =
          backend
              .cluster(directory)
              .name("mine")
              .preset("gpu")
              .nodes(nodes -> nodes.cpusPerNode(7))
              .ownedByThisBuild(true)
              .build();
      SlurmCluster moreCpus = moreCpusRequest.cluster();

      for (ThrowingCallable call :
          List.<ThrowingCallable>of(
              builds::create, builds::start, moreCpusRequest::create, moreCpusRequest::start)) {
        assertThatThrownBy(call)
            .isExactlyInstanceOf(UserMistakeException.class)
            .hasMessageStartingWith(
                "Cluster mine in %s was started by hand, and this build cannot use it: "
                    .formatted(gpus.directory()))
            .hasMessageEndingWith(
                "Remove it with mvn slurm:destroy, or give the build's cluster another name"
                    + " (-Dslurm.name)");
      }
      assertThatThrownBy(moreCpusRequest::start)
          .hasMessageContaining("cpusPerNode: '7' is not what the existing cluster has (4). ");
      assertThatThrownBy(builds::start)
          .hasMessageContaining("it has another definition than this build asks for. ");
      assertThat(runs()).isTrue();
    }

    @Test
    void isRefusedToABuildWhenItsFilesAreGone() throws Exception {
      mine.start();
      Files.move(mine.directory(), directory.resolve("elsewhere"));

      assertThatThrownBy(builds::start)
          .isExactlyInstanceOf(UserMistakeException.class)
          .hasMessageStartingWith("There are no files of cluster mine in " + mine.directory())
          .hasMessageEndingWith("remove it with mvn slurm:destroy");
    }

    @Test
    void isDestroyedByThePerson() {
      mine.start();
      builds.start();

      mine.cluster().destroy();

      assertThat(backend.engine.isEmpty()).isTrue();
      assertThat(mine.directory()).doesNotExist();
    }
  }

  @Nested
  @DisplayName("The next start")
  class NextStart {

    @Test
    void removesWhatAKilledBuildLeft() throws Exception {
      ClusterRequest left = cluster("left", killed());
      left.start();

      cluster("next", Owner.thisBuild()).start();

      assertThat(clusters()).containsExactly("next");
      assertThat(left.directory()).doesNotExist();
      assertThat(backend.progress.steps())
          .contains(
              "Removed cluster left, which a killed build left behind in " + left.directory());
    }

    @Test
    void leavesWhatALiveBuildOrAPersonHas() {
      cluster("builds", Owner.thisBuild()).start();
      cluster("mine", Owner.byHand()).start();

      cluster("next", Owner.thisBuild()).start();

      assertThat(clusters()).containsExactly("builds", "mine", "next");
    }

    @Test
    void ofTheSameClusterIsRefusedWhileTheOtherBuildRuns() throws Exception {
      Process other = new ProcessBuilder("sleep", "60").start();
      try {
        ClusterRequest theirs = cluster("same", build(other));
        theirs.start();
        ClusterRequest ours = cluster("same", Owner.thisBuild());

        for (ThrowingCallable call : List.<ThrowingCallable>of(ours::create, ours::start)) {
          assertThatThrownBy(call)
              .isInstanceOf(UserMistakeException.class)
              .hasMessageContaining("same in " + theirs.directory())
              .hasMessageContaining("still runs (process " + other.pid() + ")")
              .hasMessageContaining("-Dslurm.name");
        }
        assertThat(theirs.cluster().connection()).isPresent();
        // A person may look into it.
        assertThat(cluster("same", Owner.byHand()).start()).isEqualTo(theirs.start());
      } finally {
        other.destroyForcibly().waitFor();
      }

      cluster("same", Owner.thisBuild()).start();
    }

    @Test
    void ofTheSameClusterStartsAgainAndKeepsItsFiles() throws Exception {
      ClusterRequest left = cluster("same", killed());
      left.start();
      String container = backend.engine.listContainers(Map.of()).get(0).id();

      ClusterRequest next = cluster("same", Owner.thisBuild());
      next.start();

      assertThat(backend.engine.listContainers(Map.of()))
          .singleElement()
          .satisfies(there -> assertThat(there.id()).isNotEqualTo(container));
      assertThat(next.directory()).exists();
    }

    @Test
    void removesWhatARemovalLeftThatWasKilled() throws Exception {
      ClusterRequest left = cluster("left", killed());
      left.start();
      Path removed = left.directory().resolveSibling(".left.removed");
      Files.move(left.directory(), removed);

      cluster("next", Owner.thisBuild()).create();

      assertThat(removed).doesNotExist();
      assertThat(left.directory()).doesNotExist();
    }

    @Test
    void removesWhatAStartLeftThatWasCutShort() throws Exception {
      ClusterRequest left = cluster("left", killed());
      left.start();
      backend.engine.removeContainer(backend.engine.listContainers(Map.of()).get(0).id());

      cluster("next", Owner.thisBuild()).start();

      assertThat(backend.engine.listVolumes(Map.of("io.github.slurmmaven.cluster", "left")))
          .isEmpty();
      assertThat(backend.engine.listNetworks())
          .noneMatch(network -> network.name().startsWith("left"));
    }

    @Test
    void goesOnWhenSomethingCannotBeRemoved() throws Exception {
      cluster("left", killed()).start();
      backend.engine.failNext(
          Operation.REMOVE_CONTAINER,
          new EngineException(EngineException.Kind.OTHER, "device busy", null));

      cluster("next", Owner.thisBuild()).start();

      assertThat(backend.progress.warnings())
          .anyMatch(warning -> warning.contains("left") && warning.contains("device busy"));
    }
  }

  @Test
  @DisplayName("All clusters can be removed at once, whoever owns them")
  void everythingCanBeRemoved() {
    ClusterRequest build = cluster("builds", Owner.thisBuild());
    build.start();
    cluster("mine", Owner.byHand()).start();

    new Clusters(() -> List.of(backend.connect())).destroyAll(backend.progress);

    assertThat(clusters()).isEmpty();
    assertThat(backend.engine.listVolumes(Map.of())).isEmpty();
    assertThat(build.directory()).doesNotExist();
  }
}
