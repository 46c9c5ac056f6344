/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.backend.embedded.supervisor.ThisUser;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.files.Allocation;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** The settings of a cluster's SSH server. */
final class SshServerSettings {

  private SshServerSettings() {}

  /**
   * Writes the settings to a file that only this user can read.
   *
   * @param choice its port
   * @param environment variables of sessions
   */
  static void write(
      Layout layout,
      Allocation.Processes choice,
      ThisUser user,
      Optional<String> password,
      Map<String, String> environment) {
    Properties properties = new Properties();
    properties.setProperty("port", Integer.toString(choice.sshPort()));
    properties.setProperty("portFile", layout.sshPortFile().toString());
    properties.setProperty(
        "hostKey", layout.directory().resolve("secrets/ssh_host_ed25519_key").toString());
    Path ecdsa = layout.directory().resolve("secrets/ssh_host_ecdsa_key");
    if (Files.exists(ecdsa)) {
      properties.setProperty("ecdsaHostKey", ecdsa.toString());
    }
    properties.setProperty(
        "authorizedKeys", layout.directory().resolve("secrets/authorized_keys/slurm").toString());
    properties.setProperty("user", user.name());
    password.ifPresent(value -> properties.setProperty("password", value));
    properties.setProperty("shell", environment.getOrDefault("SHELL", "/bin/sh"));
    properties.setProperty("home", layout.home().toString());
    properties.setProperty(
        "launcher", layout.directory().resolve("bundle/libexec/slurm-pty").toString());
    properties.setProperty("scratch", layout.directory().resolve("run").toString());
    environment.forEach((name, value) -> properties.setProperty("environment." + name, value));
    Path file = layout.sshSettings();
    try {
      Path draft =
          Files.createTempFile(
              file.getParent(),
              ".draft",
              null,
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      try (Writer out = Files.newBufferedWriter(draft, StandardCharsets.UTF_8)) {
        properties.store(out, null);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new SlurmClusterException(file + " cannot be written", e);
    }
  }
}
