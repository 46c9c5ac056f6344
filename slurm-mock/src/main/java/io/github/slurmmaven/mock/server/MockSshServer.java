/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.server;

import io.github.slurmmaven.client.SshFiles;
import io.github.slurmmaven.client.SshKeyPair;
import io.github.slurmmaven.embedded.JavaCryptography;
import io.github.slurmmaven.embedded.OpenSsh;
import io.github.slurmmaven.mock.shell.RemoteFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.config.keys.AuthorizedKeyEntry;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;
import org.apache.sshd.common.file.FileSystemFactory;
import org.apache.sshd.common.file.root.RootedFileSystem;
import org.apache.sshd.common.file.root.RootedFileSystemProvider;
import org.apache.sshd.common.file.root.RootedPath;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.session.SessionContext;
import org.apache.sshd.common.session.helpers.AbstractSession;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.scp.server.ScpCommandFactory;
import org.apache.sshd.server.SshServer;

/** The SSH server of a mock, on loopback, with SFTP and SCP. */
public final class MockSshServer implements AutoCloseable {

  /** As of a real test cluster. */
  public static final String PASSWORD = "slurm";

  private final SshServer server;
  private final Path privateKey;
  private final Path knownHosts;

  private MockSshServer(SshServer server, Path privateKey, Path knownHosts) {
    this.server = server;
    this.privateKey = privateKey;
    this.knownHosts = knownHosts;
  }

  /**
   * Starts a server.
   *
   * @param directory directory for the client's key and known_hosts
   * @param files the files of SFTP and SCP
   * @param user the only user who may log in
   * @param isNode whether a host name is a node's; all nodes are this machine
   * @param runner runs the command lines of clients
   */
  public static MockSshServer start(
      Path directory,
      RemoteFiles files,
      String user,
      Predicate<String> isNode,
      CommandLineRunner runner)
      throws IOException {
    // As a real test cluster has them.
    List<SshKeyPair> hosts = List.of(SshKeyPair.generate(), SshKeyPair.generateEcdsa());
    SshKeyPair client = SshKeyPair.generate();
    Path privateKey = directory.resolve("id_ed25519");
    boolean posix = directory.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] ownerOnly =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    Files.createFile(privateKey, ownerOnly);
    Files.writeString(privateKey, client.privateKey(), StandardOpenOption.WRITE);

    SshServer server = JavaCryptography.server().build();
    server.setHost("127.0.0.1");
    server.setPort(0);
    // Without it, every small answer waits for the client's delayed acknowledgement.
    CoreModuleProperties.TCP_NODELAY.set(server, true);
    List<KeyPair> hostKeys = new ArrayList<>();
    for (SshKeyPair host : hosts) {
      hostKeys.add(keyPair(host));
    }
    server.setKeyPairProvider(KeyPairProvider.wrap(hostKeys));
    PublicKey known = publicKey(client);
    server.setPublickeyAuthenticator(
        (name, key, session) -> name.equals(user) && KeyUtils.compareKeys(known, key));
    server.setPasswordAuthenticator(
        (name, password, session) -> name.equals(user) && password.equals(PASSWORD));
    server.setFileSystemFactory(new Root(files.root(), "/home/" + user));
    OpenSsh.imitate(server, isNode);
    server.setSubsystemFactories(List.of(OpenSsh.sftp()));
    server.setCommandFactory(
        new ScpCommandFactory.Builder()
            .withDelegate((channel, line) -> new ClientCommand(runner, line))
            .build());
    server.setShellFactory(channel -> new ClientCommand(runner, "bash"));
    server.start();
    Path knownHosts = directory.resolve("known_hosts");
    Files.writeString(
        knownHosts,
        SshFiles.knownHosts(
            "127.0.0.1", server.getPort(), hosts.stream().map(SshKeyPair::publicKey).toList()));
    return new MockSshServer(server, privateKey, knownHosts);
  }

  private static KeyPair keyPair(SshKeyPair pair) throws IOException {
    InputStream in =
        new ByteArrayInputStream(pair.privateKey().getBytes(StandardCharsets.US_ASCII));
    try {
      return SecurityUtils.loadKeyPairIdentities(null, NamedResource.ofName("host key"), in, null)
          .iterator()
          .next();
    } catch (GeneralSecurityException e) {
      throw new IOException("the host key cannot be read", e);
    }
  }

  private static PublicKey publicKey(SshKeyPair pair) throws IOException {
    try {
      return AuthorizedKeyEntry.parseAuthorizedKeyEntry(pair.publicKey())
          .resolvePublicKey(null, PublicKeyEntryResolver.FAILING);
    } catch (GeneralSecurityException e) {
      throw new IOException("the client key cannot be read", e);
    }
  }

  /** The files that SFTP and SCP show: relative paths begin at home. */
  private record Root(Path root, String home) implements FileSystemFactory {

    @Override
    public Path getUserHomeDir(SessionContext session) {
      return root;
    }

    @Override
    public FileSystem createFileSystem(SessionContext session) {
      return new RootedFileSystem(new RootedFileSystemProvider(), root, Map.of()) {
        @Override
        public RootedPath getDefaultDir() {
          return getPath(home);
        }
      };
    }
  }

  public int port() {
    return server.getPort();
  }

  public Path privateKey() {
    return privateKey;
  }

  public Path knownHosts() {
    return knownHosts;
  }

  /** Breaks all connections. */
  public void dropConnections() {
    for (AbstractSession session : server.getActiveSessions()) {
      session.close(true);
    }
  }

  @Override
  public void close() {
    try {
      server.stop(true);
    } catch (IOException e) {
      throw new UncheckedIOException("the mock's SSH server did not end", e);
    }
  }
}
