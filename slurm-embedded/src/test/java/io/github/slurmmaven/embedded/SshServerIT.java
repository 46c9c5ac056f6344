/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.embedded;

import static io.github.slurmmaven.embedded.RunningServer.PASSWORD;
import static io.github.slurmmaven.embedded.RunningServer.PATIENCE;
import static io.github.slurmmaven.embedded.RunningServer.USER;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.embedded.RunningServer.Ended;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.transport.verification.PromiscuousVerifier;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.client.channel.ChannelShell;
import org.apache.sshd.client.channel.ClientChannel;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.keyverifier.AcceptAllServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.scp.client.ScpClient;
import org.apache.sshd.scp.client.ScpClientCreator;
import org.apache.sshd.sftp.client.SftpClient;
import org.apache.sshd.sftp.client.SftpClientFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("embedded")
@Timeout(120)
class SshServerIT {

  private static RunningServer server;
  private static SshClient client;
  private static ClientSession session;

  @BeforeAll
  static void start(@TempDir Path temporary) throws Exception {
    Path directory = Files.createDirectories(temporary.resolve("two words ü"));
    server = new RunningServer(directory);
    Path conf =
        Files.writeString(
            server.file("slurm.conf"), "ClusterName=c\nNodeName=compute-7 NodeAddr=127.0.0.1\n");
    server.with("environment.SLURM_CONF", conf.toString());
    RunningServer.compileLauncher(directory.resolve("slurm-pty"));
    server.start();
    client = SshClient.setUpDefaultClient();
    client.setServerKeyVerifier(AcceptAllServerKeyVerifier.INSTANCE);
    client.start();
    session = server.connect(client, USER);
    session.addPublicKeyIdentity(server.userKey());
    session.auth().verify(PATIENCE);
  }

  @AfterAll
  static void stop() throws InterruptedException {
    if (client != null) {
      client.stop();
    }
    if (server != null) {
      server.close();
    }
  }

  /** What became of a command. */
  private record Result(Integer status, String signal, byte[] output, byte[] errors) {

    String text() {
      return new String(output, UTF_8);
    }
  }

  private static Result run(String command) throws IOException {
    return run(command, new byte[0], Map.of());
  }

  private static Result run(String command, byte[] input, Map<String, String> environment)
      throws IOException {
    try (ChannelExec channel = session.createExecChannel(command)) {
      environment.forEach(channel::setEnv);
      return result(channel, new ByteArrayInputStream(input));
    }
  }

