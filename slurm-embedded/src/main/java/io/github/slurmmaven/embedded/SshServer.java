/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.embedded;

import java.io.IOException;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.file.nativefs.NativeFileSystemFactory;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.scp.server.ScpCommandFactory;
import org.apache.sshd.server.auth.UserAuthFactory;
import org.apache.sshd.server.auth.keyboard.UserAuthKeyboardInteractiveFactory;
import org.apache.sshd.server.auth.password.UserAuthPasswordFactory;
import org.apache.sshd.server.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.apache.sshd.server.command.CommandFactory;
import org.apache.sshd.server.config.keys.AuthorizedKeysAuthenticator;
import org.apache.sshd.server.subsystem.SubsystemFactory;
import org.jspecify.annotations.Nullable;

/**
 * The SSH server of an embedded cluster: exec, shell, SFTP and SCP for one user, as that user, from
 * this machine only.
 *
 * <p>The argument is the path of its settings; see {@link Settings}. It runs until it is killed,
 * and must be started in the user's home, where relative paths begin.
 */
public final class SshServer {

  /** Exit status when the settings are wrong. */
  static final int MISTAKE = 2;

  /** Exit status when the port is taken. */
  static final int PORT_TAKEN = 3;

  private static final String LOOPBACK = "127.0.0.1";
  private static final int KEY_MARK = 16;

  /** The command of an SCP client on the server: to (-t) or from (-f). */
  private static final Pattern SCP =
      Pattern.compile("scp(?: -\\w+)* -\\w*[tf]\\w*(?: .*)?", Pattern.DOTALL);

  /** A line of slurm.conf that describes a node; rendered files have one for each. */
  private static final Pattern NODE =
      Pattern.compile("NodeName=(\\S+).*", Pattern.CASE_INSENSITIVE);

