/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.SshFiles;
import io.github.slurmmaven.client.SshKeyPair;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.Address;
import io.github.slurmmaven.common.FileTrees;
import io.github.slurmmaven.common.Sha256;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.RegistryDefinition;
import io.github.slurmmaven.definition.SshDefinition;
import io.github.slurmmaven.definition.UserDefinition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The directory of one cluster: what is written there and removed. What was rendered and then
 * edited by hand is told apart by the digests in {@code .rendered}.
 */
public final class ClusterDirectory {

  static final String DEFINITION = "cluster.yaml";
  private static final String DIGESTS = ".rendered";
  private static final String BACKEND = "# backend: ";
  private static final String COMPOSE = "docker-compose.yml";
  private static final String IGNORED = ".gitignore";
  private static final String EVERYTHING = "*\n";
  private static final int MUNGE_KEY_BYTES = 128;

  /** What munged takes at least. */
  private static final int LEAST_MUNGE_KEY_BYTES = 32;

  private static final String PRIVATE_KEY = "ssh/id_ed25519";
  private static final String KNOWN_HOSTS = "ssh/known_hosts";
  private static final String MUNGE_KEY = "secrets/munge.key";
  private static final String USERS = "secrets/users";
  private static final String AUTHORIZED_KEYS = "secrets/authorized_keys/";
  private static final String HOST_KEY = "secrets/ssh_host_ed25519_key";
  private static final String ECDSA_HOST_KEY = "secrets/ssh_host_ecdsa_key";
  private static final Pattern PUBLIC_KEY = Pattern.compile("\\S+ \\S{16,}");

  /** What has a meaning in ssh_config(5) in whatever quotes. */
  private static final Pattern UNUSABLE = Pattern.compile("\\p{Cntrl}|\\$\\{");

  private final Path root;

  public ClusterDirectory(Path root) {
    this.root = root;
  }

  public boolean exists() {
    return isOurs() && !isGone(DEFINITION);
  }

  /**
   * Whether the directory was made for a cluster, if not completely; also when its list of digests
   * was lost.
   */
  private boolean isOurs() {
    return Files.exists(root.resolve(DIGESTS))
        || Files.exists(root.resolve(MUNGE_KEY))
        || (Files.exists(root.resolve(DEFINITION))
            && read(IGNORED).equals(Optional.of(EVERYTHING)));
  }

  /**
   * The backend that the cluster was created for: it stands in {@code .rendered}. Where that was
   * lost, the files that each backend has tell.
   */
  public BackendKind backend() {
    return read(DIGESTS).stream()
        .flatMap(String::lines)
        .filter(line -> line.startsWith(BACKEND))
        .flatMap(line -> BackendKind.of(line.substring(BACKEND.length()).strip()).stream())
        .findFirst()
        .orElseGet(
            () -> Files.exists(root.resolve(COMPOSE)) ? BackendKind.DOCKER : BackendKind.EMBEDDED);
  }

