/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ImageSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Images for jobs, on an engine in memory. */
@Timeout(120)
class LoadTest {

  private static final List<ImageSource> APP = List.of(new ImageSource.Local("team/app:1"));
  private static final String PLACED = "/var/lib/enroot/loaded/team+app@1.sqsh";

  private final FakeBackend backend = new FakeBackend();
  private final Path output;

  LoadTest(@TempDir Path output) {
    this.output = output;
    backend.engine.withImage("prebuilt:1").withImage("team/app:1");
  }

  @AfterEach
  void close() {
    backend.close();
  }

  private ClusterRequest.Builder builder(boolean withPyxis) {
    return backend.cluster(output).image("prebuilt:1").pyxis(pyxis -> pyxis.withPyxis(withPyxis));
  }

  @Test
  void needsARunningCluster() {
    ClusterRequest clusterRequest = builder(true).build();
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.create();

    assertThatThrownBy(() -> cluster.load(APP))
        .isInstanceOf(UserMistakeException.class)
        .hasMessage("Cluster slurm-test does not run: start it first");
  }

  @Test
  void needsAPlaceForImages() {
    ClusterRequest clusterRequest = builder(false).build();
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();

    assertThatThrownBy(() -> cluster.load(APP))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("has neither a registry nor jobs in containers")
        .hasMessageContaining("withRegistry or withPyxis");
  }

  @Test
  void startLoadsImagesAndReturnsTheirNames() {
    List<List<String>> commands = new ArrayList<>();
    backend.engine.onExec(
        (node, command) -> {
          commands.add(command.command());
          return new CommandResult(0, "", "");
        });

    Connection connection = builder(true).images(APP).build().start();

    assertThat(connection.properties()).containsEntry("slurm.image.app", PLACED);
    assertThat(commands)
        .filteredOn(command -> command.get(0).endsWith("slurm-image-load"))
        .singleElement()
        .satisfies(command -> assertThat(command).element(2).isEqualTo(PLACED));
    assertThat(backend.progress.steps())
        .anyMatch(step -> step.startsWith("Jobs can use " + PLACED + " (slurm.image.app) after "));
  }

  @Test
  void whatWasLoadedBeforeStaysKnown() {
    ClusterRequest clusterRequest = builder(true).images(APP).build();
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();
    backend.engine.withImage("other:2");

    cluster.load(List.of(new ImageSource.Local("other:2")));

    assertThat(cluster.connection().orElseThrow().images())
        .containsOnlyKeys("app", "other")
        .containsEntry("app", PLACED);
  }

  @Test
  void imageThatCannotBePlacedUndoesTheStart() {
    backend.engine.onExec(
        (node, command) ->
            command.command().get(0).endsWith("slurm-image-load")
                ? new CommandResult(1, "", "no room left\n")
                : new CommandResult(0, "", ""));
    ClusterRequest clusterRequest = builder(true).images(APP).build();
    SlurmCluster cluster = clusterRequest.cluster();

    assertThatThrownBy(clusterRequest::start)
        .isInstanceOf(SlurmClusterException.class)
        .hasMessage("Image 'team/app:1' cannot be put onto the nodes: no room left");
    assertThat(backend.engine.listContainers(Map.of())).isEmpty();
  }

  @Test
  void createSaysWhatNodesWithContainersMay() {
    builder(true).build().create();

    assertThat(backend.progress.steps())
        .contains(
            "To run jobs in containers, nodes may do more than Docker allows by default: make user namespaces and mounts; where the host has AppArmor, they run without"
                + " its profile");
  }
}
