/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.definition.AccountingDefinition;
import io.github.slurmmaven.definition.AccountingDefinition.Limited;
import io.github.slurmmaven.definition.ClusterDocument.Account;
import io.github.slurmmaven.definition.ClusterDocument.AccountUser;
import io.github.slurmmaven.definition.ClusterDocument.Qos;
import io.github.slurmmaven.definition.ClusterDocument.User;
import io.github.slurmmaven.definition.SshDefinition;
import io.github.slurmmaven.site.KeyTable.Kind;
import io.github.slurmmaven.site.SiteAccounting.Association;
import io.github.slurmmaven.site.SiteAccounting.Quality;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The site's accounts, qualities of service and users for a twin. Values that a definition cannot
 * have are reported.
 */
final class TwinAccounting {

  /** Slurm's own quality of service. */
  private static final String NORMAL = "normal";

  /** A name of an account or quality of service that a definition can have. */
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,39}");

  /** The values of AccountingStorageEnforce=all that a definition can have. */
  private static final List<String> ALL = List.of("associations", "limits", "qos", "safe");

  private static final Pattern AMOUNT = Pattern.compile("(\\d{1,12}\\.\\d{1,6})([KMGTP])");

  private static final String UNITS = "KMGTP";

  private static final Pattern CLOCK =
      Pattern.compile("(?:(\\d{1,5})-)?(\\d{1,6}):(\\d{1,2}):(\\d{1,2})");

  private static final String NOT_DEFINABLE = "a definition has no such setting";

  private static final String NOT_A_NAME =
      "a definition takes names of at most 40 lower-case letters, digits, '-', '_' and '.'";

  /** Limits by the keys of sacctmgr that differ from the names in a definition. */
  private static final Map<String, String> ALIASES =
      Map.ofEntries(
          Map.entry("grpsubmit", "GrpSubmitJobs"),
          Map.entry("grptresrunmin", "GrpTRESRunMins"),
          Map.entry("maxsubmit", "MaxSubmitJobs"),
          Map.entry("maxtres", "MaxTRESPerJob"),
          Map.entry("maxtresmins", "MaxTRESMinsPerJob"),
          Map.entry("maxwallduration", "MaxWall"),
          Map.entry("maxwalldurationperjob", "MaxWall"),
          Map.entry("maxjobspu", "MaxJobsPerUser"),
          Map.entry("maxjobspa", "MaxJobsPerAccount"),
          Map.entry("maxsubmitpu", "MaxSubmitJobsPerUser"),
          Map.entry("maxsubmitpa", "MaxSubmitJobsPerAccount"),
          Map.entry("maxsubmitjobspu", "MaxSubmitJobsPerUser"),
          Map.entry("maxsubmitjobspa", "MaxSubmitJobsPerAccount"),
          Map.entry("maxtrespu", "MaxTRESPerUser"),
          Map.entry("maxtrespa", "MaxTRESPerAccount"),
          Map.entry("mintres", "MinTRESPerJob"));

  /** Keys that are read elsewhere, or identify a line. */
  private static final Set<String> ELSEWHERE =
      Set.of(
          "account",
          "cluster",
          "defacct",
          "defaultaccount",
          "defaultqos",
          "defqos",
          "fairshare",
          "id",
          "lft",
          "lineage",
          "name",
          "parid",
          "parname",
          "partition",
          "qos",
          "rgt",
          "share",
          "user");

  /** Keys that concern people, not jobs. */
  private static final Set<String> OF_PEOPLE =
      Set.of(
          "admin",
          "adminlevel",
          "classification",
          "comment",
          "coordaccounts",
          "coordinator",
          "coordinators",
          "defaultwckey",
          "descr",
          "description",
          "org",
          "organization",
          "wckeys");

  /** Values of a quality of service that change nothing. */
  private static final Map<String, Pattern> NEUTRAL =
      Map.of(
          "gracetime", Pattern.compile("0|00:00:00"),
          "limitfactor", Pattern.compile("0?\\.?0*|1\\.?0*"),
          "preemptexempttime", Pattern.compile("0|00:00:00|NONE"),
          "preemptmode", Pattern.compile("(?i)cluster"),
          "priority", Pattern.compile("0"),
          "usagefactor", Pattern.compile("1(\\.0*)?"),
          "usagethres", Pattern.compile("0?\\.?0*"),
          "usagethreshold", Pattern.compile("0?\\.?0*"));

  /** Limits that accounts inherit from their parents. */
  private static final Pattern INHERITED = Pattern.compile("Max.*");

  private final SiteAccounting site;
  private final Optional<String> chosen;
  private final Set<String> tres;
  private final Set<String> partitions;
  private final SiteReport report;

  /** The twin's qualities of service by name, including Slurm's own. */
  private final Map<String, Optional<Quality>> qualities = new LinkedHashMap<>();

  /** The site's accounts in the twin, by name. */
  private final Map<String, Association> accounts = new LinkedHashMap<>();

  private final List<Association> members = new ArrayList<>();
  private Optional<Association> root = Optional.empty();

  /**
   * @param site the site's accounting
   * @param twinUser the user of the site whose rules the twin's user gets; empty if none is named
   * @param tres the twin's trackable resources
   * @param partitions the names of its partitions
   */
  TwinAccounting(
      SiteAccounting site,
      Optional<String> twinUser,
      Set<String> tres,
      Set<String> partitions,
      SiteReport report) {
    this.site = site;
    this.tres = tres;
    this.partitions = partitions;
    this.report = report;
    site.unread().forEach((file, reason) -> report.add(file, Kind.INFRASTRUCTURE, reason));
    readQualities();
    readAssociations();
    this.chosen = chosen(twinUser.map(SiteAccounting::name));
  }

  private Optional<String> chosen(Optional<String> named) {
    Set<String> users = usersOfTheSite().keySet();
    if (named.isPresent() && !users.contains(named.get())) {
      throw new InvalidParameterException(
          "twinUser",
          named.get(),
          "is not a user of the site's accounting: use one of its %d users"
              .formatted(users.size()));
    }
    return named.or(() -> users.stream().findFirst().filter(only -> users.size() == 1));
  }

  private Map<String, List<Association>> usersOfTheSite() {
    Map<String, List<Association>> users = new LinkedHashMap<>();
    for (Association member : members) {
      String user = member.user().orElseThrow();
      if (!user.equals(SiteAccounting.ROOT)) {
        users.computeIfAbsent(user, name -> new ArrayList<>()).add(member);
      }
    }
    return users;
  }

  /** Describes the user of the site whose rules the twin's user has. */
  String userInWords() {
    long others =
        usersOfTheSite().keySet().stream()
            .filter(name -> !chosen.equals(Optional.of(name)))
            .count();
    return chosen
        .map(
            name ->
                "user %s of the twin has the accounts and rules of %s; accounting also knows %s of the site"
                    .formatted(SshDefinition.USER, name, users(others)))
        .orElseGet(
            () ->
                "user %s of the twin has the accounts of all users of the site, and the rules of none; name one with -Dslurm.twinUser; accounting knows %s of the site"
                    .formatted(SshDefinition.USER, users(others)));
  }

  private static String users(long number) {
    return number == 1 ? "1 user" : number + " users";
  }

  /**
   * Adds accounts and qualities of service that a partition names and the site's files do not have.
   * Otherwise Slurm would open the partition to all, because it knows none of those that are
   * allowed.
   *
   * @param key the partition's parameter
   */
  void addNamed(KeyTable.Key key, Setting setting) {
    boolean isOfAccounts = key.name().endsWith("Accounts");
    if ((!isOfAccounts && !key.name().endsWith("Qos"))
        || site.obstacle(key, setting).isPresent()
        || setting.value().equalsIgnoreCase("ALL")) {
      return;
    }
    for (String name : SiteAccounting.names(setting.value())) {
      boolean isThere =
          isOfAccounts
              ? isUsable(name) || name.equals(SiteAccounting.ROOT)
              : qualities.containsKey(name);
      if (!isThere && isName(name)) {
        if (isOfAccounts) {
          accounts.put(
              name,
              new Association(name, Optional.empty(), Optional.empty(), Map.of(), setting.place()));
        } else {
          qualities.put(name, Optional.empty());
        }
        report.add(
            setting,
            key.name(),
            Kind.ADAPTED,
            "%s has no limits, because the site's files do not describe it".formatted(name));
      }
    }
  }

  /** Whether a definition can have an account or a quality of service of this name. */
  static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  /** Returns the site's AccountingStorageEnforce, as far as a definition can have it. */
  static List<String> enforced(Optional<Setting> given, SiteReport report) {
    Set<String> words = new LinkedHashSet<>();
    List<String> dropped = new ArrayList<>();
    for (String word : SiteAccounting.names(given.map(Setting::value).orElse(""))) {
      if (word.equals("all")) {
        words.addAll(ALL);
        dropped.add("wckeys");
      } else if (AccountingDefinition.ENFORCEABLE.contains(word)) {
        words.add(word);
      } else if (!word.equals("none") && !word.equals("0")) {
        dropped.add(word);
      }
    }
    if (!dropped.isEmpty()) {
      report.add(
          given.orElseThrow(),
          "AccountingStorageEnforce",
          Kind.ADAPTED,
          "a definition cannot enforce " + String.join(", ", dropped));
    }
    return List.copyOf(words);
  }

  // ---- what there is ---------------------------------------------------------------------------

  private void readQualities() {
    qualities.put(NORMAL, Optional.empty());
    for (Quality quality : site.qualities()) {
      if (isName(quality.name())) {
        qualities.put(quality.name(), Optional.of(quality));
      } else {
        leaveOut(quality.place(), "QOS", NOT_A_NAME);
      }
    }
    if (!site.qualities().isEmpty()) {
      return;
    }
    for (Association association : site.associations()) {
      for (Setting list : lists(association)) {
        for (String name : SiteAccounting.names(list.value())) {
          String plain = SiteAccounting.withoutSign(name);
          if (isName(plain) && qualities.putIfAbsent(plain, Optional.empty()) == null) {
            report.add(
                list,
                "QOS",
                Kind.ADAPTED,
                plain + " has no limits, because only the output of sacctmgr -P show qos has them");
          }
        }
      }
    }
  }

  private static List<Setting> lists(Association association) {
    return Stream.concat(association.value("qos").stream(), defaultQosOf(association).stream())
        .toList();
  }

  private void readAssociations() {
    for (Association association : site.associations()) {
      if (association.user().isPresent()) {
        members.add(association);
      } else if (association.account().equals(SiteAccounting.ROOT)) {
        root = Optional.of(association);
      } else if (association.account().equals(AccountingDefinition.DEFAULT_ACCOUNT)) {
        report.add(
            new Setting("Account", association.account(), association.place()),
            "Account",
            Kind.ADAPTED,
            "default is an account of every cluster, without limits");
      } else if (isName(association.account())) {
        accounts.put(association.account(), association);
      } else {
        leaveOut(association.place(), "Account", NOT_A_NAME);
      }
    }
    site.flat()
        .ifPresent(
            place ->
                report.add(
                    new Setting("Account", "", place),
                    "Account",
                    Kind.ADAPTED,
                    "all are below root: only sacctmgr -P show assoc tree shows the parents"));
    for (Association member : members) {
      String account = member.account();
      if (isName(account)
          && !account.equals(SiteAccounting.ROOT)
          && !account.equals(AccountingDefinition.DEFAULT_ACCOUNT)
          && !accounts.containsKey(account)) {
        // An ordinary user may see only this.
        accounts.put(
            account,
            new Association(account, Optional.empty(), Optional.empty(), Map.of(), member.place()));
        report.add(
            new Setting("Account", account, member.place()),
            "Account",
            Kind.ADAPTED,
            account + " is below root and has no limits, because the file has no line for it");
      }
    }
  }

  private void leaveOut(Place place, String key, String reason) {
    report.add(new Setting(key, "", place), key, Kind.INFRASTRUCTURE, reason);
  }

  // ---- qualities of service --------------------------------------------------------------------

  /** Returns the qualities of service, including Slurm's own if it has limits. */
  List<Qos> qos() {
    List<Qos> list = new ArrayList<>();
    qualities.forEach(
        (name, quality) -> {
          Qos qos = quality.map(this::qos).orElse(Qos.of(name));
          if (!qos.equals(Qos.of(NORMAL))) {
            list.add(qos);
          }
        });
    return list;
  }

  private Qos qos(Quality quality) {
    Map<String, Setting> values = quality.values();
    Map<String, String> limits = new TreeMap<>();
    @Nullable Integer priority = null;
    List<String> flags = List.of();
    List<String> preempt = List.of();
    Map<String, String> options = new TreeMap<>();
    for (Map.Entry<String, Setting> entry : values.entrySet()) {
      Setting value = entry.getValue();
      Pattern neutral = NEUTRAL.get(entry.getKey());
      if (value.value().isBlank()
          || ELSEWHERE.contains(entry.getKey())
          || (neutral != null && neutral.matcher(value.value()).matches())) {
        continue;
      }
      switch (entry.getKey()) {
        case "priority" -> priority = number(value);
        case "flags" -> flags = flags(value);
        case "preempt" -> preempt = known(value, SiteAccounting.names(value.value()));
        case "limitfactor", "preemptexempttime", "preemptmode", "usagefactor", "usagethreshold" ->
            option(entry.getKey(), value, options);
        case "usagethres" -> option("usagethreshold", value, options);
        default -> limit(Limited.QOS, entry.getKey(), value).ifPresent(it -> it.addTo(limits));
      }
    }
    return new Qos(
        quality.name(),
        priority,
        limits.isEmpty() ? null : limits,
        flags.isEmpty() ? null : flags,
        preempt.isEmpty() ? null : preempt,
        options.isEmpty() ? null : options);
  }

  private void option(String key, Setting setting, Map<String, String> options) {
    Map.Entry<String, Pattern> option =
        AccountingDefinition.QOS_OPTIONS.entrySet().stream()
            .filter(each -> key.equalsIgnoreCase(each.getKey()))
            .findFirst()
            .orElseThrow();
    String value = setting.value().strip();
    if (option.getValue().matcher(value).matches()) {
      options.put(option.getKey(), value);
    } else {
      report.add(setting, setting.key(), Kind.INFRASTRUCTURE, NOT_DEFINABLE);
    }
  }

  private @Nullable Integer number(Setting value) {
    try {
      return Integer.valueOf(value.value().strip());
    } catch (NumberFormatException e) {
      report.add(value, value.key(), Kind.INFRASTRUCTURE, NOT_DEFINABLE);
      return null;
    }
  }

  private List<String> flags(Setting value) {
    List<String> flags = new ArrayList<>();
    for (String name : SiteAccounting.names(value.value())) {
      Optional<String> flag =
          AccountingDefinition.QOS_FLAGS.stream()
              .filter(each -> each.equalsIgnoreCase(name))
              .findFirst();
      flag.ifPresentOrElse(
          flags::add,
          () ->
              report.add(
                  value, value.key(), Kind.ADAPTED, "a definition has no flag %s".formatted(name)));
    }
    return flags;
  }

  /** Returns the names that are qualities of service of the twin, and reports the others. */
  private List<String> known(Setting where, List<String> names) {
    List<String> known = new ArrayList<>();
    for (String name : names) {
      if (qualities.containsKey(name)) {
        known.add(name);
      } else {
        report.add(where, where.key(), Kind.ADAPTED, "the twin has no QOS " + name);
      }
    }
    return known;
  }

  // ---- limits ----------------------------------------------------------------------------------

  /** A limit by its name in a definition. */
  private record Limit(String name, String value) {

    void addTo(Map<String, String> limits) {
      limits.put(name, value);
    }
  }

  /**
   * Returns the limit of a value; empty for one that limits nothing, and for one that is reported.
   */
  private Optional<Limit> limit(Limited what, String key, Setting setting) {
    if (setting.value().isBlank() || ELSEWHERE.contains(key)) {
      return Optional.empty();
    }
    if (OF_PEOPLE.contains(key)) {
      report.add(setting, setting.key(), Kind.INFRASTRUCTURE, "does not affect jobs");
      return Optional.empty();
    }
    Optional<String> name = limitName(what, key);
    if (name.isEmpty()) {
      report.add(setting, setting.key(), Kind.INFRASTRUCTURE, NOT_DEFINABLE);
      return Optional.empty();
    }
    String value = setting.value().strip();
    if (name.get().contains("TRES")) {
      value = tres(setting);
    } else if (name.get().equals("GraceTime")) {
      value = seconds(value);
    }
    return value.isEmpty() ? Optional.empty() : Optional.of(new Limit(name.get(), value));
  }

  private static Optional<String> limitName(Limited what, String key) {
    return Optional.ofNullable(ALIASES.get(key))
        .or(() -> what.limits().stream().filter(it -> it.equalsIgnoreCase(key)).findFirst())
        .filter(what.limits()::contains);
  }

  /** Returns a list such as {@code cpu=4,mem=8G} without resources that the twin does not count. */
  private String tres(Setting setting) {
    List<String> kept = new ArrayList<>();
    for (String part : setting.value().split(",", -1)) {
      String[] nameAndAmount = part.strip().split("=", 2);
      if (nameAndAmount.length == 2 && tres.contains(nameAndAmount[0])) {
        kept.add(nameAndAmount[0] + "=" + amount(nameAndAmount[1]));
      } else if (!part.isBlank()) {
        report.add(
            setting,
            setting.key(),
            Kind.ADAPTED,
            nameAndAmount[0].startsWith(AccountingDefinition.LICENSE)
                ? nameAndAmount[0] + " is not a license of slurm.conf, and a twin has no others"
                : "the twin does not count %s".formatted(nameAndAmount[0]));
      }
    }
    return String.join(",", kept);
  }

  /** Converts an amount such as 1.50T, which sacctmgr also shows, to a whole number. */
  private static String amount(String amount) {
    Matcher fraction = AMOUNT.matcher(amount);
    if (!fraction.matches()) {
      return amount;
    }
    int unit = UNITS.indexOf(fraction.group(2));
    BigDecimal smaller = new BigDecimal(fraction.group(1)).multiply(BigDecimal.valueOf(1024));
    return smaller.setScale(0, RoundingMode.HALF_UP)
        + (unit == 0 ? "" : UNITS.substring(unit - 1, unit));
  }

  private static String seconds(String time) {
    Matcher clock = CLOCK.matcher(time);
    if (!clock.matches()) {
      return time;
    }
    long days = clock.group(1) == null ? 0 : Long.parseLong(clock.group(1));
    return String.valueOf(
        ((days * 24 + Long.parseLong(clock.group(2))) * 60 + Long.parseLong(clock.group(3))) * 60
            + Long.parseLong(clock.group(4)));
  }

  // ---- accounts --------------------------------------------------------------------------------

  /** Returns the accounts, in the order of the site. */
  List<Account> accounts() {
    root.ifPresent(this::reportRoot);
    return accounts.values().stream().map(this::account).toList();
  }

  /**
   * Reports the limits of root. In the twin, accounts have those that they inherit from it; a
   * definition cannot have the others.
   */
  private void reportRoot(Association association) {
    limits(association)
        .forEach(
            (name, value) -> {
              if (!INHERITED.matcher(name).matches()) {
                leaveOut(association.place(), name, "a definition has no limits of root");
              }
            });
  }

  private Account account(Association association) {
    Optional<String> above = parent(association);
    Map<String, String> limits = new TreeMap<>(limits(association));
    // sacctmgr also shows inherited values.
    Map<String, String> inherited = inherited(above);
    if (above.isPresent()) {
      limits.entrySet().removeIf(limit -> limit.getValue().equals(inherited.get(limit.getKey())));
    } else {
      inherited.forEach(
          (name, value) -> limits.merge(name, value, (near, far) -> combined(name, near, far)));
    }
    List<String> qos = qos(association);
    List<String> qosAbove = above.map(it -> qos(account(it))).orElse(allQos());
    boolean hasOwnQos = !Set.copyOf(qos).equals(Set.copyOf(qosAbove));
    Optional<String> defaultQos =
        defaultQos(association, qos)
            .filter(
                it ->
                    !above.flatMap(name -> defaultQos(account(name), qos)).equals(Optional.of(it)));
    List<AccountUser> users = users(association.account());
    return new Account(
        association.account(),
        above.orElse(null),
        shares(association),
        limits.isEmpty() ? null : limits,
        defaultQos.orElse(null),
        hasOwnQos ? qos : null,
        users.isEmpty() ? null : users);
  }

  private Association account(String name) {
    return Objects.requireNonNull(accounts.get(name));
  }

  /** Returns the parent account; empty for root. */
  private Optional<String> parent(Association association) {
    return association.parent().filter(accounts::containsKey);
  }

  private Map<String, String> limits(Association association) {
    Map<String, String> limits = new TreeMap<>();
    association
        .values()
        .forEach(
            (key, value) ->
                limit(Limited.ACCOUNT, key, value).ifPresent(limit -> limit.addTo(limits)));
    return limits;
  }

  /**
   * Combines an account's limit with an inherited one. Slurm inherits each part of a list such as
   * {@code cpu=4,mem=8G} separately.
   */
  private static String combined(String name, String near, String far) {
    if (!name.contains("TRES")) {
      return near;
    }
    Map<String, String> parts = new LinkedHashMap<>();
    for (String part : (near + "," + far).split(",", -1)) {
      parts.putIfAbsent(part.split("=", 2)[0], part);
    }
    return String.join(",", parts.values());
  }

  /** Returns an account's own values and inherited ones, of which the nearest wins. */
  private Map<String, String> inherited(Optional<String> above) {
    Map<String, String> inherited = new TreeMap<>();
    for (Association each : Stream.concat(line(above), root.stream()).toList()) {
      limits(each)
          .forEach(
              (name, value) -> {
                if (INHERITED.matcher(name).matches()) {
                  inherited.merge(name, value, (near, far) -> combined(name, near, far));
                }
              });
    }
    return inherited;
  }

  /** Returns an account and its ancestors. */
  private Stream<Association> line(Optional<String> account) {
    Map<String, Association> line = new LinkedHashMap<>();
    Optional<String> name = account;
    while (name.isPresent() && line.putIfAbsent(name.get(), account(name.get())) == null) {
      name = parent(account(name.get()));
    }
    return line.values().stream();
  }

  private List<String> allQos() {
    return List.copyOf(qualities.keySet());
  }

  /** Returns the qualities of service that jobs of an account may name. */
  private List<String> qos(Association account) {
    Optional<Setting> list = account.value("qos");
    List<String> above =
        account.equals(root.orElse(null))
            ? allQos()
            : parent(account)
                .map(it -> qos(account(it)))
                .orElseGet(() -> root.map(this::qos).orElse(allQos()));
    return list.map(it -> choice(it, above)).filter(it -> !it.isEmpty()).orElse(above);
  }

  /**
   * Returns the names of a list. With signs, it adds names to the inherited ones or removes them.
   */
  private List<String> choice(Setting list, List<String> above) {
    List<String> names = SiteAccounting.names(list.value());
    if (names.stream().noneMatch(name -> name.startsWith("+") || name.startsWith("-"))) {
      return known(list, names);
    }
    Set<String> chosen = new LinkedHashSet<>(above);
    for (String name : names) {
      if (name.startsWith("-")) {
        chosen.remove(name.substring(1));
      } else {
        chosen.addAll(known(list, List.of(SiteAccounting.withoutSign(name))));
      }
    }
    return List.copyOf(chosen);
  }

  private static Optional<Setting> defaultQosOf(Association association) {
    return association.value("defqos").or(() -> association.value("defaultqos"));
  }

  private Optional<String> defaultQos(Association association, List<String> allowed) {
    return defaultQosOf(association)
        .flatMap(
            setting -> {
              String name = SiteAccounting.name(setting.value());
              if (allowed.contains(name)) {
                return Optional.of(name);
              }
              report.add(
                  setting, setting.key(), Kind.INFRASTRUCTURE, "is not among the account's QOS");
              return Optional.empty();
            });
  }

  private @Nullable Integer shares(Association association) {
    Optional<Setting> given = association.value("share").or(() -> association.value("fairshare"));
    if (given.isEmpty() || given.get().value().strip().equals("1")) {
      return null;
    }
    if (given.get().value().strip().toLowerCase(Locale.ROOT).equals("parent")) {
      report.add(
          given.get(),
          given.get().key(),
          Kind.ADAPTED,
          "is 1 instead of the share of the account above");
      return null;
    }
    return number(given.get());
  }

  // ---- users -----------------------------------------------------------------------------------

  /**
   * Returns the users of an account: the site's, and the twin's own user with the values of the
   * user whose rules it has.
   */
  private List<AccountUser> users(String account) {
    List<AccountUser> users = new ArrayList<>();
    for (Association place : members) {
      if (!place.account().equals(account)) {
        continue;
      }
      String name = place.user().orElseThrow();
      AccountUser user = user(name, place);
      if (name.equals(SshDefinition.USER) || !AccountUser.isName(name)) {
        leaveOut(
            place.place(),
            "User",
            name.equals(SshDefinition.USER)
                ? "is the name of the twin's own user"
                : "has a name that a definition does not take");
      } else if (!name.equals(SiteAccounting.ROOT)) {
        users.add(user);
      }
      if (chosen.equals(Optional.of(name)) && hasValues(user)) {
        users.add(
            new AccountUser(
                SshDefinition.USER,
                null,
                user.partition(),
                user.shares(),
                user.limits(),
                user.defaultQos(),
                user.qos()));
      }
    }
    return users;
  }

  private static boolean hasValues(AccountUser user) {
    return user.partition() != null
        || user.shares() != null
        || user.limits() != null
        || user.defaultQos() != null
        || user.qos() != null;
  }

  private AccountUser user(String name, Association place) {
    Map<String, String> ofAccount = inherited(Optional.of(place.account()));
    Map<String, String> limits = new TreeMap<>(limits(place));
    limits.entrySet().removeIf(limit -> limit.getValue().equals(ofAccount.get(limit.getKey())));
    List<String> qosOfAccount = qos(account(place.account()));
    List<String> qos = place.value("qos").map(it -> choice(it, qosOfAccount)).orElse(qosOfAccount);
    return new AccountUser(
        name,
        isDefaultOfSeveral(name, place) ? true : null,
        partition(place).orElse(null),
        shares(place),
        limits.isEmpty() ? null : limits,
        defaultQos(place, qos)
            .filter(it -> !defaultQosOfAccount(place.account()).equals(Optional.of(it)))
            .orElse(null),
        Set.copyOf(qos).equals(Set.copyOf(qosOfAccount)) ? null : qos);
  }

  private Optional<String> defaultQosOfAccount(String account) {
    return line(Optional.of(account))
        .flatMap(each -> defaultQosOf(each).stream())
        .map(setting -> SiteAccounting.name(setting.value()))
        .findFirst();
  }

  /**
   * Whether an account is the default of a user who has several. The only account of a user need
   * not be marked.
   */
  private boolean isDefaultOfSeveral(String name, Association place) {
    return site.defaultAccount(name).equals(Optional.of(place.account()))
        && members.stream()
            .filter(each -> each.user().equals(Optional.of(name)))
            .anyMatch(each -> !each.account().equals(place.account()) && isUsable(each.account()));
  }

  /** Returns the only partition in which a user has an account. */
  private Optional<String> partition(Association place) {
    Optional<Setting> partition = place.value("partition");
    partition
        .filter(it -> !partitions.contains(it.value()))
        .ifPresent(
            it ->
                report.add(
                    it,
                    "Partition",
                    Kind.ADAPTED,
                    "the user has the account in all partitions, as the twin does not have this"
                        + " one"));
    return partition.map(Setting::value).filter(partitions::contains);
  }

  /** Returns the user of the twin, with the accounts of a user of the site. */
  List<User> users() {
    Map<String, Boolean> places = new LinkedHashMap<>();
    for (Association member : members) {
      boolean isRoot = member.user().equals(Optional.of(SiteAccounting.ROOT));
      if (!isRoot && !isUsable(member.account())) {
        leaveOut(member.place(), "User", "the twin does not have the account");
      } else if (!isRoot && (chosen.isEmpty() || member.user().equals(chosen))) {
        boolean isOfAll = chosen.isEmpty() || partition(member).isEmpty();
        places.merge(member.account(), isOfAll, Boolean::logicalOr);
      } else if (!isRoot && member.account().equals(AccountingDefinition.DEFAULT_ACCOUNT)) {
        leaveOut(member.place(), "User", "a definition has no users of the account default");
      }
    }
    if (chosen.isEmpty() && places.isEmpty()) {
      accounts.keySet().forEach(account -> places.put(account, true));
    }
    List<String> own = new ArrayList<>();
    chosen
        .flatMap(site::defaultAccount)
        .filter(account -> isUsable(account) && places.getOrDefault(account, true))
        .ifPresent(own::add);
    places.forEach(
        (account, isOfAll) -> {
          if (isOfAll && !own.contains(account)) {
            own.add(account);
          }
        });
    return own.isEmpty()
        ? List.of()
        : List.of(new User(SshDefinition.USER, null, List.copyOf(own), null, null));
  }

  private boolean isUsable(String account) {
    return accounts.containsKey(account) || account.equals(AccountingDefinition.DEFAULT_ACCOUNT);
  }
}