  /**
   * Takes the cluster's lock, a file beside the directory.
   *
   * @param onWait run when somebody else has it
   */
  public ClusterLock lock(Runnable onWait) {
    try {
      return ClusterLock.of(lockFile(), onWait);
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  /** Whether a build works on the cluster at the moment. */
  public boolean isWorkedOn() {
    return ClusterLock.isHeld(lockFile());
  }

  private Path lockFile() {
    return root.resolveSibling("." + root.getFileName() + ".lock");
  }

  /**
   * Writes rendered files. A file that was edited by hand stays, as long as what would be rendered
   * now is what was rendered before; otherwise nothing at all is written.
   *
   * @param backend for which they were rendered
   * @param users accounts that need a key
   * @param force whether hand edits are overwritten
   * @return whether anything changed
   * @throws UserMistakeException naming the edited files
   */
  public boolean write(
      BackendKind backend, Map<String, String> files, List<UserDefinition> users, boolean force) {
    if (UNUSABLE.matcher(root.toString()).find()) {
      throw new InvalidParameterException(
          "outputDirectory",
          root,
          "has a character that an ssh_config cannot hold: use a path without line breaks"
              + " and ${");
    }
    try {
      if (Files.exists(root) && !isOurs() && !isEmpty(root)) {
        throw new UserMistakeException(
            root
                + " holds files that are not a cluster's: empty it, or use another name or"
                + " outputDirectory");
      }
      Map<String, String> digests = digests();
      List<String> edited = new ArrayList<>();
      Map<String, String> adopted = new LinkedHashMap<>();
      Map<String, String> changed = new LinkedHashMap<>();
      files.forEach(
          (name, content) -> {
            String before = digests.get(name);
            Optional<String> there = read(name);
            if (there.isEmpty() || (there.get().isEmpty() && !content.isEmpty())) {
              changed.put(name, content);
            } else if (!there.get().equals(content)) {
              boolean byHand = !Sha256.of(there.get()).equals(before);
              if (!byHand || force) {
                changed.put(name, content);
              } else if (!Sha256.of(content).equals(before)) {
                edited.add(name);
              }
            } else if (before == null) {
              // Written by a run that did not come to its end.
              adopted.put(name, content);
            }
          });
      if (!edited.isEmpty()) {
        throw new UserMistakeException(
            "In "
                + root
                + ", "
                + String.join(", ", edited)
                + (edited.size() == 1 ? " was" : " were")
                + " edited by hand, and the parameters now ask for something else: take the edit"
                + " back, or overwrite it with -Dslurm.force");
      }
      boolean first = !Files.exists(root);
      createPrivateDirectory(root);
      if (!isOurs()) {
        writeDigests(backend, digests);
      }
      writeFile(IGNORED, EVERYTHING.getBytes(StandardCharsets.US_ASCII), false);
      writeSecrets();
      writeUsers(users);
      // The definition last: with it, the cluster is there.
      Optional<String> definition = Optional.ofNullable(changed.remove(DEFINITION));
      for (Map.Entry<String, String> file : changed.entrySet()) {
        write(file.getKey(), file.getValue());
      }
      if (definition.isPresent()) {
        write(DEFINITION, definition.get());
        changed.put(DEFINITION, definition.get());
      }
      Map<String, String> rendered = new TreeMap<>(digests);
      adopted.putAll(changed);
      adopted.forEach((name, content) -> rendered.put(name, Sha256.of(content)));
      writeDigests(backend, rendered);
      return first || !changed.isEmpty();
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  /** The files that are not as they were rendered. */
  public List<String> edited() {
    return digests().keySet().stream().filter(this::isEdited).toList();
  }

  /** Whether a file is not as it was rendered. */
  private boolean isEdited(String name) {
    return read(name).map(content -> !Sha256.of(content).equals(digests().get(name))).orElse(false);
  }

  /**
   * Writes the files that depend on what the place gives out anew.
   *
   * @param files all that is rendered
   * @throws UserMistakeException naming a file that would change and was edited by hand
   */
  public void writeAllocation(Map<String, String> files) {
    BackendKind backend = backend();
    Map<String, String> digests = digests();
    Map<String, String> changed = new LinkedHashMap<>();
    files.forEach(
        (name, content) -> {
          if (!Sha256.of(content).equals(digests.get(name))) {
            changed.put(name, content);
          }
        });
    changed.keySet().stream()
        .filter(this::isEdited)
        .findFirst()
        .ifPresent(
            name -> {
              throw new UserMistakeException(
                  "%s was edited by hand, and what it asks for is taken"
                      .formatted(root.resolve(name)));
            });
    try {
      for (Map.Entry<String, String> file : changed.entrySet()) {
        write(file.getKey(), file.getValue());
        digests.put(file.getKey(), Sha256.of(file.getValue()));
      }
      writeDigests(backend, digests);
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private void writeDigests(BackendKind backend, Map<String, String> digests) throws IOException {
    StringBuilder text = new StringBuilder(BACKEND + backend + "\n");
    new TreeMap<>(digests)
        .forEach((name, digest) -> text.append(digest).append("  ").append(name).append('\n'));
    writeFile(DIGESTS, text.toString().getBytes(StandardCharsets.UTF_8), false);
  }

  private Map<String, String> digests() {
    Map<String, String> digests = new TreeMap<>();
    read(DIGESTS)
        .orElse("")
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split(" {2}", 2))
        .filter(parts -> parts.length == 2)
        .forEach(parts -> digests.put(parts[1], parts[0]));
    return digests;
  }

  /** Type and key by which the SSH server is known. */
  public String hostKey() {
    return publicKey(HOST_KEY);
  }

  /** All that the SSH server may show a client; a cluster of an earlier version has one. */
  private List<String> hostKeys() {
    return Stream.of(HOST_KEY, ECDSA_HOST_KEY)
        .filter(key -> key.equals(HOST_KEY) || Files.exists(root.resolve(key + ".pub")))
        .map(this::publicKey)
        .toList();
  }

  /** Type and key, without the comment that another program may have added. */
  private String publicKey(String privateKey) {
    Path file = root.resolve(privateKey + ".pub");
    Matcher key;
    try {
      key = PUBLIC_KEY.matcher(Files.readString(file, StandardCharsets.US_ASCII).strip());
    } catch (IOException e) {
      throw new UserMistakeException(
          file
              + " cannot be read, "
              + FileFailure.of(e)
              + ": run slurm:start, which makes a new one",
          e);
    }
    if (!key.lookingAt()) {
      throw new UserMistakeException(
          file + " holds no public key: put one there, or remove the file and run slurm:start");
    }
    return key.group();
  }

  /** Keys of this cluster alone, made once, and anew when they were lost. */
  private void writeSecrets() throws IOException {
    createPrivateDirectory(root.resolve("secrets"));
    createPrivateDirectory(root.resolve("ssh"));
    if (isGone(MUNGE_KEY)) {
      byte[] munge = new byte[MUNGE_KEY_BYTES];
      new SecureRandom().nextBytes(munge);
      writeFile(MUNGE_KEY, munge, true);
    }
    boolean isNew = isPairGone(HOST_KEY);
    if (isPairDamaged(ECDSA_HOST_KEY) && (isNew || !isPairGone(ECDSA_HOST_KEY))) {
      writeKeys(ECDSA_HOST_KEY, SshKeyPair.generateEcdsa());
    }
    if (isPairDamaged(HOST_KEY)) {
      writeKeys(HOST_KEY, SshKeyPair.generate());
    }
  }

  /** Whether a file is missing or empty, as a process that was killed leaves it. */
  private boolean isGone(String name) {
    try {
      return Files.size(root.resolve(name)) == 0;
    } catch (IOException e) {
      return true;
    }
  }

  private boolean isPairDamaged(String privateKey) {
    return isGone(privateKey) || isGone(privateKey + ".pub");
  }

  private boolean isPairGone(String privateKey) {
    return isGone(privateKey) && isGone(privateKey + ".pub");
  }

  /**
   * The files without which no start succeeds, and which are missing or empty. {@link #write} makes
   * them anew.
   *
   * @param users accounts that have a key
   */
  public List<String> damaged(List<UserDefinition> users) {
    Map<String, String> digests = digests();
    List<String> damaged = new ArrayList<>();
    if (digests.isEmpty()) {
      damaged.add(DIGESTS);
    }
    String empty = Sha256.of("");
    digests.forEach(
        (name, digest) -> {
          if (!Files.exists(root.resolve(name)) || (isGone(name) && !digest.equals(empty))) {
            damaged.add(name);
          }
        });
    privateKeys(users).stream().filter(this::isPairDamaged).forEach(damaged::add);
    if (isGone(MUNGE_KEY)) {
      damaged.add(MUNGE_KEY);
    }
    if (!Files.exists(root.resolve(USERS))) {
      damaged.add(USERS);
    }
    accounts(users)
        .forEach(
            (user, key) -> {
              if (!isPairDamaged(key) && !isAuthorized(user, key)) {
                damaged.add(AUTHORIZED_KEYS + user);
              }
            });
    return damaged;
  }

  /** Whether a file of {@link #damaged} is one that nodes read when they start. */
  public static boolean isKey(String name) {
    return name.startsWith("secrets/") || name.startsWith("ssh/");
  }

  /**
   * Refuses keys with which no login can succeed: what is cut off may also be what somebody put
   * there, and is not replaced.
   *
   * @throws UserMistakeException naming the file
   */
  public void requireUsableKeys(List<UserDefinition> users) {
    for (String key : privateKeys(users)) {
      requireUsable(key, read(key).orElse("").contains("-----END "));
      publicKey(key);
    }
    try {
      requireUsable(MUNGE_KEY, Files.size(root.resolve(MUNGE_KEY)) >= LEAST_MUNGE_KEY_BYTES);
    } catch (IOException e) {
      throw new UserMistakeException(
          root.resolve(MUNGE_KEY) + " cannot be read: " + FileFailure.of(e), e);
    }
  }

  private void requireUsable(String name, boolean isWhole) {
    if (!isWhole) {
      throw new UserMistakeException(
          "The cluster cannot start with the key %s, whose end is missing: put the key back, or remove the file and run slurm:start, which makes a new one"
              .formatted(root.resolve(name)));
    }
  }

  private List<String> privateKeys(List<UserDefinition> users) {
    List<String> keys = new ArrayList<>(accounts(users).values());
    keys.add(HOST_KEY);
    if (!isPairGone(ECDSA_HOST_KEY)) {
      keys.add(ECDSA_HOST_KEY);
    }
    return keys;
  }

  /** The file of each account's private key, by the account's name. */
  private static Map<String, String> accounts(List<UserDefinition> users) {
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put(SshDefinition.USER, PRIVATE_KEY);
    users.forEach(user -> keys.put(user.name(), userKey(user)));
    return keys;
  }

  /** Whether an account's key is among those that it may log in with. */
  private boolean isAuthorized(String user, String key) {
    String authorized = read(AUTHORIZED_KEYS + user).orElse("");
    return read(key + ".pub")
        .map(PUBLIC_KEY::matcher)
        .filter(Matcher::lookingAt)
        .map(Matcher::group)
        .filter(authorized::contains)
        .isPresent();
  }

  private void writeKeys(String name, SshKeyPair pair) throws IOException {
    writeFile(name, pair.privateKey().getBytes(StandardCharsets.US_ASCII), true);
    writeFile(name + ".pub", line(pair.publicKey()), false);
  }

  /**
   * The accounts that the nodes make, each with a key of its own; those that left are forgotten.
   */
  private void writeUsers(List<UserDefinition> users) throws IOException {
    Map<String, String> keys = accounts(users);
    for (Map.Entry<String, String> key : keys.entrySet()) {
      String authorized = AUTHORIZED_KEYS + key.getKey();
      if (isPairDamaged(key.getValue())) {
        SshKeyPair pair = SshKeyPair.generate();
        writeKeys(key.getValue(), pair);
        writeFile(authorized, line(pair.publicKey()), false);
      } else if (!isAuthorized(key.getKey(), key.getValue())) {
        // Beside what somebody may have added.
        String others =
            read(authorized)
                .filter(text -> !text.isEmpty())
                .map(text -> text.strip() + "\n")
                .orElse("");
        writeFile(
            authorized,
            (others + publicKey(key.getValue()) + "\n").getBytes(StandardCharsets.UTF_8),
            false);
      }
    }
    try (Stream<Path> there = Files.list(root.resolve(AUTHORIZED_KEYS))) {
      for (Path file : there.toList()) {
        if (!keys.containsKey(file.getFileName().toString())) {
          Files.delete(file);
        }
      }
    }
    writeFile(
        USERS,
        users.stream()
            .map(user -> user.name() + ":" + user.uid() + "\n")
            .collect(Collectors.joining())
            .getBytes(StandardCharsets.US_ASCII),
        false);
  }

  private static String userKey(UserDefinition user) {
    return "ssh/" + user.name() + "_ed25519";
  }

  private static byte[] line(String text) {
    return (text + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  /** Writes what a test needs to reach the cluster, for Java and for OpenSSH's programs. */
  public Connection writeConnection(
      ClusterDefinition spec,
      String user,
      Optional<String> password,
      Address ssh,
      Optional<Address> registry) {
    Connection connection = writeLogin(spec, user, password, ssh, registry);
    writeConnection(connection);
    return connection;
  }

  /** Writes what OpenSSH's programs need to log in. */
  public Connection writeLogin(
      ClusterDefinition spec,
      String account,
      Optional<String> password,
      Address ssh,
      Optional<Address> registry) {
    Map<String, Path> userKeys = new LinkedHashMap<>();
    spec.users().forEach(user -> userKeys.put(user.name(), root.resolve(userKey(user))));
    Connection connection =
        new Connection(
            spec.name(),
            root,
            spec.slurmVersion().release(),
            spec.defaultPartition().name(),
            ssh.host(),
            ssh.port(),
            account,
            password,
            root.resolve(PRIVATE_KEY),
            root.resolve(KNOWN_HOSTS),
            userKeys,
            registry.map(ClusterDirectory::registryName),
            registry.map(
                address -> RegistryDefinition.HOST + ":" + RegistryDefinition.DEFAULT_PORT),
            connection().map(Connection::images).orElse(Map.of()));
    try {
      write(KNOWN_HOSTS, SshFiles.knownHosts(ssh.host(), ssh.port(), hostKeys()));
      StringBuilder config = new StringBuilder();
      config.append(
          SshFiles.config(
              "slurm " + spec.name(),
              ssh.host(),
              ssh.port(),
              account,
              connection.sshPrivateKey(),
              connection.sshKnownHosts()));
      userKeys.forEach(
          (user, key) ->
              config.append(
                  SshFiles.config(
                      "slurm-" + user,
                      ssh.host(),
                      ssh.port(),
                      user,
                      key,
                      connection.sshKnownHosts())));
      write("ssh/config", config.toString());
      return connection;
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  /** Writes the properties alone. */
  public void writeConnection(Connection connection) {
    try {
      Properties properties = new Properties();
      properties.putAll(connection.properties());
      // Through bytes, which escapes what a properties file cannot hold.
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      properties.store(text, null);
      // The first line is the date, which would make each start differ.
      String lines =
          text.toString(StandardCharsets.ISO_8859_1)
              .lines()
              .filter(line -> !line.startsWith("#"))
              .sorted()
              .reduce("", (all, line) -> all + line + "\n");
      // It may hold a password.
      writeFile(Connection.FILE_NAME, lines.getBytes(StandardCharsets.ISO_8859_1), true);
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  /** Docker takes a registry on localhost without TLS, by this name or by 127.0.0.1. */
  private static String registryName(Address address) {
    return address.host().equals("127.0.0.1") ? "localhost:" + address.port() : address.toString();
  }

  private void write(String name, String content) throws IOException {
    writeFile(name, content.getBytes(StandardCharsets.UTF_8), false);
  }

  /** The connection that the last start wrote; empty after a stop. */
  public Optional<Connection> connection() {
    try {
      return read(Connection.FILE_NAME).map(text -> Connection.read(text));
    } catch (IllegalArgumentException e) {
      // Cut off or empty: the next start writes it anew.
      return Optional.empty();
    }
  }

  public void removeConnection() {
    try {
      Files.deleteIfExists(root.resolve(Connection.FILE_NAME));
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  /**
   * Removes the directory. It gets another name first, so that a build that is killed meanwhile
   * does not leave half a cluster; the next removal finishes the work.
   *
   * @return whether it was there
   */
  public boolean delete() {
    Path removed = removed();
    boolean isThere = Files.exists(root, LinkOption.NOFOLLOW_LINKS);
    try {
      FileTrees.delete(removed);
      if (!isThere) {
        return false;
      }
      // An empty one is what a killed build has left of its first or last step.
      if (!isOurs() && !isEmpty(root)) {
        throw new UserMistakeException(
            root
                + " holds files that are not a cluster's: nothing was removed there. Remove the directory yourself when you need none of them");
      }
      Files.move(root, removed, StandardCopyOption.ATOMIC_MOVE);
      FileTrees.delete(removed);
      return true;
    } catch (IOException e) {
      throw new UserMistakeException(
          "The cluster's files in "
              + (Files.exists(removed) ? removed : root)
              + " cannot all be removed: "
              + FileFailure.of(e)
              + ". Remove them and run slurm:destroy again",
          e);
    }
  }

  /** Removes what a removal that was killed has left under its other name. */
  public void finishRemoval() {
    Path removed = removed();
    try {
      FileTrees.delete(removed);
    } catch (IOException e) {
      throw new UserMistakeException(
          "What is left of a removed cluster in %s cannot be removed: %s. Remove it yourself"
              .formatted(removed, FileFailure.of(e)),
          e);
    }
  }

  /** Where the directory is while it is removed; the same name is in supervisor.c. */
  private Path removed() {
    return root.resolveSibling("." + root.getFileName() + ".removed");
  }

  /** Removes the directory if it is still a cluster's, and what a killed removal has left. */
  public void deleteIfOurs() {
    if (isOurs()) {
      delete();
    } else {
      finishRemoval();
    }
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.findAny().isEmpty();
    }
  }

  private Optional<String> read(String name) {
    Path file = root.resolve(name);
    try {
      return Files.exists(file)
          ? Optional.of(Files.readString(file, StandardCharsets.UTF_8))
          : Optional.empty();
    } catch (IOException e) {
      throw new UserMistakeException(file + " cannot be read: " + FileFailure.of(e), e);
    }
  }

  private void writeFile(String name, byte[] content, boolean secret) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Path draft =
        Files.createTempFile(
            file.getParent(),
            ".draft",
            null,
            PosixFilePermissions.asFileAttribute(
                PosixFilePermissions.fromString(secret ? "rw-------" : "rw-r--r--")));
    Files.write(draft, content);
    if (!secret && isScript(content)) {
      Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static boolean isScript(byte[] content) {
    return content.length > 2 && content[0] == '#' && content[1] == '!';
  }

  private static void createPrivateDirectory(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
  }

  private UserMistakeException unwritable(IOException e) {
    return new UserMistakeException(
        "outputDirectory: the cluster's files cannot be written to "
            + root
            + ": "
            + FileFailure.of(e),
        e);
  }
}
