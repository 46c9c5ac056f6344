/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Slurm's accounting: slurmdbd with a database of accounts, qualities of service and users.
 *
 * @param enforce Slurm's AccountingStorageEnforce; empty for none
 * @param accounts accounts, each after its parent
 * @param qos qualities of service besides Slurm's {@code normal}
 * @param members users who have other accounts than {@value #DEFAULT_ACCOUNT}, or more
 */
public record AccountingDefinition(
    List<String> enforce, List<Account> accounts, List<Qos> qos, List<Member> members) {

  /** The account of users without accounts in the definition. */
  public static final String DEFAULT_ACCOUNT = "default";

  /** Accounting with {@value #DEFAULT_ACCOUNT} as the only account; nothing is enforced. */
  public static final AccountingDefinition DEFAULT =
      new AccountingDefinition(List.of(), List.of(), List.of(), List.of());

  public AccountingDefinition {
    enforce = List.copyOf(enforce);
    accounts = List.copyOf(accounts);
    qos = List.copyOf(qos);
    members = List.copyOf(members);
  }

  /** Whether the definition adds accounts, qualities of service or users. */
  public boolean hasOwnRecords() {
    return !accounts.isEmpty() || !qos.isEmpty() || !members.isEmpty();
  }

  /**
   * An account in Slurm's sense.
   *
   * @param name name
   * @param parent account above; empty for Slurm's {@code root}
   * @param shares Slurm's Fairshare
   * @param limits limits by Slurm's names
   * @param defaultQos default quality of service of jobs
   * @param qos qualities of service that jobs may name; empty for the parent account's
   * @param users users of the account in slurmdbd, besides the members
   */
  public record Account(
      String name,
      Optional<String> parent,
      int shares,
      Map<String, String> limits,
      Optional<String> defaultQos,
      List<String> qos,
      List<AccountUser> users) {

    public Account {
      limits = Collections.unmodifiableMap(new LinkedHashMap<>(limits));
      qos = List.copyOf(qos);
      users = List.copyOf(users);
    }
  }

  /**
   * A user of an account in slurmdbd, who need not exist on the nodes.
   *
   * @param name user name
   * @param isDefault whether this is the user's default account
   * @param partition the only partition in which the user has the account; empty for all
   * @param shares Slurm's Fairshare; empty for Slurm's default, 1
   * @param limits limits by Slurm's names
   * @param defaultQos default quality of service of jobs; empty for the account's
   * @param qos qualities of service that jobs may name; empty for the account's
   */
  public record AccountUser(
      String name,
      boolean isDefault,
      Optional<String> partition,
      Optional<Integer> shares,
      Map<String, String> limits,
      Optional<String> defaultQos,
      List<String> qos) {

    public AccountUser {
      limits = Collections.unmodifiableMap(new LinkedHashMap<>(limits));
      qos = List.copyOf(qos);
    }
  }

  /**
   * A quality of service.
   *
   * @param name name
   * @param priority Slurm's Priority
   * @param limits limits by Slurm's names
   * @param flags Slurm's Flags
   * @param preempt qualities of service whose jobs it can preempt
   * @param options further settings by Slurm's names
   */
  public record Qos(
      String name,
      int priority,
      Map<String, String> limits,
      List<String> flags,
      List<String> preempt,
      Map<String, String> options) {

    public Qos {
      options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
      limits = Collections.unmodifiableMap(new LinkedHashMap<>(limits));
      flags = List.copyOf(flags);
      preempt = List.copyOf(preempt);
    }
  }

  /**
   * The accounts and qualities of service of a user of the nodes.
   *
   * @param user user name
   * @param accounts accounts, the default one first
   * @param defaultQos default quality of service of jobs; empty for Slurm's {@code normal}
   * @param qos qualities of service that jobs may name; empty for all
   */
  public record Member(
      String user, List<String> accounts, Optional<String> defaultQos, List<String> qos) {

    public Member {
      accounts = List.copyOf(accounts);
      qos = List.copyOf(qos);
    }
  }

  /**
   * Values of AccountingStorageEnforce. wckeys, and values that include it, are left out: each job
   * would need a wckey, and a definition has none.
   */
  public static final Set<String> ENFORCEABLE =
      sorted("associations", "limits", "nojobs", "nosteps", "qos", "safe");

  /** The flags of a quality of service. */
  public static final Set<String> QOS_FLAGS =
      sorted(
          "DenyOnLimit",
          "EnforceUsageThreshold",
          "NoDecay",
          "NoReserve",
          "OverPartQOS",
          "PartitionMaxNodes",
          "PartitionMinNodes",
          "PartitionTimeLimit",
          "RequiresReservation",
          "UsageFactorSafe");

  private static final Pattern FACTOR = Pattern.compile("\\d{1,9}(\\.\\d{1,9})?");

  /** Further settings of a quality of service, with the values that they accept. */
  public static final Map<String, Pattern> QOS_OPTIONS =
      Collections.unmodifiableMap(
          new TreeMap<>(
              Map.of(
                  "LimitFactor", FACTOR,
                  "PreemptExemptTime", Pattern.compile("(\\d{1,5}-)?\\d{1,9}(:\\d{1,2}){0,2}"),
                  "PreemptMode",
                      Pattern.compile(
                          "(?i)(cancel|cluster|gang|off|requeue|suspend|within)"
                              + "(,(cancel|gang|requeue|suspend|within))*"),
                  "UsageFactor", FACTOR,
                  "UsageThreshold", FACTOR)));

  /** Prefix of a license in the names of trackable resources. */
  public static final String LICENSE = "license/";

  /** The trackable resources of every cluster. */
  public static final List<String> TRES =
      List.of("billing", "cpu", "energy", "fs/disk", "mem", "node", "pages", "vmem");

  private static Set<String> sorted(String... words) {
    return Collections.unmodifiableSet(new TreeSet<>(List.of(words)));
  }

  /** The kinds of a limit's value. */
  enum LimitKind {
    COUNT,
    SECONDS,
    TIME,
    TRES
  }

  /** The limits of a quality of service by the names that sacctmgr gives them. */
  private static final Map<String, LimitKind> LIMITS =
      Map.ofEntries(
          Map.entry("GraceTime", LimitKind.SECONDS),
          Map.entry("GrpJobs", LimitKind.COUNT),
          Map.entry("GrpSubmitJobs", LimitKind.COUNT),
          Map.entry("GrpTRES", LimitKind.TRES),
          Map.entry("GrpTRESMins", LimitKind.TRES),
          Map.entry("GrpTRESRunMins", LimitKind.TRES),
          Map.entry("GrpWall", LimitKind.TIME),
          Map.entry("MaxJobsPerAccount", LimitKind.COUNT),
          Map.entry("MaxJobsPerUser", LimitKind.COUNT),
          Map.entry("MaxSubmitJobsPerAccount", LimitKind.COUNT),
          Map.entry("MaxSubmitJobsPerUser", LimitKind.COUNT),
          Map.entry("MaxTRESMinsPerJob", LimitKind.TRES),
          Map.entry("MaxTRESPerAccount", LimitKind.TRES),
          Map.entry("MaxTRESPerJob", LimitKind.TRES),
          Map.entry("MaxTRESPerNode", LimitKind.TRES),
          Map.entry("MaxTRESPerUser", LimitKind.TRES),
          Map.entry("MaxWall", LimitKind.TIME),
          Map.entry("MinTRESPerJob", LimitKind.TRES));

  /** The limits of an account by the names that sacctmgr gives them. */
  private static final Map<String, LimitKind> ACCOUNT_LIMITS =
      Map.ofEntries(
          Map.entry("GrpJobs", LimitKind.COUNT),
          Map.entry("GrpSubmitJobs", LimitKind.COUNT),
          Map.entry("GrpTRES", LimitKind.TRES),
          Map.entry("GrpTRESMins", LimitKind.TRES),
          Map.entry("GrpTRESRunMins", LimitKind.TRES),
          Map.entry("GrpWall", LimitKind.TIME),
          Map.entry("MaxJobs", LimitKind.COUNT),
          Map.entry("MaxSubmitJobs", LimitKind.COUNT),
          Map.entry("MaxTRESMinsPerJob", LimitKind.TRES),
          Map.entry("MaxTRESPerJob", LimitKind.TRES),
          Map.entry("MaxTRESPerNode", LimitKind.TRES),
          Map.entry("MaxWall", LimitKind.TIME));

  /** The kinds of objects that have limits. */
  public enum Limited {
    /** An account. */
    ACCOUNT("an account"),
    /** A quality of service. */
    QOS("a QOS");

    private final String words;

    Limited(String words) {
      this.words = words;
    }

    /** The names of its limits. */
    public Set<String> limits() {
      return kinds().keySet();
    }

    /** Returns the kind of a limit; null if there is no such limit. */
    @Nullable LimitKind limit(String name) {
      return kinds().get(name);
    }

    private Map<String, LimitKind> kinds() {
      return this == ACCOUNT ? ACCOUNT_LIMITS : LIMITS;
    }

    String words() {
      return words;
    }
  }
}
