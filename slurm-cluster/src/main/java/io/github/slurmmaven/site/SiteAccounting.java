/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import io.github.slurmmaven.client.UserMistakeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A site's accounting: accounts, users and qualities of service, as sacctmgr shows them. All names
 * are in lower case, as in Slurm's database. Values have {@linkplain #key keys} of letters in lower
 * case, so that {@code Def QOS} and {@code DefQOS} are the same.
 */
final class SiteAccounting {

  /** The root of all accounts, which every cluster has. */
  static final String ROOT = "root";

  private static final Pattern NOT_IN_KEYS = Pattern.compile("[^a-z]");

  /**
   * A quality of service.
   *
   * @param name its name
   * @param values its values
   * @param place its place
   */
  record Quality(String name, Map<String, Setting> values, Place place) {}

  /**
   * An association: an account, or a user in an account.
   *
   * @param account the account
   * @param user the user; empty for the account itself
   * @param parent the parent account; empty for root, and if the file does not have it
   * @param values its values
   * @param place its place
   */
  record Association(
      String account,
      Optional<String> user,
      Optional<String> parent,
      Map<String, Setting> values,
      Place place) {

    /** Returns a value; empty when there is none. */
    Optional<Setting> value(String key) {
      return Optional.ofNullable(values.get(key)).filter(value -> !value.value().isBlank());
    }
  }

  private final List<Quality> qualities = new ArrayList<>();
  private final List<Association> associations = new ArrayList<>();
  private final Map<String, String> defaultAccounts = new LinkedHashMap<>();
  private final Map<String, String> unread = new LinkedHashMap<>();
  private Optional<Place> flat = Optional.empty();

  SiteAccounting() {}

  /** Returns the common form of different spellings of a key. */
  static String key(String name) {
    return NOT_IN_KEYS.matcher(name.toLowerCase(Locale.ROOT)).replaceAll("");
  }

  /** Returns a name in the form of Slurm's database. */
  static String name(String text) {
    return text.strip().toLowerCase(Locale.ROOT);
  }

  void add(Quality quality) {
    qualities.add(quality);
  }

  void add(Association association) {
    associations.add(association);
    association
        .user()
        .ifPresent(
            user ->
                association
                    .value("defaultaccount")
                    .or(() -> association.value("defacct"))
                    .ifPresent(account -> setDefaultAccount(user, account.value())));
  }

  void setDefaultAccount(String user, String account) {
    if (!account.isBlank()) {
      defaultAccounts.put(name(user), name(account));
    }
  }

  /** Records that a file has accounts without their parents. */
  void setFlat(Place place) {
    flat = Optional.of(place);
  }

  /** Records a file that was not read, and why. */
  void addUnread(String file, String reason) {
    unread.put(file, reason);
  }

  /**
   * Removes the data of other clusters.
   *
   * @param cluster the cluster of slurm.conf; empty when it has no name
   * @throws UserMistakeException when there are several clusters, and none has this name
   */
  void keepOnly(Optional<String> cluster) {
    Set<String> clusters = new LinkedHashSet<>();
    associations.forEach(
        each -> each.value("cluster").ifPresent(it -> clusters.add(name(it.value()))));
    if (clusters.size() < 2) {
      return;
    }
    String wanted = cluster.map(SiteAccounting::name).filter(clusters::contains).orElse("");
    if (wanted.isEmpty()) {
      Association first = associations.get(0);
      throw first
          .place()
          .mistake(
              String.join(", ", clusters),
              "are the clusters of the file, and none is the ClusterName of slurm.conf, %s: make the file anew with cluster=NAME"
                  .formatted(cluster.orElse("which is missing")));
    }
    associations.removeIf(
        each -> !each.value("cluster").map(it -> name(it.value()).equals(wanted)).orElse(true));
  }

  boolean isEmpty() {
    return qualities.isEmpty() && associations.isEmpty();
  }

  List<Quality> qualities() {
    return qualities;
  }

  List<Association> associations() {
    return associations;
  }

  /** Returns the names of qualities of service, including those that are only mentioned. */
  Set<String> qosNames() {
    Set<String> names = new LinkedHashSet<>();
    qualities.forEach(quality -> names.add(quality.name()));
    if (names.isEmpty()) {
      for (Association association : associations) {
        for (String key : List.of("qos", "defqos", "defaultqos")) {
          association
              .value(key)
              .ifPresent(list -> names(list.value()).forEach(it -> names.add(withoutSign(it))));
        }
      }
    }
    return names;
  }

  /** Returns the names of a list such as {@code normal,long}. */
  static List<String> names(String list) {
    return Stream.of(list.split(",", -1))
        .map(SiteAccounting::name)
        .filter(name -> !name.isEmpty())
        .toList();
  }

  /** Returns a name without the sign that adds it to a list or removes it. */
  static String withoutSign(String name) {
    return name.startsWith("+") || name.startsWith("-") ? name.substring(1) : name;
  }

  /**
   * Returns why a parameter that needs accounting is not in the twin; empty when it is.
   *
   * @param key a parameter of the class {@link KeyTable.Kind#ACCOUNTING}
   */
  Optional<String> obstacle(KeyTable.Key key, Setting setting) {
    boolean isThere =
        switch (key.name()) {
          case "AllowAccounts", "DenyAccounts" -> !associations.isEmpty();
          case "AllowQos", "DenyQos", "QOS" -> !qosNames().isEmpty();
          default -> !isEmpty();
        };
    if (!isThere) {
      return Optional.of(key.reason());
    }
    return key.name().equals("QOS")
            && !setting.value().isBlank()
            && !qosNames().contains(name(setting.value()))
        ? Optional.of("the site's accounting has no QOS " + name(setting.value()))
        : Optional.empty();
  }

  /** Returns a user's default account, if the files have it. */
  Optional<String> defaultAccount(String user) {
    return Optional.ofNullable(defaultAccounts.get(user));
  }

  /** Returns the place of accounts without their parents. */
  Optional<Place> flat() {
    return flat;
  }

  /** Returns files that were not read, with the reasons. */
  Map<String, String> unread() {
    return unread;
  }
}
