/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.definition.ClusterDocument.Account;
import io.github.slurmmaven.definition.ClusterDocument.AccountUser;
import io.github.slurmmaven.definition.ClusterDocument.FileToCopy;
import io.github.slurmmaven.definition.ClusterDocument.Gpus;
import io.github.slurmmaven.definition.ClusterDocument.Mount;
import io.github.slurmmaven.definition.ClusterDocument.Node;
import io.github.slurmmaven.definition.ClusterDocument.Partition;
import io.github.slurmmaven.definition.ClusterDocument.Pyxis;
import io.github.slurmmaven.definition.ClusterDocument.Qos;
import io.github.slurmmaven.definition.ClusterDocument.Registry;
import io.github.slurmmaven.definition.ClusterDocument.Services;
import io.github.slurmmaven.definition.ClusterDocument.Ssh;
import io.github.slurmmaven.definition.ClusterDocument.Step;
import io.github.slurmmaven.definition.ClusterDocument.User;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Turns a cluster into a document. */
final class DocumentWriter {

  private DocumentWriter() {}

  /** Returns the document from which the definition can be read again. */
  static ClusterDocument write(ClusterDefinition definition) {
    return new ClusterDocument(
        definition.name(),
        definition.preset().orElse(null),
        definition.slurmVersion().release(),
        definition.slurmSource().url().orElse(null),
        definition.slurmSource().sha256().orElse(null),
        definition.image().orElse(null),
        definition.imageRepository().orElse(null),
        Stream.concat(definition.nodes().stream(), definition.absentNodes().stream())
            .map(DocumentWriter::node)
            .toList(),
        definition.partitions().stream().map(DocumentWriter::partition).toList(),
        new Ssh(
            boxed(definition.ssh().port()).orElse(null),
            definition.ssh().bindAddress(),
            definition.ssh().passwordLogin()),
        services(definition),
        definition.accounting().isPresent() ? true : null,
        definition.accounting().map(AccountingDefinition::enforce).orElse(null),
        definition.accounting().map(DocumentWriter::accounts).orElse(null),
        definition.accounting().map(DocumentWriter::qos).orElse(null),
        definition.rest().isPresent() ? true : null,
        definition.rest().flatMap(rest -> boxed(rest.port())).orElse(null),
        definition.pbsCommands() ? true : null,
        definition.clockSpeed() == 1 ? null : definition.clockSpeed(),
        definition.jobClock() ? true : null,
        definition.packages(),
        users(definition),
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

  private static Optional<Integer> boxed(OptionalInt port) {
    return port.stream().boxed().findFirst();
  }

  private static @Nullable Services services(ClusterDefinition definition) {
    return definition.registry().isEmpty() && definition.pyxis().isEmpty()
        ? null
        : new Services(
            definition
                .registry()
                .map(registry -> Registry.of(registry.image(), boxed(registry.port()).orElse(null)))
                .orElse(null),
            definition.pyxis().map(DocumentWriter::pyxis).orElse(null));
  }

  private static Node node(NodeDefinition node) {
    return new Node(
        node.name(),
        node.role().id(),
        node.cpus(),
        node.memory(),
        node.hasGpus() ? gpus(node.gpus()) : null,
        null,
        node.partitions(),
        node.options());
  }

  private static Gpus gpus(Map<String, Integer> byType) {
    Integer untyped = byType.get(NodeDefinition.UNTYPED);
    return untyped != null ? Gpus.of(untyped) : Gpus.of(byType);
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

  private static List<Account> accounts(AccountingDefinition accounting) {
    return accounting.accounts().stream()
        .map(
            account ->
                new Account(
                    account.name(),
                    account.parent().orElse(null),
                    account.shares(),
                    account.limits().isEmpty() ? null : account.limits(),
                    account.defaultQos().orElse(null),
                    account.qos().isEmpty() ? null : account.qos(),
                    account.users().isEmpty()
                        ? null
                        : account.users().stream().map(DocumentWriter::user).toList()))
        .toList();
  }

  private static AccountUser user(AccountingDefinition.AccountUser user) {
    return new AccountUser(
        user.name(),
        user.isDefault() ? true : null,
        user.partition().orElse(null),
        user.shares().orElse(null),
        user.limits().isEmpty() ? null : user.limits(),
        user.defaultQos().orElse(null),
        user.qos().isEmpty() ? null : user.qos());
  }

  private static List<Qos> qos(AccountingDefinition accounting) {
    return accounting.qos().stream()
        .map(
            qos ->
                new Qos(
                    qos.name(),
                    qos.priority(),
                    qos.limits(),
                    qos.flags(),
                    qos.preempt(),
                    qos.options().isEmpty() ? null : qos.options()))
        .toList();
  }

  private static List<User> users(ClusterDefinition definition) {
    List<AccountingDefinition.Member> members =
        definition.accounting().map(AccountingDefinition::members).orElse(List.of());
    List<User> users = new ArrayList<>();
    for (UserDefinition user : definition.users()) {
      users.add(
          members.stream()
              .filter(member -> member.user().equals(user.name()))
              .findFirst()
              .map(member -> user(member, user.uid()))
              .orElseGet(() -> new User(user.name(), user.uid(), null, null, null)));
    }
    // After the others, whose uids may depend on their order.
    members.stream()
        .filter(member -> member.user().equals(SshDefinition.USER))
        .forEach(member -> users.add(user(member, null)));
    return users;
  }

  private static User user(AccountingDefinition.Member member, @Nullable Integer uid) {
    return new User(
        member.user(),
        uid,
        member.accounts(),
        member.defaultQos().orElse(null),
        member.qos().isEmpty() ? null : member.qos());
  }
}
