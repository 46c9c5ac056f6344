/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;

/** A server in a process of its own, as clusters have it. */
final class RunningServer implements AutoCloseable {

  static final String USER = "tester";
  static final String PASSWORD = "correct horse ü";
  static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final Path COMPILER = Path.of("/usr/bin/gcc");

  static {
    JavaCryptography.use();
  }

  private final Path directory;
  private final Map<String, String> settings = new TreeMap<>();
  private final KeyPair userKey = newKey();
  private Process process;

  /** Writes all that a server needs; it is not started yet. */
  RunningServer(Path directory) throws Exception {
    this.directory = directory;
    KeyPair hostKey = newKey();
    write(hostKey, "host_key");
    Files.writeString(
        directory.resolve("host_key.pub"), PublicKeyEntry.toString(hostKey.getPublic()) + "\n");
    write(userKey, "id");
    Files.writeString(
        directory.resolve("authorized_keys"), PublicKeyEntry.toString(userKey.getPublic()) + "\n");
    Files.createDirectories(home());
    Files.createDirectories(directory.resolve("scratch"));
    settings.put("port", "0");
    settings.put("portFile", directory.resolve("port").toString());
    settings.put("hostKey", directory.resolve("host_key").toString());
    settings.put("authorizedKeys", directory.resolve("authorized_keys").toString());
    settings.put("user", USER);
    settings.put("password", PASSWORD);
    settings.put("shell", "/bin/sh");
    settings.put("home", home().toString());
    settings.put("launcher", directory.resolve("slurm-pty").toString());
    settings.put("scratch", directory.resolve("scratch").toString());
    settings.put("environment.PATH", "/usr/bin:/bin");
    settings.put("environment.HOME", home().toString());
    settings.put("environment.SLURM_CONF", "/the/cluster's/slurm.conf");
  }

  static KeyPair newKey() throws Exception {
    return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
  }

  private void write(KeyPair pair, String name) throws Exception {
    Path file = directory.resolve(name);
    try (OutputStream out = Files.newOutputStream(file)) {
      OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(pair, name, null, out);
    }
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  /** Makes the program that starts commands; without a compiler the test is skipped. */
  static void compileLauncher(Path program) throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(COMPILER), COMPILER + " is not installed");
    Process compiler =
        new ProcessBuilder(
                COMPILER.toString(),
                "-Wall",
                "-Wextra",
                "-Werror",
                "-o",
                program.toString(),
                "src/main/c/pty.c")
            .inheritIO()
            .start();
    assertThat(compiler.waitFor()).isZero();
  }

  /** Changes a setting; null removes it. */
  RunningServer with(String name, String value) {
    if (value == null) {
      settings.remove(name);
    } else {
      settings.put(name, value);
    }
    return this;
  }

  RunningServer start() throws IOException, InterruptedException {
    Process started = launch();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!Files.exists(directory.resolve("port"))) {
      assertThat(started.isAlive()).as(log()).isTrue();
      assertThat(System.nanoTime()).as("the server listens").isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(10);
    }
    return this;
  }

  /** Starts the process and waits for nothing. */
  Process launch() throws IOException {
    StringBuilder text = new StringBuilder();
    settings.forEach(
        (name, value) ->
            text.append(name).append('=').append(value.replace("\\", "\\\\")).append('\n'));
    Path file = Files.writeString(directory.resolve("settings.properties"), text);
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "-Dslf4j.internal.verbosity=ERROR",
                "-cp",
                System.getProperty("java.class.path"),
                SshServer.class.getName(),
                file.toString())
            .directory(home().toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    return process;
  }

  Process process() {
    return process;
  }

  Path home() {
    return directory.resolve("home");
  }

  Path file(String name) {
    return directory.resolve(name);
  }

  int port() throws IOException {
    return Integer.parseInt(Files.readString(directory.resolve("port")).strip());
  }

  String log() throws IOException {
    return Files.readString(directory.resolve("log"));
  }

  KeyPair userKey() {
    return userKey;
  }

  /** A session of a client that has not logged in yet. */
  ClientSession connect(SshClient client, String user) throws IOException {
    return client.connect(user, "127.0.0.1", port()).verify(PATIENCE).getSession();
  }

  /** Runs a program of OpenSSH's with what it needs to get in. */
  Ended openSsh(String program, String input, String... arguments)
      throws IOException, InterruptedException {
    Path path = Path.of("/usr/bin", program);
    assumeTrue(Files.isExecutable(path), path + " is not installed");
    List<String> command = new ArrayList<>();
    command.add(path.toString());
    command.addAll(List.of("-F", "none", "-i", directory.resolve("id").toString()));
    for (String option :
        List.of(
            "BatchMode=yes",
            "StrictHostKeyChecking=accept-new",
            "LogLevel=ERROR",
            "UserKnownHostsFile=" + directory.resolve("known_hosts"))) {
      command.addAll(List.of("-o", option));
    }
    command.addAll(List.of(program.equals("ssh") ? "-p" : "-P", String.valueOf(port())));
    command.addAll(List.of(arguments));
    Process client =
        new ProcessBuilder(command)
            .redirectInput(Files.writeString(directory.resolve("input"), input).toFile())
            .redirectError(directory.resolve("errors").toFile())
            .start();
    String output = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(client.waitFor(), output, Files.readString(directory.resolve("errors")));
  }

  /** What a program did. */
  record Ended(int status, String output, String errors) {}

  @Override
  public void close() throws InterruptedException {
    if (process != null) {
      process.destroy();
      process.waitFor();
    }
  }
}
