/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.definition.ClusterDocument.FileToCopy;
import io.github.slurmmaven.definition.ClusterDocument.Gpus;
import io.github.slurmmaven.definition.ClusterDocument.Mount;
import io.github.slurmmaven.definition.ClusterDocument.Node;
import io.github.slurmmaven.definition.ClusterDocument.Partition;
import io.github.slurmmaven.definition.ClusterDocument.Pyxis;
import io.github.slurmmaven.definition.ClusterDocument.Registry;
import io.github.slurmmaven.definition.ClusterDocument.Services;
import io.github.slurmmaven.definition.ClusterDocument.Ssh;
import io.github.slurmmaven.definition.ClusterDocument.Step;
import io.github.slurmmaven.definition.ClusterDocument.User;
import org.jspecify.annotations.Nullable;

/** Turns a cluster into the document that it is written as. */
final class DocumentWriter {

  private DocumentWriter() {}

  /** The document that a definition is read back from. */
  static ClusterDocument write(ClusterDefinition definition) {
    return new ClusterDocument(
        definition.name(),
        definition.preset().orElse(null),
        definition.slurmVersion().release(),
        definition.slurmSource().url().orElse(null),
        definition.slurmSource().sha256().orElse(null),
        definition.image().orElse(null),
        definition.nodes().stream().map(DocumentWriter::node).toList(),
        definition.partitions().stream().map(DocumentWriter::partition).toList(),
        new Ssh(
            definition.ssh().port().isPresent() ? definition.ssh().port().getAsInt() : null,
            definition.ssh().bindAddress(),
            definition.ssh().passwordLogin()),
        services(definition),
        definition.packages(),
        definition.users().stream().map(user -> new User(user.name(), user.uid())).toList(),
        definition.mounts().stream()
            .map(mount -> new Mount(mount.source(), mount.target(), mount.readOnly()))
            .toList(),
        definition.files().stream()
            .map(file -> new FileToCopy(file.source(), file.target(), file.on()))
            .toList(),
        definition.setup().stream().map(step -> new Step(step.run(), step.on())).toList(),
        definition.slurmConf(),
        definition.cgroupConf());
  }

  private static @Nullable Services services(ClusterDefinition definition) {
    return definition.registry().isEmpty() && definition.pyxis().isEmpty()
        ? null
        : new Services(
            definition
                .registry()
                .map(
                    registry ->
                        Registry.of(
                            registry.image(),
                            registry.port().isPresent() ? registry.port().getAsInt() : null))
                .orElse(null),
            definition.pyxis().map(DocumentWriter::pyxis).orElse(null));
  }

  private static Node node(NodeDefinition node) {
    return new Node(
        node.name(),
        node.role().id(),
        node.cpus(),
        node.memory(),
        node.hasGpus() ? Gpus.of(node.gpus()) : null,
        null,
        node.partitions(),
        node.options());
  }

  private static Partition partition(PartitionDefinition partition) {
    return new Partition(
        partition.name(),
        partition.isDefault(),
        partition.maxTime().orElse(null),
        partition.features(),
        partition.nodes(),
        partition.options());
  }

  private static Pyxis pyxis(PyxisDefinition pyxis) {
    return Pyxis.of(
        pyxis.source().url(),
        pyxis.source().sha256().orElse(null),
        pyxis.enroot().url(),
        pyxis.enroot().sha256().orElse(null),
        pyxis.helpers().id());
  }
}
