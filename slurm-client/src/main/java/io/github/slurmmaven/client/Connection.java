/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;

/**
 * Everything that a test needs to reach a running cluster.
 *
 * @param clusterName name of the cluster
 * @param directory directory of the cluster's files
 * @param slurmVersion Slurm's release line, for example {@code 24.11}
 * @param partition the default partition
 * @param sshHost host to connect to
 * @param sshPort port to connect to
 * @param sshUser user to log in as
 * @param sshPassword that user's password; empty if password login is off
 * @param sshPrivateKey file of the Ed25519 private key, in OpenSSH's format, without passphrase
 * @param sshKnownHosts file with the cluster's host key, in OpenSSH's known_hosts format
 * @param userKeys files of the private keys of the other accounts, by user name
 * @param registry {@code host:port} of the container registry as this machine reaches it; empty if
 *     there is none
 * @param registryInternal {@code host:port} of the registry as the nodes reach it
 * @param images names by which jobs run the images that were loaded, by the last part of those
 *     names
 * @param rest access to slurmrestd; empty if there is none
 */
public record Connection(
    String clusterName,
    Path directory,
    String slurmVersion,
    String partition,
    String sshHost,
    int sshPort,
    String sshUser,
    Optional<String> sshPassword,
    Path sshPrivateKey,
    Path sshKnownHosts,
    Map<String, Path> userKeys,
    Optional<String> registry,
    Optional<String> registryInternal,
    Map<String, String> images,
    Optional<RestAccess> rest) {

  private static final String USER_KEY = "slurm.ssh.privateKey.";
  private static final String IMAGE = "slurm.image.";
  private static final String REST_URL = "slurm.rest.url";
  private static final String REST_TOKEN = "slurm.rest.token";
  private static final String REST_VERSIONS = "slurm.rest.versions";

  public Connection {
    userKeys = Map.copyOf(userKeys);
    images = Map.copyOf(images);
  }

  /** Name of the properties file in the cluster's directory. */
  public static final String FILE_NAME = "connection.properties";

  /**
   * Returns the running cluster that this process should use: the one that the environment variable
   * {@code SLURM_TEST_CLUSTER} names; otherwise the one of the system properties {@code slurm.*},
   * which Failsafe passes on from the Maven plugin; otherwise the one of {@code .slurm-cluster} in
   * the current directory or the nearest parent that has one.
   *
   * @throws io.github.slurmmaven.client.UserMistakeException if there is none, or that directory
   *     has several; the message says how to start or name one
   */
  public static Connection current() {
    return ConnectionSearch.here().current();
  }

  /** Returns the connection as the properties {@code slurm.*} that a build's tests read. */
  public Map<String, String> properties() {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("slurm.cluster.name", clusterName);
    properties.put("slurm.cluster.directory", directory.toString());
    properties.put("slurm.version", slurmVersion);
    properties.put("slurm.partition", partition);
    properties.put("slurm.ssh.host", sshHost);
    properties.put("slurm.ssh.port", Integer.toString(sshPort));
    properties.put("slurm.ssh.user", sshUser);
    sshPassword.ifPresent(password -> properties.put("slurm.ssh.password", password));
    properties.put("slurm.ssh.privateKey", sshPrivateKey.toString());
    properties.put("slurm.ssh.knownHosts", sshKnownHosts.toString());
    new TreeMap<>(userKeys).forEach((user, key) -> properties.put(USER_KEY + user, key.toString()));
    registry.ifPresent(address -> properties.put("slurm.registry", address));
    registryInternal.ifPresent(address -> properties.put("slurm.registry.internal", address));
    rest.ifPresent(
        access -> {
          properties.put(REST_URL, access.url().toString());
          properties.put(REST_TOKEN, access.token());
          properties.put("slurm.rest.version", access.version());
          properties.put(REST_VERSIONS, String.join(",", access.versions()));
          new TreeMap<>(access.userTokens())
              .forEach((user, token) -> properties.put(REST_TOKEN + "." + user, token));
        });
    new TreeMap<>(images).forEach((name, image) -> properties.put(IMAGE + name, image));
    return Collections.unmodifiableMap(properties);
  }

  /** Returns this connection with one more image. */
  public Connection withImage(String name, String image) {
    Map<String, String> more = new TreeMap<>(images);
    more.put(name, image);
    return new Connection(
        clusterName,
        directory,
        slurmVersion,
        partition,
        sshHost,
        sshPort,
        sshUser,
        sshPassword,
        sshPrivateKey,
        sshKnownHosts,
        userKeys,
        registry,
        registryInternal,
        more,
        rest);
  }

  /** Reads a connection from the text of its {@link #properties}. */
  public static Connection read(String text) {
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, Path> userKeys = new TreeMap<>();
    Map<String, String> images = new TreeMap<>();
    for (String name : properties.stringPropertyNames()) {
      if (name.startsWith(IMAGE)) {
        images.put(name.substring(IMAGE.length()), value(properties, name));
      }
      if (name.startsWith(USER_KEY)) {
        userKeys.put(name.substring(USER_KEY.length()), Path.of(value(properties, name)));
      }
    }
    return new Connection(
        value(properties, "slurm.cluster.name"),
        Path.of(value(properties, "slurm.cluster.directory")),
        value(properties, "slurm.version"),
        value(properties, "slurm.partition"),
        value(properties, "slurm.ssh.host"),
        Integer.parseInt(value(properties, "slurm.ssh.port")),
        value(properties, "slurm.ssh.user"),
        Optional.ofNullable(properties.getProperty("slurm.ssh.password")),
        Path.of(value(properties, "slurm.ssh.privateKey")),
        Path.of(value(properties, "slurm.ssh.knownHosts")),
        userKeys,
        Optional.ofNullable(properties.getProperty("slurm.registry")),
        Optional.ofNullable(properties.getProperty("slurm.registry.internal")),
        images,
        rest(properties));
  }

  private static Optional<RestAccess> rest(Properties properties) {
    if (properties.getProperty(REST_URL) == null) {
      return Optional.empty();
    }
    Map<String, String> userTokens = new TreeMap<>();
    for (String name : properties.stringPropertyNames()) {
      if (name.startsWith(REST_TOKEN + ".")) {
        userTokens.put(name.substring(REST_TOKEN.length() + 1), value(properties, name));
      }
    }
    return Optional.of(
        new RestAccess(
            URI.create(value(properties, REST_URL)),
            value(properties, "slurm.ssh.user"),
            value(properties, REST_TOKEN),
            userTokens,
            List.of(value(properties, REST_VERSIONS).split(","))));
  }

  private static String value(Properties properties, String name) {
    String value = properties.getProperty(name);
    if (value == null) {
      throw new IllegalArgumentException(FILE_NAME + " has no " + name);
    }
    return value;
  }
}
