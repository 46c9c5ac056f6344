/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files;

import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.SshKeyPair;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.SshDefinition;
import io.github.slurmmaven.definition.UserDefinition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The keys and accounts of a cluster. They are made once, and again if they were lost. */
public final class ClusterSecrets {

  private static final int MUNGE_KEY_BYTES = 128;

  /** The length of a hash: HMAC shortens longer keys to it. See RFC 7518, 3.2. */
  private static final int TOKEN_KEY_BYTES = 32;

  /** The shortest key that munged accepts. */
  private static final int LEAST_MUNGE_KEY_BYTES = 32;

  /**
   * Expiry of the tokens of a start, which are valid as long as the cluster: its key is removed
   * with it.
   */
  public static final Instant END_OF_TOKENS = Instant.parse("2100-01-01T00:00:00Z");

  static final String PRIVATE_KEY = "ssh/id_ed25519";
  static final String MUNGE_KEY = "secrets/munge.key";
  private static final String TOKEN_KEY = "secrets/jwt_hs256.key";
  private static final String USERS = "secrets/users";
  private static final String AUTHORIZED_KEYS = "secrets/authorized_keys/";
  private static final String HOST_KEY = "secrets/ssh_host_ed25519_key";
  private static final String ECDSA_HOST_KEY = "secrets/ssh_host_ecdsa_key";
  private static final Pattern PUBLIC_KEY = Pattern.compile("\\S+ \\S{16,}");

  private final FileStore store;

  ClusterSecrets(FileStore store) {
    this.store = store;
  }

  /** Returns type and key of the SSH server's host key. */
  public String hostKey() {
    return publicKey(HOST_KEY);
  }

  /**
   * Makes a token of a user for slurmrestd.
   *
   * @param end when it expires
   * @throws UserMistakeException when the key that signs it cannot be read
   */
  public String token(String user, Instant end) {
    Path file = store.path(TOKEN_KEY);
    try {
      return RestToken.sign(Files.readAllBytes(file), user, end);
    } catch (IOException e) {
      throw new UserMistakeException(
          "No token can be signed, because the key %s cannot be read (%s): run slurm:start with rest, which makes a new one"
              .formatted(file, FileFailure.of(e)),
          e);
    }
  }

  /** Returns all host keys of the SSH server. A cluster of an earlier version has only one. */
  List<String> hostKeys() {
    return Stream.of(HOST_KEY, ECDSA_HOST_KEY)
        .filter(key -> key.equals(HOST_KEY) || store.exists(key + ".pub"))
        .map(this::publicKey)
        .toList();
  }

