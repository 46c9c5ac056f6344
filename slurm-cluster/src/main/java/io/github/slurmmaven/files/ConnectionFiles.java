/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.RestAccess;
import io.github.slurmmaven.client.SshFiles;
import io.github.slurmmaven.common.Address;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.RegistryDefinition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** The files that say how to reach a running cluster, for Java and for OpenSSH's programs. */
public final class ConnectionFiles {

  private static final String KNOWN_HOSTS = "ssh/known_hosts";

  private final FileStore store;
  private final ClusterSecrets secrets;

  ConnectionFiles(FileStore store, ClusterSecrets secrets) {
    this.store = store;
    this.secrets = secrets;
  }

  /** Writes all files for Java and for OpenSSH's programs. */
  public Connection write(
      ClusterDefinition definition,
      String user,
      Optional<String> password,
      Address ssh,
      Optional<Address> registry,
      Optional<RestAccess> rest) {
    Connection connection = writeLogin(definition, user, password, ssh, registry, rest);
    write(connection);
    return connection;
  }

  /** Writes the files for OpenSSH's programs. */
  public Connection writeLogin(
      ClusterDefinition definition,
      String account,
      Optional<String> password,
      Address ssh,
      Optional<Address> registry,
      Optional<RestAccess> rest) {
    Map<String, Path> userKeys = new LinkedHashMap<>();
    definition
        .users()
        .forEach(user -> userKeys.put(user.name(), store.path(ClusterSecrets.userKey(user))));
    Connection connection =
        new Connection(
            definition.name(),
            store.root(),
            definition.slurmVersion().release(),
            definition.defaultPartition().name(),
            ssh.host(),
            ssh.port(),
            account,
            password,
            store.path(ClusterSecrets.PRIVATE_KEY),
            store.path(KNOWN_HOSTS),
            userKeys,
            registry.map(ConnectionFiles::registryName),
            registry.map(
                address -> RegistryDefinition.HOST + ":" + RegistryDefinition.DEFAULT_PORT),
            read().map(Connection::images).orElse(Map.of()),
            rest);
    try {
      store.write(KNOWN_HOSTS, SshFiles.knownHosts(ssh.host(), ssh.port(), secrets.hostKeys()));
      StringBuilder config = new StringBuilder();
      config.append(
          SshFiles.config(
              "slurm " + definition.name(),
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
      store.write("ssh/config", config.toString());
      return connection;
    } catch (IOException e) {
      throw store.unwritable(e);
    }
  }

  /** Writes the properties only. */
  public void write(Connection connection) {
    try {
      Properties properties = new Properties();
      properties.putAll(connection.properties());
      // Written as bytes, which escapes characters that a properties file cannot contain.
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      properties.store(text, null);
      // The first line is the date, which would differ with each start.
      String lines =
          text.toString(StandardCharsets.ISO_8859_1)
              .lines()
              .filter(line -> !line.startsWith("#"))
              .sorted()
              .reduce("", (all, line) -> all + line + "\n");
      // It may contain a password.
      store.write(Connection.FILE_NAME, lines.getBytes(StandardCharsets.ISO_8859_1), true);
    } catch (IOException e) {
      throw store.unwritable(e);
    }
  }

  /**
   * Returns the registry's name. Docker needs no TLS for a registry with the name localhost or the
   * address 127.0.0.1.
   */
  private static String registryName(Address address) {
    return address.host().equals("127.0.0.1") ? "localhost:" + address.port() : address.toString();
  }

  /** Returns the connection that the last start wrote; empty after a stop. */
  public Optional<Connection> read() {
    try {
      return store.read(Connection.FILE_NAME).map(text -> Connection.read(text));
    } catch (IllegalArgumentException e) {
      // A truncated or empty file is written again by the next start.
      return Optional.empty();
    }
  }

  /** Removes the properties of a cluster that ends. */
  public void remove() {
    try {
      Files.deleteIfExists(store.path(Connection.FILE_NAME));
    } catch (IOException e) {
      throw store.unwritable(e);
    }
  }
}
