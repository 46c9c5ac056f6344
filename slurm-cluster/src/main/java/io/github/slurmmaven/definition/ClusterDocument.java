/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.yaml.YamlReader;
import io.github.slurmmaven.definition.yaml.YamlText;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A cluster as a user writes it, in a YAML file or in a POM. Every value may be absent. The keys in
 * YAML are these names in snake_case; {@code cluster.schema.json} beside this class describes them.
 *
 * @param name name of the cluster
 * @param preset preset that provides nodes and partitions that are not given
 * @param slurmVersion Slurm's release line, or one release of it
 * @param slurmSource URL or file of the source archive that it is compiled from
 * @param slurmSourceSha256 the archive's digest
 * @param image prebuilt image of all nodes
 * @param imageRepository repository of published images
 * @param nodes nodes
 * @param partitions partitions
 * @param ssh access by SSH
 * @param services services beside the nodes
 * @param accounting whether slurmdbd and its database run
 * @param accountingEnforce Slurm's AccountingStorageEnforce
 * @param accounts accounts, besides {@code default}
 * @param qos qualities of service, besides Slurm's {@code normal}
 * @param rest whether slurmrestd serves Slurm's REST API
 * @param restPort port of the host for slurmrestd
 * @param pbsCommands whether nodes have Slurm's PBS commands
 * @param clockSpeed how many seconds pass in the cluster for each second of the machine
 * @param jobClock whether programs of jobs see the cluster's time
 * @param packages Debian packages of all nodes
 * @param users accounts besides {@code slurm}
 * @param mounts directories and files of the host that all nodes see
 * @param files files that are copied into nodes
 * @param setup commands that run on nodes once they are up
 * @param slurmConf further lines of slurm.conf
 * @param cgroupConf further lines of cgroup.conf
 */