  /** Returns type and key, without the comment that another program may have added. */
  private String publicKey(String privateKey) {
    Path file = store.path(privateKey + ".pub");
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
          file + " contains no public key: put one there, or remove the file and run slurm:start");
    }
    return key.group();
  }

  /** Makes missing keys, and writes the accounts. */
  void write(ClusterDefinition definition) throws IOException {
    writeKeys();
    if (definition.rest().isPresent() && store.isGone(TOKEN_KEY)) {
      store.write(TOKEN_KEY, random(TOKEN_KEY_BYTES), true);
    }
    writeUsers(definition.users());
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  /** Makes the missing keys of this cluster. */
  private void writeKeys() throws IOException {
    FileStore.createPrivateDirectory(store.path("secrets"));
    FileStore.createPrivateDirectory(store.path("ssh"));
    if (store.isGone(MUNGE_KEY)) {
      store.write(MUNGE_KEY, random(MUNGE_KEY_BYTES), true);
    }
    boolean isNew = isPairGone(HOST_KEY);
    if (isPairDamaged(ECDSA_HOST_KEY) && (isNew || !isPairGone(ECDSA_HOST_KEY))) {
      writeKeys(ECDSA_HOST_KEY, SshKeyPair.generateEcdsa());
    }
    if (isPairDamaged(HOST_KEY)) {
      writeKeys(HOST_KEY, SshKeyPair.generate());
    }
  }

  private boolean isPairDamaged(String privateKey) {
    return store.isGone(privateKey) || store.isGone(privateKey + ".pub");
  }

  private boolean isPairGone(String privateKey) {
    return store.isGone(privateKey) && store.isGone(privateKey + ".pub");
  }

  /** Returns the missing or empty keys and accounts without which no start succeeds. */
  List<String> damaged(ClusterDefinition definition) {
    List<UserDefinition> users = definition.users();
    List<String> damaged = new ArrayList<>();
    privateKeys(users).stream().filter(this::isPairDamaged).forEach(damaged::add);
    if (store.isGone(MUNGE_KEY)) {
      damaged.add(MUNGE_KEY);
    }
    if (definition.rest().isPresent() && store.isGone(TOKEN_KEY)) {
      damaged.add(TOKEN_KEY);
    }
    if (!store.exists(USERS)) {
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

  /**
   * Refuses keys with which no login can succeed. A truncated file is not replaced, because it may
   * be a user's own.
   *
   * @throws UserMistakeException naming the file
   */
  public void requireUsableKeys(List<UserDefinition> users) {
    for (String key : privateKeys(users)) {
      requireUsable(key, store.read(key).orElse("").contains("-----END "));
      publicKey(key);
    }
    try {
      requireUsable(MUNGE_KEY, Files.size(store.path(MUNGE_KEY)) >= LEAST_MUNGE_KEY_BYTES);
    } catch (IOException e) {
      throw new UserMistakeException(
          store.path(MUNGE_KEY) + " cannot be read: " + FileFailure.of(e), e);
    }
  }

  private void requireUsable(String name, boolean isWhole) {
    if (!isWhole) {
      throw new UserMistakeException(
          "The cluster cannot start with the key %s, which is cut off: restore the key, or remove the file and run slurm:start, which makes a new one"
              .formatted(store.path(name)));
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

  /** Returns the file of each account's private key, by the account's name. */
  private static Map<String, String> accounts(List<UserDefinition> users) {
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put(SshDefinition.USER, PRIVATE_KEY);
    users.forEach(user -> keys.put(user.name(), userKey(user)));
    return keys;
  }

  /** Whether an account's key is among its authorized keys. */
  private boolean isAuthorized(String user, String key) {
    String authorized = store.read(AUTHORIZED_KEYS + user).orElse("");
    return store
        .read(key + ".pub")
        .map(PUBLIC_KEY::matcher)
        .filter(Matcher::lookingAt)
        .map(Matcher::group)
        .filter(authorized::contains)
        .isPresent();
  }

  private void writeKeys(String name, SshKeyPair pair) throws IOException {
    store.write(name, pair.privateKey().getBytes(StandardCharsets.US_ASCII), true);
    store.write(name + ".pub", line(pair.publicKey()), false);
  }

  /**
   * Writes the accounts that the nodes create, each with a key of its own. Keys of removed accounts
   * are deleted.
   */
  private void writeUsers(List<UserDefinition> users) throws IOException {
    Map<String, String> keys = accounts(users);
    for (Map.Entry<String, String> key : keys.entrySet()) {
      String authorized = AUTHORIZED_KEYS + key.getKey();
      if (isPairDamaged(key.getValue())) {
        SshKeyPair pair = SshKeyPair.generate();
        writeKeys(key.getValue(), pair);
        store.write(authorized, line(pair.publicKey()), false);
      } else if (!isAuthorized(key.getKey(), key.getValue())) {
        // Keys that a user may have added are kept.
        String others =
            store
                .read(authorized)
                .filter(text -> !text.isEmpty())
                .map(text -> text.strip() + "\n")
                .orElse("");
        store.write(
            authorized,
            (others + publicKey(key.getValue()) + "\n").getBytes(StandardCharsets.UTF_8),
            false);
      }
    }
    try (Stream<Path> there = Files.list(store.path(AUTHORIZED_KEYS))) {
      for (Path file : there.toList()) {
        if (!keys.containsKey(file.getFileName().toString())) {
          Files.delete(file);
        }
      }
    }
    store.write(
        USERS,
        users.stream()
            .map(user -> user.name() + ":" + user.uid() + "\n")
            .collect(Collectors.joining())
            .getBytes(StandardCharsets.US_ASCII),
        false);
  }

  static String userKey(UserDefinition user) {
    return "ssh/" + user.name() + "_ed25519";
  }

  private static byte[] line(String text) {
    return (text + "\n").getBytes(StandardCharsets.US_ASCII);
  }
}
