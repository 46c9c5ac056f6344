/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files.render;

import io.github.slurmmaven.definition.AccountingDefinition;
import io.github.slurmmaven.definition.AccountingDefinition.Account;
import io.github.slurmmaven.definition.AccountingDefinition.AccountUser;
import io.github.slurmmaven.definition.AccountingDefinition.Member;
import io.github.slurmmaven.definition.AccountingDefinition.Qos;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.NodeDefinition;
import io.github.slurmmaven.definition.SlurmConfLine;
import io.github.slurmmaven.definition.SshDefinition;
import io.github.slurmmaven.definition.UserDefinition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Slurm's accounting for the templates.
 *
 * @param host host of slurmdbd
 * @param port its port; 0 for Slurm's default
 * @param munge Munge's socket; empty for the default
 * @param enforce Slurm's AccountingStorageEnforce; empty for none
 * @param tres trackable resources besides Slurm's own; empty for none
 * @param lines further lines of slurm.conf
 * @param qos qualities of service
 * @param allQos the names of all qualities of service, including Slurm's own; empty if there is
 *     only that
 * @param accounts accounts
 * @param members users
 * @param newUsers commands that add users to accounts, besides those of the members
 * @param userValues commands that give users their values in accounts
 */
public record AccountingModel(
    String host,
    int port,
    String munge,
    String enforce,
    String tres,
    List<String> lines,
    List<QosModel> qos,
    String allQos,
    List<AccountModel> accounts,
    List<MemberModel> members,
    List<String> newUsers,
    List<String> userValues) {

  private static final String NORMAL = "normal";

  /** The number of users in a command. */
  private static final int USERS_OF_A_COMMAND = 500;

  /** An account: its name, its parent, and its values in sacctmgr's notation. */
  public record AccountModel(String name, String parent, String values) {

    static AccountModel of(Account account) {
      StringJoiner values = new StringJoiner(" ").add("fairshare=" + account.shares());
      account.limits().forEach((name, value) -> values.add(name + "=" + value));
      if (!account.qos().isEmpty()) {
        values.add("qos=" + String.join(",", account.qos()));
      }
      account.defaultQos().ifPresent(qos -> values.add("defaultqos=" + qos));
      return new AccountModel(account.name(), account.parent().orElse("root"), values.toString());
    }
  }

  /** A quality of service: its name, and its values in sacctmgr's notation. */
  public record QosModel(String name, String values) {

    /** Whether it must be added. Slurm's own exists already. */
    public boolean isNew() {
      return !name.equals(NORMAL);
    }

    static QosModel of(Qos qos) {
      StringJoiner values = new StringJoiner(" ").add("priority=" + qos.priority());
      qos.limits().forEach((name, value) -> values.add(name + "=" + value));
      if (!qos.flags().isEmpty()) {
        values.add("flags=" + String.join(",", qos.flags()));
      }
      if (!qos.preempt().isEmpty()) {
        values.add("preempt=" + String.join(",", qos.preempt()));
      }
      qos.options().forEach((name, value) -> values.add(name + "=" + value));
      return new QosModel(qos.name(), values.toString());
    }
  }

  /** A user: accounts separated by commas, and the commands after the one that adds the user. */
  public record MemberModel(String user, String accounts, List<String> changes) {

    /**
     * @param user the user's name on the backend
     * @param choice whether the cluster has qualities of service besides Slurm's own
     */
    static MemberModel of(Member member, String user, boolean choice) {
      List<String> changes = new ArrayList<>();
      changes.add("modify user %s set defaultaccount=%s".formatted(user, member.accounts().get(0)));
      // The only user who is in the database from the start, with this account.
      if (member.user().equals(SshDefinition.USER)
          && !member.accounts().contains(AccountingDefinition.DEFAULT_ACCOUNT)) {
        changes.add(
            "remove user %s account=%s".formatted(user, AccountingDefinition.DEFAULT_ACCOUNT));
      }
      // In one command, because Slurm refuses qualities of service that do not include the user's
      // default.
      StringJoiner access = new StringJoiner(" ");
      if (choice || !member.qos().isEmpty()) {
        // Without this, the user has the account's.
        access.add("qos=" + String.join(",", member.qos()));
      }
      defaultQos(member).ifPresent(qos -> access.add("defaultqos=" + qos));
      if (access.length() > 0) {
        changes.add("modify user %s set %s".formatted(user, access));
      }
      return new MemberModel(user, String.join(",", member.accounts()), changes);
    }

    private static Optional<String> defaultQos(Member member) {
      if (member.defaultQos().isPresent() || member.qos().isEmpty()) {
        return member.defaultQos();
      }
      return Optional.of(member.qos().contains(NORMAL) ? NORMAL : member.qos().get(0));
    }
  }

  /**
   * The users of accounts as commands of sacctmgr. There are as few commands as possible, because a
   * site has thousands of users, and slurmdbd takes about as long for one new user as for fifty.
   */
  private static final class UserCommands {

    private final List<String> added = new ArrayList<>();
    private final List<String> values = new ArrayList<>();

    /**
     * @param members users whose accounts other commands add
     * @param user the name of the user {@value SshDefinition#USER} on the backend
     */
    static UserCommands of(AccountingDefinition accounting, List<Member> members, String user) {
      UserCommands commands = new UserCommands();
      for (Account account : accounting.accounts()) {
        Set<String> there =
            members.stream()
                .filter(member -> member.accounts().contains(account.name()))
                .map(Member::user)
                .collect(Collectors.toSet());
        Map<String, List<String>> added = new LinkedHashMap<>();
        Map<String, List<String>> changed = new LinkedHashMap<>();
        account.users().stream()
            .filter(each -> each.name().equals(SshDefinition.USER) || !each.name().equals(user))
            // First the change without a partition, because it affects the user in all partitions.
            .sorted(Comparator.comparing(each -> each.partition().isPresent()))
            .forEach(
                each -> {
                  String name = each.name().equals(SshDefinition.USER) ? user : each.name();
                  String place = account.name() + partition(each);
                  if (each.partition().isPresent() || !there.contains(each.name())) {
                    addTo(added, "add user %s account=" + place, name);
                  }
                  if (each.isDefault()) {
                    addTo(changed, "modify user %s set defaultaccount=" + account.name(), name);
                  }
                  String changes = changes(each);
                  if (!changes.isEmpty()) {
                    addTo(
                        changed,
                        "modify user where name=%s account=" + place + " set " + changes,
                        name);
                  }
                });
        write(added, commands.added);
        write(changed, commands.values);
      }
      return commands;
    }

    private static void addTo(Map<String, List<String>> names, String command, String name) {
      names.computeIfAbsent(command, key -> new ArrayList<>()).add(name);
    }

    private static void write(Map<String, List<String>> names, List<String> lines) {
      names.forEach(
          (command, all) -> {
            for (int i = 0; i < all.size(); i += USERS_OF_A_COMMAND) {
              lines.add(
                  command.formatted(
                      String.join(
                          ",", all.subList(i, Math.min(i + USERS_OF_A_COMMAND, all.size())))));
            }
          });
    }

    private static String partition(AccountUser user) {
      return user.partition().map(name -> " partition=" + name).orElse("");
    }

    private static String changes(AccountUser user) {
      StringJoiner changes = new StringJoiner(" ").setEmptyValue("");
      user.shares().ifPresent(shares -> changes.add("fairshare=" + shares));
      user.limits().forEach((name, value) -> changes.add(name + "=" + value));
      if (!user.qos().isEmpty()) {
        changes.add("qos=" + String.join(",", user.qos()));
      }
      user.defaultQos().ifPresent(qos -> changes.add("defaultqos=" + qos));
      return changes.toString();
    }
  }

  /**
   * Returns the accounting of a cluster.
   *
   * @param user the name of the user {@value SshDefinition#USER} on the backend
   * @param says whether the definition's own lines of slurm.conf set a key
   */
  static AccountingModel of(
      ClusterDefinition definition,
      AccountingDefinition accounting,
      String host,
      int port,
      String munge,
      String user,
      Predicate<String> says) {
    List<Member> members = new ArrayList<>(accounting.members());
    Set<String> known = members.stream().map(Member::user).collect(Collectors.toSet());
    definition.users().stream()
        .map(UserDefinition::name)
        .filter(name -> !known.contains(name))
        .map(
            name ->
                new Member(
                    name,
                    List.of(AccountingDefinition.DEFAULT_ACCOUNT),
                    Optional.empty(),
                    List.of()))
        .forEach(members::add);
    Set<String> names = new LinkedHashSet<>(List.of(NORMAL));
    accounting.qos().forEach(qos -> names.add(qos.name()));
    UserCommands users = UserCommands.of(accounting, members, user);
    return new AccountingModel(
        host,
        port,
        munge,
        String.join(",", accounting.enforce()),
        tres(definition),
        lines(accounting).filter(line -> !says.test(line.split("=", 2)[0])).toList(),
        accounting.qos().stream().map(QosModel::of).toList(),
        accounting.qos().isEmpty() ? "" : String.join(",", names),
        accounting.accounts().stream().map(AccountModel::of).toList(),
        members.stream()
            .map(
                member ->
                    MemberModel.of(
                        member,
                        member.user().equals(SshDefinition.USER) ? user : member.user(),
                        !accounting.qos().isEmpty()))
            .toList(),
        List.copyOf(users.added),
        List.copyOf(users.values));
  }

  private static String tres(ClusterDefinition definition) {
    Set<String> names = new LinkedHashSet<>();
    for (NodeDefinition node : definition.nodes()) {
      if (node.hasGpus()) {
        names.add("gres/gpu");
        node.gpus().keySet().stream()
            .filter(type -> !type.equals(NodeDefinition.UNTYPED))
            .forEach(type -> names.add("gres/gpu:" + type));
      }
    }
    names.addAll(SlurmConfLine.licenses(definition.slurmConf()));
    return String.join(",", names);
  }

  /**
   * Returns the lines that enable shares, and priorities and preemption of qualities of service.
   */
  private static Stream<String> lines(AccountingDefinition accounting) {
    Stream<String> priority =
        Stream.of(
            "PriorityType=priority/multifactor",
            "PriorityWeightFairshare=1000",
            "PriorityWeightQOS=1000");
    return accounting.qos().stream().anyMatch(qos -> !qos.preempt().isEmpty())
        ? Stream.concat(priority, Stream.of("PreemptType=preempt/qos", "PreemptMode=REQUEUE"))
        : priority;
  }
}
