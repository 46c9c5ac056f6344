/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.keyverifier.AcceptAllServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.sftp.client.SftpClient;
import org.apache.sshd.sftp.client.SftpClientFactory;

/**
 * Runs a server and a client with their usual operations, so that the Java virtual machine archives
 * the loaded classes. The argument is a directory for temporary files.
 */
final class ClassDataArchive {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long LONGEST_MILLIS = 120_000;
  private static final String USER = "user";

  private final Path directory;
  private final String password = UUID.randomUUID().toString();

  private ClassDataArchive(Path directory) {
    this.directory = directory;
  }

  /** Runs the operations, and exits. */
  public static void main(String[] arguments) throws IOException, GeneralSecurityException {
    endInAnyCase();
    JavaCryptography.use();
    Path directory = Path.of(arguments[0], "training");
    // An interrupted run may have left files.
    delete(directory);
    Files.createDirectory(directory);
    try {
      new ClassDataArchive(directory).run();
    } finally {
      delete(directory);
    }
    System.exit(0);
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static void endInAnyCase() {
    Thread watch =
        new Thread(
            () -> {
              try {
                Thread.sleep(LONGEST_MILLIS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              Runtime.getRuntime().halt(1);
            });
    watch.setDaemon(true);
    watch.start();
  }

  private Path write(KeyPair key, String name) throws IOException, GeneralSecurityException {
    Path file = directory.resolve(name);
    try (OutputStream out = Files.newOutputStream(file)) {
      OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(key, null, null, out);
    }
    return file;
  }

  private void run() throws IOException, GeneralSecurityException {
    KeyPair key = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    Path hostKey = write(key, "key");
    KeyPairGenerator ecdsa = KeyPairGenerator.getInstance("EC");
    ecdsa.initialize(new ECGenParameterSpec("secp256r1"));
    String publicKey = PublicKeyEntry.toString(key.getPublic()) + "\n";
    Files.writeString(directory.resolve("key.pub"), publicKey);
    Path authorizedKeys = Files.writeString(directory.resolve("authorized_keys"), publicKey);
    Path launcher =
        Files.writeString(directory.resolve("launcher"), "#!/bin/sh\nshift 3\nexec \"$@\"\n");
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
    Path port = directory.resolve("port");
    Settings settings =
        new Settings(
            0,
            port,
            hostKey,
            Optional.of(write(ecdsa.generateKeyPair(), "ecdsa")),
            authorizedKeys,
            USER,
            Optional.of(password),
            "/bin/sh",
            directory,
            launcher,
            directory,
            Map.of("HOME", directory.toString()));
    Path file = Files.writeString(directory.resolve("settings"), "port=0\n");
    try {
      Settings.read(file);
    } catch (MistakeException e) {
      // The file was only needed to load the classes that read it.
      Files.delete(file);
    }
    new SshServer(settings).start();
    SshClient client = SshClient.setUpDefaultClient();
    client.setServerKeyVerifier(AcceptAllServerKeyVerifier.INSTANCE);
    client.start();
    int number = Integer.parseInt(Files.readString(port).strip());
    for (boolean byKey : List.of(true, false)) {
      try (ClientSession session =
          client.connect(USER, "127.0.0.1", number).verify(PATIENCE).getSession()) {
        if (byKey) {
          session.addPublicKeyIdentity(key);
        } else {
          session.addPasswordIdentity(password);
        }
        session.auth().verify(PATIENCE);
        session.executeRemoteCommand("echo trained");
        try (SftpClient sftp = SftpClientFactory.instance().createSftpClient(session)) {
          sftp.readEntries(".");
        }
      }
    }
  }
}
