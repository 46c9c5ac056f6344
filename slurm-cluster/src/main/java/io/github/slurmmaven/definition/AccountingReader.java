/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.AccountingDefinition.AccountUser;
import io.github.slurmmaven.definition.AccountingDefinition.LimitKind;
import io.github.slurmmaven.definition.AccountingDefinition.Limited;
import io.github.slurmmaven.definition.AccountingDefinition.Member;
import io.github.slurmmaven.definition.ClusterDocument.Account;
import io.github.slurmmaven.definition.ClusterDocument.Qos;
import io.github.slurmmaven.definition.ClusterDocument.User;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the accounting of a document. */
final class AccountingReader {

  private static final String ROOT = "root";
  private static final String ACCOUNT = "account";

  /** Slurm's own quality of service, which every user may use. */
  private static final String NORMAL = "normal";

  /** The values that Slurm must enforce so that limits and qualities of service take effect. */
  private static final List<String> ENFORCE_ALL = List.of("associations", "limits", "qos");

  private static final String GPUS = "gres/gpu";

  /** A number, with the suffix of a size; -1 lifts a limit. */
  private static final Pattern AMOUNT = Pattern.compile("-1|\\d{1,18}[KMGTPkmgtp]?");

  private static final Pattern COUNT = Pattern.compile("-1|\\d{1,9}");

  private final DocumentChecks checks;
  private final Set<String> partitions;

  /**
   * @param partitions the names of the cluster's partitions
   */
  AccountingReader(DocumentChecks checks, Set<String> partitions) {
    this.checks = checks;
    this.partitions = partitions;
  }

  /** Reads the accounting of a cluster with these nodes; empty if the document has none. */
  Optional<AccountingDefinition> read(ClusterDocument document, List<NodeDefinition> nodes) {
    if (document.accounting() == null || !document.accounting()) {
      refuseWithoutAccounting(document);
      return Optional.empty();
    }
    Set<String> tres = tres(nodes);
    tres.addAll(
        SlurmConfLine.licenses(document.slurmConf() == null ? List.of() : document.slurmConf()));
    List<AccountingDefinition.Qos> qos = qos(document.qos(), tres);
    List<AccountingDefinition.Account> accounts =
        accounts(
            document.accounts(), tres, qos.stream().map(AccountingDefinition.Qos::name).toList());
    List<Member> members =
        members(
            document.users(),
            accounts.stream().map(AccountingDefinition.Account::name).toList(),
            qos.stream().map(AccountingDefinition.Qos::name).toList());
    AccountingDefinition asked = new AccountingDefinition(ENFORCE_ALL, accounts, qos, members);
    return Optional.of(
        new AccountingDefinition(
            document.accountingEnforce() == null
                ? asked.hasOwnRecords() ? ENFORCE_ALL : List.of()
                : checks.each(
                    "accounting_enforce", document.accountingEnforce(), this::enforceable),
            accounts,
            qos,
            members));
  }

  private void refuseWithoutAccounting(ClusterDocument document) {
    refuse("accounts", document.accounts());
    refuse("qos", document.qos());
    refuse("accounting_enforce", document.accountingEnforce());
    List<User> users = document.users() == null ? List.of() : document.users();
    for (int i = 0; i < users.size(); i++) {
      User user = users.get(i);
      if (user != null && user.needsAccounting()) {
        String key =
            user.accounts() != null
                ? "accounts"
                : user.defaultQos() != null ? "default_qos" : "qos";
        throw withoutAccounting("users[%d].%s".formatted(i, key));
      }
    }
  }

  private void refuse(String path, @Nullable List<?> values) {
    if (values != null && !values.isEmpty()) {
      throw withoutAccounting(path);
    }
  }

  private UserMistakeException withoutAccounting(String path) {
    return new UserMistakeException(
        checks.origin().of(path)
            + " is for a cluster with accounting, and this one has none: set accounting to true, or"
            + " leave it out");
  }

  private String enforceable(String path, String word) {
    if (!AccountingDefinition.ENFORCEABLE.contains(word)) {
      throw checks.mistake(
          path,
          word,
          "is not what Slurm enforces: use " + String.join(", ", AccountingDefinition.ENFORCEABLE));
    }
    return word;
  }