  private final Settings settings;
  private final Processes processes = new Processes();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread created = new Thread(task, "session");
            created.setDaemon(true);
            return created;
          });

  SshServer(Settings settings) {
    this.settings = settings;
  }

  /** Runs the server. */
  public static void main(String[] arguments) throws InterruptedException {
    if (arguments.length != 1) {
      fail(MISTAKE, "usage: SshServer SETTINGS");
    }
    try {
      Settings settings = Settings.read(Path.of(arguments[0]));
      new SshServer(settings).start();
    } catch (MistakeException e) {
      fail(MISTAKE, e.getMessage() + (e.getCause() == null ? "" : ": " + e.getCause()));
    } catch (BindException e) {
      fail(PORT_TAKEN, e.getMessage());
    } catch (IOException e) {
      fail(1, e.toString());
    }
    new CountDownLatch(1).await();
  }

  private static void fail(int status, @Nullable String message) {
    System.err.println("The SSH server cannot start: " + message);
    System.exit(status);
  }

  /** Returns when the server listens. */
  void start() throws IOException {
    org.apache.sshd.server.SshServer server = JavaCryptography.server().build();
    server.setHost(LOOPBACK);
    server.setPort(settings.port());
    // Reading the keys takes a while, and they are not needed before a client connects.
    Future<List<KeyPair>> hostKeys = threads.submit(this::hostKeys);
    server.setKeyPairProvider(session -> valueOf(hostKeys));
    server.setUserAuthFactories(logins());
    AuthorizedKeysAuthenticator keys = new AuthorizedKeysAuthenticator(settings.authorizedKeys());
    server.setPublickeyAuthenticator(
        (user, key, session) ->
            user.equals(settings.user()) && keys.authenticate(user, key, session));
    server.setPasswordAuthenticator((user, password, session) -> isUser(user, password));
    server.setFileSystemFactory(NativeFileSystemFactory.INSTANCE);
    OpenSsh.imitate(server, this::isNode);
    server.setSubsystemFactories(List.of(new Sftp()));
    server.setShellFactory(channel -> command(Optional.empty()));
    server.setCommandFactory(
        (channel, line) ->
            SCP.matcher(line).matches()
                ? Copies.SCP.createCommand(channel, line)
                : command(Optional.of(line)));
    CoreModuleProperties.IDLE_TIMEOUT.set(server, Duration.ZERO);
    CoreModuleProperties.NIO2_READ_TIMEOUT.set(server, Duration.ZERO);
    // When the client hangs up, the command is ended at once.
    CoreModuleProperties.COMMAND_EXIT_TIMEOUT.set(server, Duration.ofMillis(1));
    CoreModuleProperties.SERVER_IDENTIFICATION.set(server, "SlurmMaven key:" + keyMark());
    listen(server);
    valueOf(hostKeys);
    publish(server.getPort());
  }

  private void listen(org.apache.sshd.server.SshServer server) throws IOException {
    try {
      server.start();
    } catch (BindException e) {
      BindException named =
          new BindException("port " + settings.port() + " of " + LOOPBACK + ": " + e.getMessage());
      named.initCause(e);
      throw named;
    }
  }

  private List<UserAuthFactory> logins() {
    List<UserAuthFactory> logins = new ArrayList<>(List.of(UserAuthPublicKeyFactory.INSTANCE));
    if (settings.password().isPresent()) {
      logins.add(UserAuthPasswordFactory.INSTANCE);
      logins.add(UserAuthKeyboardInteractiveFactory.INSTANCE);
    }
    return logins;
  }

  private boolean isUser(String user, String password) {
    boolean same = MessageDigest.isEqual(bytes(settings.password().orElseThrow()), bytes(password));
    return same && user.equals(settings.user());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Returns the end of the public key, by which slurm:start recognizes the cluster's server. */
  private String keyMark() {
    Path file = Path.of(settings.hostKey() + ".pub");
    try {
      // The type comes first, and another program's comment may follow.
      String[] words = Files.readString(file).strip().split(" ", 3);
      if (words.length > 1 && words[1].length() >= KEY_MARK) {
        return words[1].substring(words[1].length() - KEY_MARK);
      }
      throw new MistakeException("there is no public key in " + file, null);
    } catch (IOException e) {
      throw new MistakeException("the host key " + settings.hostKey() + " cannot be read", e);
    }
  }

  private List<KeyPair> hostKeys() {
    List<KeyPair> keys = new ArrayList<>(read(settings.hostKey()));
    settings.ecdsaHostKey().ifPresent(file -> keys.addAll(read(file)));
    return keys;
  }

  private static Collection<KeyPair> read(Path hostKey) {
    try (var stream = Files.newInputStream(hostKey)) {
      Collection<KeyPair> keys = new ArrayList<>();
      SecurityUtils.loadKeyPairIdentities(
              null, NamedResource.ofName("host key"), stream, FilePasswordProvider.EMPTY)
          .forEach(keys::add);
      return keys;
    } catch (IOException | GeneralSecurityException e) {
      throw new MistakeException("the host key " + hostKey + " cannot be read", e);
    }
  }

  private static List<KeyPair> valueOf(Future<List<KeyPair>> hostKeys) {
    try {
      return hostKeys.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof MistakeException mistake
          ? mistake
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Whether a host name means this machine: a node's name, or the output of hostname in a job. */
  private boolean isNode(String host) {
    return Stream.of(Path.of("/proc/sys/kernel/hostname"), slurmConf())
        .flatMap(SshServer::lines)
        .map(line -> NODE.matcher(line.strip()).replaceFirst("$1"))
        .anyMatch(host::equalsIgnoreCase);
  }

  private Path slurmConf() {
    return Path.of(settings.environment().getOrDefault("SLURM_CONF", "/dev/null"));
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream();
    } catch (IOException e) {
      return Stream.empty();
    }
  }

  private Command command(Optional<String> line) {
    return new ShellCommand(settings, line, processes, threads);
  }

  /** Writes the file that shows that the server listens. It appears complete or not at all. */
  private void publish(int port) throws IOException {
    Path fresh = Path.of(settings.portFile() + ".new");
    Files.writeString(fresh, port + "\n");
    Files.move(fresh, settings.portFile(), StandardCopyOption.ATOMIC_MOVE);
    System.err.println("The SSH server listens on " + LOOPBACK + ":" + port);
  }

  /** SFTP and SCP, created when a client needs them, so that the server listens earlier. */
  private static final class Copies {
    static final SubsystemFactory SFTP = OpenSsh.sftp();
    static final CommandFactory SCP = new ScpCommandFactory();
  }

  private static final class Sftp implements SubsystemFactory {

    @Override
    public String getName() {
      return "sftp";
    }

    @Override
    public Command createSubsystem(ChannelSession channel) throws IOException {
      return Copies.SFTP.createSubsystem(channel);
    }
  }
}