public record ClusterDocument(
    @Nullable String name,
    @Nullable String preset,
    @Nullable String slurmVersion,
    @Nullable String slurmSource,
    @Nullable String slurmSourceSha256,
    @Nullable String image,
    @Nullable String imageRepository,
    @Nullable List<Node> nodes,
    @Nullable List<Partition> partitions,
    @Nullable Ssh ssh,
    @Nullable Services services,
    @Nullable Boolean accounting,
    @Nullable List<String> accountingEnforce,
    @Nullable List<Account> accounts,
    @Nullable List<Qos> qos,
    @Nullable Boolean rest,
    @Nullable Integer restPort,
    @Nullable Boolean pbsCommands,
    @Nullable Integer clockSpeed,
    @Nullable Boolean jobClock,
    @Nullable List<String> packages,
    @Nullable List<User> users,
    @Nullable List<Mount> mounts,
    @Nullable List<FileToCopy> files,
    @Nullable List<Step> setup,
    @Nullable List<String> slurmConf,
    @Nullable List<String> cgroupConf) {

  /** Whether it has no value, not even an empty list. */
  @JsonIgnore
  public boolean isEmpty() {
    return Documents.values(this).isEmpty();
  }

  /**
   * A node, or several equal nodes.
   *
   * @param name name or host list expression, for example {@code compute-[0-15]}
   * @param role {@code all-in-one}, {@code controller} or {@code compute}
   * @param cpus processors
   * @param memory megabytes
   * @param gpus number of simulated GPUs, or numbers by type
   * @param gpuType their type, when {@code gpus} is a number
   * @param partitions partitions that it belongs to
   * @param options further options of its line in slurm.conf
   */
  public record Node(
      @Nullable String name,
      @Nullable String role,
      @Nullable Integer cpus,
      @Nullable Integer memory,
      @Nullable Gpus gpus,
      @Nullable String gpuType,
      @Nullable List<String> partitions,
      @Nullable Map<String, String> options) {

    /** Whether a node can have this name. */
    public static boolean isName(String name) {
      return Checks.HOST_NAME.matcher(name).matches();
    }
  }

  /** Simulated GPUs of a node: how many, or how many of each type. */
  public static final class Gpus {
    final @Nullable Integer count;
    final Map<String, Integer> byType;

    private Gpus(@Nullable Integer count, Map<String, Integer> byType) {
      this.count = count;
      this.byType = byType;
    }

    @JsonCreator
    public static Gpus of(int count) {
      return new Gpus(count, Map.of());
    }

    @JsonCreator
    public static Gpus of(Map<String, Integer> byType) {
      return new Gpus(null, byType);
    }

    @JsonValue
    Object value() {
      return count == null ? byType : count;
    }
  }

  /**
   * A partition.
   *
   * @param name name
   * @param isDefault whether jobs that name no partition come here; {@code default} in YAML
   * @param maxTime longest time limit, in Slurm's notation
   * @param features features of its nodes
   * @param nodes names or host list expressions
   * @param options further options of its line in slurm.conf
   */
  public record Partition(
      @Nullable String name,
      @JsonProperty("default") @Nullable Boolean isDefault,
      @Nullable String maxTime,
      @Nullable List<String> features,
      @Nullable List<String> nodes,
      @Nullable Map<String, String> options) {}

  /**
   * Access by SSH.
   *
   * @param port port of the host
   * @param bindAddress address of the host that published ports bind
   * @param passwordLogin whether password login is possible
   */
  public record Ssh(
      @Nullable Integer port, @Nullable String bindAddress, @Nullable Boolean passwordLogin) {}

  /**
   * Services beside the nodes.
   *
   * @param registry the container registry
   * @param pyxis jobs in containers
   */
  public record Services(@Nullable Registry registry, @Nullable Pyxis pyxis) {}

  /** A container registry: {@code true}, or its image and port. */
  public static final class Registry {
    final boolean enabled;
    final @Nullable String image;
    final @Nullable Integer port;

    private Registry(boolean enabled, @Nullable String image, @Nullable Integer port) {
      this.enabled = enabled;
      this.image = image;
      this.port = port;
    }

    @JsonCreator
    public static Registry of(boolean enabled) {
      return new Registry(enabled, null, null);
    }

    @JsonCreator
    public static Registry of(
        @JsonProperty("image") @Nullable String image,
        @JsonProperty("port") @Nullable Integer port) {
      return new Registry(true, image, port);
    }

    @JsonProperty
    @Nullable String image() {
      return image;
    }

    @JsonProperty
    @Nullable Integer port() {
      return port;
    }
  }

  /** Jobs in containers: {@code true}, or the sources of their software. */
  public static final class Pyxis {
    final boolean enabled;
    final @Nullable String url;
    final @Nullable String sha256;
    final @Nullable String enrootUrl;
    final @Nullable String enrootSha256;
    final @Nullable String helpers;

    private Pyxis(
        boolean enabled,
        @Nullable String url,
        @Nullable String sha256,
        @Nullable String enrootUrl,
        @Nullable String enrootSha256,
        @Nullable String helpers) {
      this.enabled = enabled;
      this.url = url;
      this.sha256 = sha256;
      this.enrootUrl = enrootUrl;
      this.enrootSha256 = enrootSha256;
      this.helpers = helpers;
    }

    @JsonCreator
    public static Pyxis of(boolean enabled) {
      return new Pyxis(enabled, null, null, null, null, null);
    }

    @JsonCreator
    public static Pyxis of(
        @JsonProperty("url") @Nullable String url,
        @JsonProperty("sha256") @Nullable String sha256,
        @JsonProperty("enroot_url") @Nullable String enrootUrl,
        @JsonProperty("enroot_sha256") @Nullable String enrootSha256,
        @JsonProperty("helpers") @Nullable String helpers) {
      return new Pyxis(true, url, sha256, enrootUrl, enrootSha256, helpers);
    }

    @JsonProperty("url")
    @Nullable String url() {
      return url;
    }

    @JsonProperty("sha256")
    @Nullable String sha256() {
      return sha256;
    }

    @JsonProperty("enroot_url")
    @Nullable String enrootUrl() {
      return enrootUrl;
    }

    @JsonProperty("enroot_sha256")
    @Nullable String enrootSha256() {
      return enrootSha256;
    }

    @JsonProperty("helpers")
    @Nullable String helpers() {
      return helpers;
    }
  }

  /**
   * An account of Slurm: its name, or its name, parent and rules.
   *
   * @param name name
   * @param parent account above; Slurm's {@code root} when absent
   * @param shares Slurm's Fairshare, 1 when absent
   * @param limits limits by Slurm's names, for example {@code MaxJobs} or {@code GrpTRES}
   * @param defaultQos default quality of service of jobs
   * @param qos qualities of service that jobs may name; by default the parent account's
   * @param users users of the account in slurmdbd, besides those of the document's {@code users}
   */
  public record Account(
      @Nullable String name,
      @Nullable String parent,
      @Nullable Integer shares,
      @Nullable Map<String, String> limits,
      @Nullable String defaultQos,
      @Nullable List<String> qos,
      @Nullable List<AccountUser> users) {
    @JsonCreator
    public static Account of(String name) {
      return new Account(name, null, null, null, null, null, null);
    }
  }

  /**
   * A user of an account in slurmdbd: the name, or the name and rules for this user in this
   * account. The user need not exist on the nodes.
   *
   * @param name user name
   * @param isDefault whether this is the user's default account; {@code default} in YAML
   * @param partition the only partition in which the user has the account
   * @param shares Slurm's Fairshare, 1 when absent
   * @param limits limits by Slurm's names, as for an account
   * @param defaultQos default quality of service of jobs; by default the account's
   * @param qos qualities of service that jobs may name; by default the account's
   */
  public record AccountUser(
      @Nullable String name,
      @JsonProperty("default") @Nullable Boolean isDefault,
      @Nullable String partition,
      @Nullable Integer shares,
      @Nullable Map<String, String> limits,
      @Nullable String defaultQos,
      @Nullable List<String> qos) {
    @JsonCreator
    public static AccountUser of(String name) {
      return new AccountUser(name, null, null, null, null, null, null);
    }

    /** Whether a user can have this name. */
    public static boolean isName(String name) {
      return Checks.ACCOUNT_USER.matcher(name).matches();
    }
  }

  /**
   * A quality of service: its name, or its name and rules.
   *
   * @param name name
   * @param priority Slurm's Priority
   * @param limits limits by Slurm's names, for example {@code MaxWall} or {@code GrpTRES}
   * @param flags Slurm's Flags, for example {@code DenyOnLimit}
   * @param preempt qualities of service whose jobs it can preempt
   * @param options further settings by Slurm's names, for example {@code UsageFactor}
   */
  public record Qos(
      @Nullable String name,
      @Nullable Integer priority,
      @Nullable Map<String, String> limits,
      @Nullable List<String> flags,
      @Nullable List<String> preempt,
      @Nullable Map<String, String> options) {
    @JsonCreator
    public static Qos of(String name) {
      return new Qos(name, null, null, null, null, null);
    }
  }

  /**
   * A user: the name, or the name, uid, accounts and qualities of service.
   *
   * @param name user name; {@code slurm} only with one of the last three
   * @param uid user and group id
   * @param accounts accounts, the default one first
   * @param defaultQos default quality of service of jobs
   * @param qos qualities of service that jobs may name; by default all
   */
  public record User(
      @Nullable String name,
      @Nullable Integer uid,
      @Nullable List<String> accounts,
      @Nullable String defaultQos,
      @Nullable List<String> qos) {

    private static final Pattern WITH_UID = Pattern.compile("([^:]*):(\\d{1,9})");

    /**
     * Reads {@code name} or {@code name:uid}. Any other text becomes a name that is refused later.
     */
    @JsonCreator
    public static User of(String text) {
      Matcher withUid = WITH_UID.matcher(text);
      return withUid.matches()
          ? new User(withUid.group(1), Integer.valueOf(withUid.group(2)), null, null, null)
          : new User(text, null, null, null, null);
    }

    /** Whether it has values that need accounting. */
    boolean needsAccounting() {
      return accounts != null || defaultQos != null || qos != null;
    }
  }

  /**
   * A directory or file of the host that all nodes see.
   *
   * @param source path of the host; a relative one starts at the document's directory
   * @param target absolute path on the nodes
   * @param readOnly whether the nodes cannot write to it
   */
  public record Mount(
      @Nullable String source, @Nullable String target, @Nullable Boolean readOnly) {}

  /**
   * A file or directory of the host that is copied into nodes.
   *
   * @param source path of the host; a relative one starts at the document's directory
   * @param target absolute path on the nodes
   * @param on {@code all}, a role or a node's name
   */
  public record FileToCopy(@Nullable String source, @Nullable String target, @Nullable String on) {}

  /**
   * A command to run on nodes: its text, or its text and the nodes.
   *
   * @param run text for {@code bash}
   * @param on {@code all}, a role or a node's name
   */
  public record Step(@Nullable String run, @Nullable String on) {
    @JsonCreator
    public static Step of(String run) {
      return new Step(run, null);
    }
  }

  /** Descriptions of the types that have more than one form in YAML, for messages. */
  private static final Map<Class<?>, String> KINDS =
      Map.of(Gpus.class, "a whole number, or numbers by type");

  /**
   * Reads a document.
   *
   * @param source the name of the text in an error, usually its file
   * @throws UserMistakeException naming line, column and path of what cannot be read
   */
  static ClusterDocument parse(String source, String yaml) {
    return new YamlReader(source, KINDS).read(yaml, ClusterDocument.class);
  }

  /**
   * Makes a document with some values only.
   *
   * @param values by the names of this record's components; null for an absent one
   * @throws IllegalArgumentException when this record has no component of that name
   */
  public static ClusterDocument of(Map<String, ? extends @Nullable Object> values) {
    return Documents.of(values);
  }

  /** Returns a document with a name only. */
  static ClusterDocument named(String name) {
    return of(Map.of("name", name));
  }

  /** Returns the keys of its values. */
  Set<String> keys() {
    return YamlText.keys(this);
  }

  /**
   * Returns the cluster that this document defines.
   *
   * @param origin the document's origin, for messages
   * @param directory start of relative paths
   * @throws UserMistakeException when values are missing or contradict each other; names place and
   *     path
   */
  ClusterDefinition toDefinition(Origin origin, Path directory) {
    return new DocumentReader(origin, directory, true).read(this);
  }
}