  // ---- accounts --------------------------------------------------------------------------------

  private List<AccountingDefinition.Account> accounts(
      @Nullable List<Account> given, Set<String> tres, List<String> qos) {
    Map<String, AccountingDefinition.Account> accounts = new LinkedHashMap<>();
    Map<String, String> paths = new LinkedHashMap<>();
    checks
        .each("accounts", given, (path, account) -> account(path, account, tres, qos))
        .forEach(
            account -> {
              String path = "accounts[" + accounts.size() + "]";
              checks.unique(path + ".name", account.name(), accounts.keySet());
              accounts.put(account.name(), account);
              paths.put(account.name(), path);
            });
    oneDefaultAccountForEach(accounts.values());
    Set<String> ordered = new LinkedHashSet<>();
    for (AccountingDefinition.Account account : accounts.values()) {
      addBehindParent(account, accounts, paths, ordered, new LinkedHashSet<>());
    }
    return ordered.stream().map(accounts::get).toList();
  }

  private AccountingDefinition.Account account(
      String path, Account account, Set<String> tres, List<String> qos) {
    String name = accountName(path + ".name", checks.present(path + ".name", account.name()));
    int shares = account.shares() == null ? 1 : account.shares();
    List<String> allowed = account.qos() == null ? List.of() : account.qos();
    knownQos(path + ".qos", allowed, qos);
    Optional<String> first = Optional.ofNullable(account.defaultQos());
    first.ifPresent(each -> knownQos(path + ".default_qos", each, qos));
    requireAmong(path + ".default_qos", first, allowed, "account");
    return new AccountingDefinition.Account(
        name,
        Optional.ofNullable(account.parent()),
        checks.check(() -> Checks.atLeast(path + ".shares", shares, 0)),
        limits(path + ".limits", account.limits(), Limited.ACCOUNT, tres),
        first,
        allowed,
        accountUsers(path + ".users", account.users(), tres, qos));
  }

  private List<AccountUser> accountUsers(
      String path,
      @Nullable List<ClusterDocument.AccountUser> given,
      Set<String> tres,
      List<String> qos) {
    Set<List<Object>> known = new HashSet<>();
    return checks.each(
        path,
        given,
        (at, user) -> {
          String name = checks.present(at + ".name", user.name());
          checks.check(() -> Checks.accountUser(at + ".name", name));
          Optional<String> partition = Optional.ofNullable(user.partition());
          partition.ifPresent(
              each -> checks.known(at + ".partition", each, partitions, "partition"));
          if (!known.add(List.of(name, partition))) {
            throw checks.mistake(
                at + ".name", name, "is there twice: leave one out, or give it another partition");
          }
          Optional<Integer> shares = Optional.ofNullable(user.shares());
          shares.ifPresent(number -> checks.check(() -> Checks.atLeast(at + ".shares", number, 0)));
          List<String> allowed = user.qos() == null ? List.of() : user.qos();
          knownQos(at + ".qos", allowed, qos);
          Optional<String> first = Optional.ofNullable(user.defaultQos());
          first.ifPresent(each -> knownQos(at + ".default_qos", each, qos));
          requireAmong(at + ".default_qos", first, allowed, "user");
          return new AccountUser(
              name,
              user.isDefault() != null && user.isDefault(),
              partition,
              shares,
              limits(at + ".limits", user.limits(), Limited.ACCOUNT, tres),
              first,
              allowed);
        });
  }

  private void oneDefaultAccountForEach(Collection<AccountingDefinition.Account> accounts) {
    Map<String, String> defaults = new LinkedHashMap<>();
    int i = 0;
    for (AccountingDefinition.Account account : accounts) {
      for (int k = 0; k < account.users().size(); k++) {
        AccountUser user = account.users().get(k);
        String other = user.isDefault() ? defaults.putIfAbsent(user.name(), account.name()) : null;
        if (other != null && !other.equals(account.name())) {
          throw checks.mistake(
              "accounts[%d].users[%d].default".formatted(i, k),
              "true",
              "is a second default account of %s, who has %s: leave one of them out"
                  .formatted(user.name(), other));
        }
      }
      i++;
    }
  }

