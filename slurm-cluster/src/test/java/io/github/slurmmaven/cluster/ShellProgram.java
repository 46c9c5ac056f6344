/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.ssh.SshConnection;
import io.github.slurmmaven.terminal.LocalTerminal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;

/**
 * A program that gives its terminal to a shell of a cluster. Its arguments are the file of the
 * cluster's connection, a file to write its process id to, and a command, or none for a login
 * shell. It ends with the shell's status.
 */
final class ShellProgram {

  private ShellProgram() {}

  public static void main(String[] arguments) throws Exception {
    Connection connection = Connection.read(Files.readString(Path.of(arguments[0])));
    Files.writeString(Path.of(arguments[1]), Long.toString(ProcessHandle.current().pid()));
    // The terminal comes second: until then, it shows as usual what there is to say.
    try (SshConnection cluster = SshConnection.open(connection);
        LocalTerminal terminal = LocalTerminal.open(System.getenv("TERM"))) {
      int status =
          arguments.length == 2 ? cluster.shell(terminal) : cluster.shell(terminal, arguments[2]);
      terminal.close();
      if (Security.getProvider("BC") != null) {
        throw new AssertionError("a security provider stays in the JVM");
      }
      System.exit(status);
    } catch (UserMistakeException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }
}