  private static Result result(ClientChannel channel, InputStream input) throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    channel.setIn(input);
    channel.setOut(output);
    channel.setErr(errors);
    channel.open().verify(PATIENCE);
    assertThat(channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), PATIENCE))
        .contains(ClientChannelEvent.CLOSED);
    return new Result(
        channel.getExitStatus(),
        channel.getExitSignal(),
        output.toByteArray(),
        errors.toByteArray());
  }

  private static void await(BooleanSupplier condition, String what) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      try {
        TimeUnit.MILLISECONDS.sleep(10);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static boolean isGone(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") Z ");
    } catch (IOException e) {
      return true;
    }
  }

  private static long pidIn(Path file) throws IOException {
    await(() -> Files.exists(file) && file.toFile().length() > 0, file + " is there");
    return Long.parseLong(Files.readString(file).strip());
  }

  @Nested
  @DisplayName("A command")
  class ACommand {

    @ParameterizedTest
    @CsvSource({"true, 0", "false, 1", "exit 42, 42", "exit 143, 143", "/no/such, 127"})
    void hasItsExitStatus(String command, int status) throws IOException {
      assertThat(run(command).status()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({"9, KILL", "15, TERM", "11, SEGV"})
    void hasItsSignal(int number, String name) throws IOException {
      Result result = run("kill -" + number + " $$");

      assertThat(result.signal()).isEqualTo(name);
      assertThat(result.status()).isNull();
      assertThat(Files.list(server.file("scratch"))).isEmpty();
    }

    @Test
    void hasTwoOutputs() throws IOException {
      Result result = run("echo out; echo err >&2");

      assertThat(result.text()).isEqualTo("out\n");
      assertThat(new String(result.errors(), UTF_8)).isEqualTo("err\n");
    }

    @Test
    void getsAndGivesManyBytesAsTheyAre() throws IOException {
      byte[] bytes = new byte[5_000_000];
      new Random(1).nextBytes(bytes);

      assertThat(run("cat", bytes, Map.of()).output()).isEqualTo(bytes);
    }

    @Test
    void mayLeaveItsInputUnread() throws IOException {
      assertThat(run("echo done", new byte[5_000_000], Map.of()).text()).isEqualTo("done\n");
    }

    @Test
    void beginsAtHomeInItsEnvironment() throws IOException {
      Result result =
          run(
              "pwd; env",
              new byte[0],
              Map.of(
                  "LC_TIME", "de_DE.UTF-8",
                  "SBATCH_PARTITION", "debug ü",
                  "SLURM_CONF", "/mine",
                  "PATH", "/mine",
                  "LD_PRELOAD", "/mine"));

      assertThat(result.text().lines())
          .startsWith(server.home().toString())
          .contains(
              "LC_TIME=de_DE.UTF-8",
              "SLURM_CONF=" + server.file("slurm.conf"),
              "PATH=/usr/bin:/bin",
              "HOME=" + server.home())
          .noneMatch(line -> line.matches("(LD_PRELOAD|SBATCH_PARTITION)=.*"));
    }

    @Test
    void runsBesideOthers() {
      List<String> answers =
          IntStream.range(0, 20)
              .parallel()
              .mapToObj(
                  i -> {
                    try {
                      return run("sleep 0.1; echo " + i).text().strip();
                    } catch (IOException e) {
                      throw new AssertionError(e);
                    }
                  })
              .toList();

      assertThat(answers)
          .containsExactlyInAnyOrderElementsOf(
              IntStream.range(0, 20).mapToObj(String::valueOf).toList());
    }

    @Test
    void isHungUpWhenTheClientLeaves() throws IOException {
      Path pid = server.file("pid");
      try (ChannelExec channel =
          session.createExecChannel("sleep 600 & echo $! > '" + pid + "'; wait")) {
        channel.open().verify(PATIENCE);
        assertThat(isGone(pidIn(pid))).isFalse();
        assertThat(channel.close(false).await(PATIENCE)).isTrue();
      }

      long child = pidIn(pid);
      await(() -> isGone(child), "the command's child is gone");
    }

    @Test
    void getsSignals() throws Exception {
      Path ready = server.file("ready");
      try (ChannelExec channel =
          session.createExecChannel(
              "trap 'echo caught; exit 3' USR1; echo 1 > '"
                  + ready
                  + "'; while :; do sleep 0.02; done")) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        channel.setOut(output);
        channel.open().verify(PATIENCE);
        pidIn(ready);

        org.apache.sshd.common.util.buffer.Buffer request =
            session.createBuffer(org.apache.sshd.common.SshConstants.SSH_MSG_CHANNEL_REQUEST);
        request.putUInt(channel.getRecipient());
        request.putString("signal");
        request.putBoolean(false);
        request.putString("USR1");
        session.writePacket(request);
        channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), PATIENCE);

        assertThat(output.toString(UTF_8)).isEqualTo("caught\n");
        assertThat(channel.getExitStatus()).isEqualTo(3);
      }
    }
  }

  @Nested
  @DisplayName("A shell")
  class AShell {

    @Test
    void withoutATerminalReadsCommands() throws IOException {
      try (ChannelShell channel = session.createShellChannel()) {
        channel.setUsePty(false);

        Result result =
            result(
                channel, new ByteArrayInputStream("echo $((6*7)); tty; exit 5\n".getBytes(UTF_8)));

        assertThat(result.text()).contains("42\n", "not a tty");
        assertThat(result.status()).isEqualTo(5);
      }
    }

    @Test
    void onATerminalHasItsSizeTypeAndModes() throws IOException {
      try (ChannelShell channel = session.createShellChannel();
          PipedOutputStream keyboard = new PipedOutputStream()) {
        channel.setPtyType("vt220");
        channel.setPtyLines(33);
        channel.setPtyColumns(99);
        channel.setPtyModes(Map.of(org.apache.sshd.common.channel.PtyMode.ECHO, 0));
        ByteArrayOutputStream screen = new ByteArrayOutputStream();
        channel.setIn(new PipedInputStream(keyboard));
        channel.setOut(screen);
        channel.open().verify(PATIENCE);

        type(keyboard, "stty size; echo $TERM; tty; exit_status() { return $1; }\n");
        await(() -> screen.toString(UTF_8).contains("/dev/pts/"), "the terminal's name");
        channel.sendWindowChange(120, 40);
        await(
            () -> {
              type(keyboard, "stty size\n");
              return screen.toString(UTF_8).contains("40 120");
            },
            "the new size");
        type(keyboard, "exit 6\n");
        channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), PATIENCE);

        assertThat(screen.toString(UTF_8))
            .contains("33 99\r\n", "vt220\r\n")
            .doesNotContain("stty");
        assertThat(channel.getExitStatus()).isEqualTo(6);
      }
    }

    @Test
    void onATerminalIsInterruptedByItsKey() throws IOException {
      try (ChannelExec channel =
              session.createExecChannel(
                  "trap 'echo interrupted; exit 4' INT; echo up; while :; do sleep 0.02; done");
          PipedOutputStream keyboard = new PipedOutputStream()) {
        channel.setUsePty(true);
        ByteArrayOutputStream screen = new ByteArrayOutputStream();
        channel.setIn(new PipedInputStream(keyboard));
        channel.setOut(screen);
        channel.open().verify(PATIENCE);
        await(() -> screen.toString(UTF_8).contains("up"), "it runs");

        type(keyboard, "\u0003");
        channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), PATIENCE);

        assertThat(screen.toString(UTF_8)).contains("interrupted\r\n");
        assertThat(channel.getExitStatus()).isEqualTo(4);
      }
    }

    @Test
    void onATerminalIsHungUpWhenTheClientLeaves() throws IOException {
      Path pid = server.file("terminal-pid");
      try (ChannelExec channel =
          session.createExecChannel("echo $$ > '" + pid + "'; sleep 600; :")) {
        channel.setUsePty(true);
        channel.open().verify(PATIENCE);
        assertThat(isGone(pidIn(pid))).isFalse();
        assertThat(channel.close(false).await(PATIENCE)).isTrue();
      }

      long child = pidIn(pid);
      await(() -> isGone(child), "the shell is gone");
    }

    private void type(PipedOutputStream keyboard, String text) {
      try {
        keyboard.write(text.getBytes(UTF_8));
        keyboard.flush();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Nested
  @DisplayName("Files")
  class ItsFiles {

    @Test
    void goAndComeBySftp() throws IOException {
      try (SftpClient sftp = SftpClientFactory.instance().createSftpClient(session)) {
        assertThat(sftp.canonicalPath(".")).isEqualTo(server.home().toString());
        byte[] bytes = new byte[300_000];
        new Random(2).nextBytes(bytes);
        sftp.mkdir("inbox");
        try (var out = sftp.write("inbox/data")) {
          out.write(bytes);
        }

        assertThat(server.home().resolve("inbox/data")).hasBinaryContent(bytes);
        try (var in = sftp.read(server.home() + "/inbox/data")) {
          assertThat(in.readAllBytes()).isEqualTo(bytes);
        }
        assertThat(StreamSupport.stream(sftp.readDir("inbox").spliterator(), false))
            .extracting(SftpClient.DirEntry::getFilename)
            .contains("data");
        assertThat(sftp.stat("/").isDirectory()).isTrue();
        sftp.rename("inbox/data", "inbox/renamed");
        sftp.remove("inbox/renamed");
        assertThat(server.home().resolve("inbox")).isEmptyDirectory();
      }
    }

    @Test
    void goAndComeByScp() throws IOException {
      ScpClient scp = ScpClientCreator.instance().createScpClient(session);
      Path source = Files.writeString(server.file("source file"), "content ü");

      scp.upload(source, "copied");
      scp.download("copied", server.file("back"), ScpClient.Option.PreserveAttributes);

      assertThat(server.home().resolve("copied")).hasSameTextualContentAs(source);
      assertThat(server.file("back")).hasSameTextualContentAs(source);
    }
  }

  @Nested
  @DisplayName("OpenSSH's own")
  class OpenSsh {

    private static final String AT = USER + "@127.0.0.1";

    @Test
    void sshRunsCommands() throws Exception {
      Ended ended = server.openSsh("ssh", "typed\n", AT, "cat; echo err >&2; exit 9");

      assertThat(ended).isEqualTo(new Ended(9, "typed\n", "err\n"));
    }

    @Test
    void sshHasATerminal() throws Exception {
      Ended ended = server.openSsh("ssh", "", "-tt", AT, "tty; exit 3");

      assertThat(ended.output()).startsWith("/dev/pts/");
      assertThat(ended.status()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-q", "-O"})
    void scpCopiesByEitherProtocol(String protocol) throws Exception {
      Path source = Files.createDirectories(server.file("tree" + protocol));
      Files.writeString(source.resolve("a b"), "one");

      Ended there = server.openSsh("scp", "", protocol, "-rp", source.toString(), AT + ":");
      Ended back =
          server.openSsh(
              "scp",
              "",
              protocol,
              "-r",
              AT + ":" + source.getFileName(),
              server.file("back" + protocol).toString());

      assertThat(there.status()).as(there.errors()).isZero();
      assertThat(back.status()).as(back.errors()).isZero();
      assertThat(server.file("back" + protocol).resolve("a b")).hasContent("one");
    }

    @Test
    void sftpListsAndCopies() throws Exception {
      Files.writeString(server.home().resolve("seen"), "content");

      Ended ended =
          server.openSsh(
              "sftp", "ls\npwd\nget seen \"" + server.file("fetched") + "\"\n", "-b", "-", AT);

      assertThat(ended.status()).as(ended.errors()).isZero();
      assertThat(ended.output()).contains("seen", server.home().toString());
      assertThat(server.file("fetched")).hasContent("content");
    }
  }

  @Nested
  @DisplayName("sshj")
  class Sshj {

    private SSHClient connected() throws IOException {
      SSHClient sshj = new SSHClient();
      sshj.addHostKeyVerifier(new PromiscuousVerifier());
      sshj.connect("127.0.0.1", server.port());
      return sshj;
    }

    @Test
    void runsCommandsAndCopiesFilesWithTheKey() throws Exception {
      try (SSHClient sshj = connected()) {
        sshj.authPublickey(USER, server.file("id").toString());
        try (var shell = sshj.startSession();
            var command = shell.exec("cat; exit 8")) {
          command.getOutputStream().write("typed".getBytes(UTF_8));
          command.getOutputStream().close();
          assertThat(command.getInputStream().readAllBytes()).asString().isEqualTo("typed");
          command.join(PATIENCE.toSeconds(), TimeUnit.SECONDS);
          assertThat(command.getExitStatus()).isEqualTo(8);
        }
        Path source = Files.writeString(server.file("sshj file"), "content");
        try (var sftp = sshj.newSFTPClient()) {
          sftp.put(source.toString(), "by sshj's sftp");
        }
        sshj.newSCPFileTransfer().upload(source.toString(), "by-scp");
        assertThat(server.home().resolve("by sshj's sftp")).hasContent("content");
        assertThat(server.home().resolve("by-scp")).hasContent("content");
      }
    }

    @Test
    void logsInWithThePasswordAndIsKeptAlive() throws Exception {
      try (SSHClient sshj = connected()) {
        sshj.authPassword(USER, PASSWORD);
        assertThat(
                sshj.getConnection()
                    .sendGlobalRequest("keepalive@openssh.com", true, new byte[0])
                    .isFulfilled())
            .isFalse();
        try (var shell = sshj.startSession()) {
          shell.allocateDefaultPTY();
          try (var command = shell.exec("tty; kill -9 $$")) {
            assertThat(command.getInputStream().readAllBytes()).asString().startsWith("/dev/pts/");
            command.join(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(command.getExitSignal()).hasToString("KILL");
          }
        }
        assertThat(sshj.isConnected()).isTrue();
      }
    }
  }

  @Nested
  @DisplayName("The door")
  class TheDoor {

    private void logIn(String user, String password, KeyPair key) throws IOException {
      try (ClientSession other = server.connect(client, user)) {
        if (password != null) {
          other.addPasswordIdentity(password);
        }
        if (key != null) {
          other.addPublicKeyIdentity(key);
        }
        other.auth().verify(PATIENCE);
      }
    }

    @Test
    void opensToThePassword() throws IOException {
      logIn(USER, PASSWORD, null);
    }

    @Test
    void opensToTheKey() throws IOException {
      logIn(USER, null, server.userKey());
    }

    @Test
    void staysClosedToOthers() throws Exception {
      assertThatThrownBy(() -> logIn(USER, "wrong", null))
          .hasMessageContaining("No more authentication");
      assertThatThrownBy(() -> logIn(USER, " ", null))
          .hasMessageContaining("No more authentication");
      assertThatThrownBy(() -> logIn("root", PASSWORD, null))
          .hasMessageContaining("No more authentication");
      assertThatThrownBy(() -> logIn("root", null, server.userKey()))
          .hasMessageContaining("No more authentication");
      assertThatThrownBy(() -> logIn(USER, null, RunningServer.newKey()))
          .hasMessageContaining("No more authentication");
      assertThat(server.log()).doesNotContain("wrong", PASSWORD);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost", "compute-7"})
    void leadsToTheLoopbackInterfaceAndTheNodes(String host) throws Exception {
      try (ServerSocket target = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        Thread service =
            new Thread(
                () -> {
                  try (Socket accepted = target.accept()) {
                    accepted.getOutputStream().write("served".getBytes(UTF_8));
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });
        service.start();
        Ended ended =
            server.openSsh(
                "ssh", "", "-W", host + ":" + target.getLocalPort(), USER + "@127.0.0.1");
        assertThat(ended.output()).as(ended.errors()).isEqualTo("served");
        service.join();
      }
    }

    @Test
    void leadsNowhereElse() throws Exception {
      Ended ended = server.openSsh("ssh", "", "-W", "192.0.2.1:80", USER + "@127.0.0.1");

      assertThat(ended.status()).isNotZero();
      assertThat(ended.errors()).contains("stdio forwarding failed");
    }
  }

  @Nested
  @DisplayName("The process")
  class TheProcess {

    private RunningServer other(Path directory) throws Exception {
      return new RunningServer(directory);
    }

    @Test
    void namesThePortThatIsTaken(@TempDir Path directory) throws Exception {
      try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
          RunningServer other = other(directory)) {
        Process process = other.with("port", String.valueOf(taken.getLocalPort())).launch();

        assertThat(process.waitFor()).isEqualTo(SshServer.PORT_TAKEN);
        assertThat(other.log())
            .contains("port " + taken.getLocalPort() + " of 127.0.0.1: Address already in use");
        assertThat(other.file("port")).doesNotExist();
      }
    }

    @ParameterizedTest
    @CsvSource({
      "port, many, the property 'port' is no number: 'many'",
      "port, 65536, the property 'port' is no port: '65536'",
      "user, , the property 'user' is missing",
      "hostKey, /no/such/key, the host key /no/such/key cannot be read",
      "ecdsaHostKey, /no/such/key, the host key /no/such/key cannot be read",
    })
    void namesTheMistake(String name, String value, String message, @TempDir Path directory)
        throws Exception {
      try (RunningServer other = other(directory)) {
        Process process = other.with(name, value).launch();

        assertThat(process.waitFor()).isEqualTo(SshServer.MISTAKE);
        assertThat(other.log()).contains(message);
      }
    }

    @Test
    void namesAnInvalidPublicHostKey(@TempDir Path directory) throws Exception {
      try (RunningServer other = other(directory)) {
        Files.writeString(other.file("host_key.pub"), "none\n");
        Process process = other.launch();

        assertThat(process.waitFor()).isEqualTo(SshServer.MISTAKE);
        assertThat(other.log()).contains("there is no public key in " + other.file("host_key.pub"));
      }
    }

    @Test
    void asksForNoPasswordWhereThereIsNoneAndEndsWithItsCommandsAtOnce(@TempDir Path directory)
        throws Exception {
      RunningServer.compileLauncher(directory.resolve("slurm-pty"));
      try (RunningServer other = other(directory).with("password", null).start()) {
        try (ClientSession refused = other.connect(client, USER)) {
          refused.addPasswordIdentity(PASSWORD);
          assertThatThrownBy(() -> refused.auth().verify(PATIENCE)).isInstanceOf(IOException.class);
        }
        Path pid = other.file("pid");
        try (ClientSession used = other.connect(client, USER)) {
          used.addPublicKeyIdentity(other.userKey());
          used.auth().verify(PATIENCE);
          ChannelExec channel = used.createExecChannel("echo $$ > '" + pid + "'; sleep 600; :");
          channel.open().verify(PATIENCE);
          long shell = pidIn(pid);

          other.process().destroy();

          assertThat(other.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
          await(() -> isGone(shell), "the command is gone");
        }
      }
    }
  }
}