  private void requireAmong(
      String path, Optional<String> first, List<String> allowed, String whose) {
    if (first.isPresent() && !allowed.isEmpty() && !allowed.contains(first.get())) {
      throw checks.mistake(
          path,
          first.get(),
          "is not among the %s's qos: add it there, or leave qos out".formatted(whose));
    }
  }

  private String accountName(String path, String name) {
    if (name.equals(ROOT)) {
      throw checks.mistake(path, name, "is Slurm's account above all others: use another name");
    }
    if (name.equals(AccountingDefinition.DEFAULT_ACCOUNT)) {
      throw checks.mistake(
          path, name, "is the account of users without another one: use another name");
    }
    return checks.check(() -> Checks.slurmName(path, name));
  }

  private void addBehindParent(
      AccountingDefinition.Account account,
      Map<String, AccountingDefinition.Account> accounts,
      Map<String, String> paths,
      Set<String> ordered,
      Set<String> children) {
    if (ordered.contains(account.name())) {
      return;
    }
    String path = paths.get(account.name()) + ".parent";
    if (!children.add(account.name())) {
      throw checks.mistake(
          path,
          account.parent().orElse(""),
          "makes a circle of accounts ("
              + String.join(" below ", children)
              + " below "
              + account.name()
              + "): leave the parent of one of them out");
    }
    String parent = account.parent().orElse(ROOT);
    if (!parent.equals(ROOT)) {
      checks.known(path, parent, with(ROOT, accounts.keySet()), ACCOUNT);
      addBehindParent(
          Objects.requireNonNull(accounts.get(parent)), accounts, paths, ordered, children);
    }
    ordered.add(account.name());
  }

  // ---- qualities of service --------------------------------------------------------------------

  /** Returns the trackable resources of a cluster with these nodes. */
  private static Set<String> tres(List<NodeDefinition> nodes) {
    Set<String> names = new LinkedHashSet<>(AccountingDefinition.TRES);
    for (NodeDefinition node : nodes) {
      if (node.hasGpus()) {
        names.add(GPUS);
        node.gpus().keySet().forEach(type -> names.add(GPUS + ":" + type));
      }
    }
    return names;
  }

  private List<AccountingDefinition.Qos> qos(@Nullable List<Qos> given, Set<String> tres) {
    List<String> names = new ArrayList<>();
    List<AccountingDefinition.Qos> qos =
        checks.each(
            "qos",
            given,
            (path, one) -> {
              String name = checks.present(path + ".name", one.name());
              checks.check(() -> Checks.slurmName(path + ".name", name));
              checks.unique(path + ".name", name, names);
              names.add(name);
              int priority = one.priority() == null ? 0 : one.priority();
              return new AccountingDefinition.Qos(
                  name,
                  checks.check(() -> Checks.atLeast(path + ".priority", priority, 0)),
                  limits(path + ".limits", one.limits(), Limited.QOS, tres),
                  checks.each(path + ".flags", one.flags(), this::flag),
                  checks.each(path + ".preempt", one.preempt(), (at, other) -> other),
                  options(path + ".options", one.options()));
            });
    for (int i = 0; i < qos.size(); i++) {
      knownQos("qos[" + i + "].preempt", qos.get(i).preempt(), names);
    }
    return qos;
  }

  private Map<String, String> options(String path, @Nullable Map<String, String> options) {
    if (options == null) {
      return Map.of();
    }
    options.forEach(
        (name, given) -> {
          Pattern values = AccountingDefinition.QOS_OPTIONS.get(name);
          if (values == null) {
            throw checks.mistake(
                path,
                name,
                "is not a setting of a QOS: use "
                    + String.join(", ", AccountingDefinition.QOS_OPTIONS.keySet()));
          }
          String at = path + "." + name;
          String value = checks.present(at, given);
          if (!values.matcher(value).matches()) {
            throw checks.mistake(
                at,
                value,
                "is not a value that sacctmgr accepts: use a number such as 0.5 for a factor, a time for"
                    + " PreemptExemptTime, and a mode such as requeue for PreemptMode");
          }
        });
    return options;
  }

  private String flag(String path, String flag) {
    if (!AccountingDefinition.QOS_FLAGS.contains(flag)) {
      throw checks.mistake(
          path,
          flag,
          "is not a flag of a QOS: use " + String.join(", ", AccountingDefinition.QOS_FLAGS));
    }
    return flag;
  }

  private Map<String, String> limits(
      String path, @Nullable Map<String, String> limits, Limited what, Set<String> tres) {
    if (limits == null) {
      return Map.of();
    }
    limits.forEach(
        (name, value) -> {
          String at = path + "." + name;
          LimitKind kind = what.limit(name);
          if (kind == null) {
            throw checks.mistake(
                path,
                name,
                "is not a limit of %s: use %s"
                    .formatted(what.words(), String.join(", ", new TreeSet<>(what.limits()))));
          }
          switch (kind) {
            case COUNT -> count(at, checks.present(at, value));
            case SECONDS -> seconds(at, checks.present(at, value));
            case TIME -> checks.check(() -> Checks.time(at, checks.present(at, value)));
            case TRES -> tres(at, checks.present(at, value), tres);
          }
        });
    return limits;
  }

  private void count(String path, String value) {
    if (!COUNT.matcher(value).matches()) {
      throw checks.mistake(
          path, value, "is not a number of jobs: use 0 or more, or -1 for no limit");
    }
  }

  private void seconds(String path, String value) {
    if (!COUNT.matcher(value).matches()) {
      throw checks.mistake(
          path, value, "is not a number of seconds: use 0 or more, or -1 for no limit");
    }
  }

  private void tres(String path, String value, Set<String> known) {
    for (String part : value.split(",", -1)) {
      String[] nameAndAmount = part.split("=", -1);
      if (!known.contains(nameAndAmount[0])) {
        throw checks.mistake(
            path,
            value,
            "limits '%s', which is not a TRES of this cluster: use %s"
                .formatted(nameAndAmount[0], String.join(", ", known)));
      }
      if (nameAndAmount.length != 2 || !AMOUNT.matcher(nameAndAmount[1]).matches()) {
        throw checks.mistake(
            path, value, "has no amount of %s: use %1$s=4 or so".formatted(nameAndAmount[0]));
      }
    }
  }

  private void knownQos(String path, List<String> names, List<String> own) {
    checks.each(path, names, (at, name) -> knownQos(at, name, own));
  }

  private String knownQos(String path, String name, List<String> own) {
    checks.known(path, name, with(NORMAL, own), "QOS");
    return name;
  }

  /** Returns the names of a document and one that always exists. */
  private static Set<String> with(String always, Collection<String> own) {
    Set<String> names = new LinkedHashSet<>(own);
    names.add(always);
    return names;
  }

  // ---- users -----------------------------------------------------------------------------------

  private List<Member> members(
      @Nullable List<User> users, List<String> accounts, List<String> qos) {
    List<Member> members = new ArrayList<>();
    List<User> given = users == null ? List.of() : users;
    for (int i = 0; i < given.size(); i++) {
      User user = given.get(i);
      if (user == null || user.name() == null || !user.needsAccounting()) {
        continue; // DocumentReader reads the rest of it
      }
      String path = "users[" + i + "]";
      checks.unique(path + ".name", user.name(), members.stream().map(Member::user).toList());
      List<String> own = user.accounts() == null ? List.of() : user.accounts();
      checks.each(
          path + ".accounts",
          own,
          (at, name) -> {
            checks.known(at, name, with(AccountingDefinition.DEFAULT_ACCOUNT, accounts), ACCOUNT);
            return name;
          });
      List<String> allowed = user.qos() == null ? List.of() : user.qos();
      knownQos(path + ".qos", allowed, qos);
      Optional<String> first = Optional.ofNullable(user.defaultQos());
      first.ifPresent(name -> knownQos(path + ".default_qos", name, qos));
      requireAmong(path + ".default_qos", first, allowed, "user");
      members.add(
          new Member(
              user.name(),
              own.isEmpty() ? List.of(AccountingDefinition.DEFAULT_ACCOUNT) : own,
              first,
              allowed));
    }
    // The order of the written file: users without a uid of their own come first.
    members.sort(Comparator.comparing(member -> member.user().equals(SshDefinition.USER)));
    return members;
  }
}
