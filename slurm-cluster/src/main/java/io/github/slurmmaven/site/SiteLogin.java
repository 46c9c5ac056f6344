/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.Quoted;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A login node of a site, on which five read-only commands are run. The user's own {@code ssh} runs
 * them, because no library reads the user's agent, keys, {@code known_hosts} and {@code config}
 * exactly as ssh does.
 */
public final class SiteLogin {

  /** Files with the output of the required commands, by command. Either all are written or none. */
  private static final Map<String, String> REQUIRED =
      inOrder(
          "scontrol show config", "scontrol-config.txt",
          "scontrol show partition", "scontrol-partition.txt",
          "scontrol show node", "scontrol-node.txt");

  /** Files of the commands that print nothing at a site without accounting. */
  private static final Map<String, String> OPTIONAL =
      inOrder(
          "sacctmgr -P show assoc tree", "sacctmgr-assoc.txt",
          "sacctmgr -P show qos", "sacctmgr-qos.txt");

  private static final Pattern LOGIN =
      Pattern.compile(
          "(ssh://)?(?:([A-Za-z0-9_][^@\\s/:]*)@)?([A-Za-z0-9][\\w.-]*|\\[[0-9A-Fa-f:.]+])(?::(\\d{1,5}))?");

  /** Texts that are the name of a file rather than a host. */
  private static final Pattern FILE_NAME = Pattern.compile("(?i).*\\.(conf|txt|ya?ml|cfg|log)");

  private static final int MOST_PORTS = 65_535;

  /**
   * No prompts, no unknown host keys, no forwarding, no changes of known_hosts, and no commands of
   * ssh_config.
   */
  private static final List<String> OPTIONS =
      Stream.of(
              "BatchMode=yes",
              "StrictHostKeyChecking=yes",
              "UpdateHostKeys=no",
              "ClearAllForwardings=yes",
              "ForwardAgent=no",
              "ForwardX11=no",
              "PermitLocalCommand=no",
              "RemoteCommand=none",
              "RequestTTY=no",
              "ConnectTimeout=20",
              "ServerAliveInterval=15",
              "LogLevel=ERROR")
          .flatMap(option -> Stream.of("-o", option))
          .toList();

  /** Limit for one command; {@code show assoc} of a large site is slow. */
  private static final Duration LIMIT = Duration.ofMinutes(5);

  /** Exit status of ssh itself when it fails. */
  private static final int SSH_FAILED = 255;

  /** Exit status of a shell when a command does not exist. */
  private static final int NOT_FOUND = 127;

  /** Messages of ssh when a host does not answer. */
  private static final List<String> NO_ANSWER =
      List.of("connection refused", "timed out", "no route to host", "network is unreachable");

  private static final Pattern FRAME = Pattern.compile("^@+ *| *@+$");

  private static final int LONGEST_ANSWER = 3;

  private final String site;
  private final @Nullable String user;
  private final String host;
  private final @Nullable String port;

  private SiteLogin(String site, Matcher login) {
    this.site = site;
    user = login.group(2);
    host = login.group(3).replaceAll("[\\[\\]]", "");
    port = login.group(4);
  }

  /**
   * The outputs of a site.
   *
   * @param directory the files with the outputs
   * @param notes optional outputs that could not be read
   */
  public record Outputs(Path directory, List<String> notes) {}

  /**
   * Returns the login node that a text names: {@code host}, {@code user@host}, {@code
   * user@host:port} or {@code ssh://user@host:port}, where the host may be a Host of ssh_config.
   * Returns empty for the name of a file.
   *
   * @throws UserMistakeException when the port is not one
   */
  public static Optional<SiteLogin> of(String site) {
    Matcher login = LOGIN.matcher(site);
    if (!login.matches()) {
      return Optional.empty();
    }
    boolean isPlain = login.group(1) == null && login.group(2) == null && login.group(4) == null;
    if (isPlain && FILE_NAME.matcher(site).matches()) {
      return Optional.empty();
    }
    if (login.group(4) != null) {
      int number = Integer.parseInt(login.group(4));
      if (number < 1 || number > MOST_PORTS) {
        throw new UserMistakeException(
            "site: %s has the port %d: name one from 1 to %d"
                .formatted(Quoted.of(site), number, MOST_PORTS));
      }
    }
    return Optional.of(new SiteLogin(site, login));
  }

  /** Returns the host, for the name of a directory. */
  public String host() {
    return host;
  }

  /**
   * Runs the commands, and writes their output to files.
   *
   * @param directory directory of the files; earlier ones are deleted
   * @throws UserMistakeException when the site refuses the user, or its host key is not known
   * @throws SlurmClusterException when a command fails, or does not end in time
   */
  public Outputs read(Path directory) {
    return read(directory, List.of("ssh"));
  }

  /**
   * @param ssh the program, with options of its own
   */
  Outputs read(Path directory, List<String> ssh) {
    List<String> notes = new ArrayList<>();
    try {
      Files.createDirectories(directory);
      for (String file : Stream.of(REQUIRED, OPTIONAL).flatMap(m -> m.values().stream()).toList()) {
        Files.deleteIfExists(directory.resolve(file));
      }
      for (Map.Entry<String, String> each : REQUIRED.entrySet()) {
        Answer answer = run(ssh, each.getKey(), directory.resolve(each.getValue()));
        if (answer.status() != 0) {
          throw failed(each.getKey(), answer);
        }
      }
      for (Map.Entry<String, String> each : OPTIONAL.entrySet()) {
        Answer answer = run(ssh, each.getKey(), directory.resolve(each.getValue()));
        if (answer.status() == SSH_FAILED) {
          throw failed(each.getKey(), answer);
        }
        if (answer.status() != 0) {
          notes.add(
              "'%s' failed on %s, so the twin is made without its output: %s"
                  .formatted(each.getKey(), Quoted.plain(site), answer.words()));
        }
      }
    } catch (IOException e) {
      throw new SlurmClusterException(
          "site: the output of %s cannot be written to %s: %s. Make the directory writable"
              .formatted(Quoted.of(site), directory, FileFailure.of(e)),
          e);
    }
    return new Outputs(directory, List.copyOf(notes));
  }

  // ---- commands --------------------------------------------------------------------------------

  /**
   * The result of a command.
   *
   * @param status its exit status
   * @param error its standard error
   */
  private record Answer(int status, String error) {

    /** Returns its message, on one line. */
    String words() {
      String words =
          error
              .lines()
              // Removes the frame that ssh draws around a warning.
              .map(line -> FRAME.matcher(line.strip()).replaceAll(""))
              .filter(line -> !line.isEmpty())
              .limit(LONGEST_ANSWER)
              .collect(Collectors.joining("; "));
      return words.isEmpty() ? "exit status " + status : Quoted.plain(words);
    }

    boolean says(String text) {
      return error.toLowerCase(Locale.ROOT).contains(text.toLowerCase(Locale.ROOT));
    }
  }

  private Answer run(List<String> ssh, String command, Path output) throws IOException {
    List<String> words = new ArrayList<>(ssh);
    words.addAll(OPTIONS);
    if (user != null) {
      words.addAll(List.of("-l", user));
    }
    if (port != null) {
      words.addAll(List.of("-p", port));
    }
    words.addAll(List.of("--", host, command));
    Path errors = Files.createTempFile("slurm-site-", ".err");
    try {
      Process process = start(words, output, errors);
      try {
        process.getOutputStream().close();
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
          throw new SlurmClusterException(
              "site: '%s' on %s did not end within %d s: try it by hand with 'ssh %s %s'"
                  .formatted(command, Quoted.plain(site), LIMIT.toSeconds(), shown(), command));
        }
        if (process.exitValue() != 0) {
          Files.deleteIfExists(output);
        }
        return new Answer(
            process.exitValue(), new String(Files.readAllBytes(errors), StandardCharsets.UTF_8));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SlurmClusterException(
            "Interrupted while '%s' ran on %s".formatted(command, Quoted.plain(site)), e);
      } finally {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    } finally {
      Files.deleteIfExists(errors);
    }
  }

  private Process start(List<String> words, Path output, Path errors) {
    ProcessBuilder builder =
        new ProcessBuilder(words).redirectOutput(output.toFile()).redirectError(errors.toFile());
    // The messages below are in the C locale.
    builder.environment().put("LC_ALL", "C");
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UserMistakeException(
          "site: %s is read with the program ssh, which cannot be run here: %s. Install OpenSSH's client, or copy the site's slurm.conf and name that"
              .formatted(Quoted.of(site), FileFailure.of(e)),
          e);
    }
  }

  // ---- failures --------------------------------------------------------------------------------

  private RuntimeException failed(String command, Answer answer) {
    if (answer.status() == NOT_FOUND) {
      return new UserMistakeException(
          "site: %s has no command %s: %s. Name a login node of the cluster; where a module or a login shell sets PATH, run the commands by hand, keep what they print, and name the directory"
              .formatted(Quoted.of(site), command.split(" ", 2)[0], answer.words()));
    }
    if (answer.status() != SSH_FAILED) {
      return new SlurmClusterException(
          "site: '%s' failed on %s with exit status %d: %s. Try it by hand with 'ssh %s %s'"
              .formatted(
                  command, Quoted.of(site), answer.status(), answer.words(), shown(), command));
    }
    if (answer.says("IDENTIFICATION HAS CHANGED")) {
      return new UserMistakeException(
          "site: %s has a different host key than the one in known_hosts: ask the site whether it changed its key, and only then remove the old one with 'ssh-keygen -R'"
              .formatted(Quoted.of(site)));
    }
    if (answer.says("host key")) {
      return new UserMistakeException(
          "site: the host key of %s is not known here, so nothing was sent (%s): log in once with 'ssh %s', compare the fingerprint with the one that the site publishes, and accept it"
              .formatted(Quoted.of(site), answer.words(), shown()));
    }
    if (answer.says("permission denied") || answer.says("too many authentication failures")) {
      return new UserMistakeException(
          "site: %s does not let you in with a key of yours (%s): add the key to the agent with ssh-add, or name it with IdentityFile in ~/.ssh/config, until 'ssh -o BatchMode=yes %s true' works"
              .formatted(Quoted.of(site), answer.words(), shown()));
    }
    if (answer.says("could not resolve")) {
      return new UserMistakeException(
          "site: %s is neither a file here nor a host that ssh finds (%s): correct it, name the site's slurm.conf, or a host as in user@login.site.example"
              .formatted(Quoted.of(site), answer.words()));
    }
    if (NO_ANSWER.stream().anyMatch(answer::says)) {
      return new SlurmClusterException(
          "site: %s does not answer (%s): compare host and port with those of the site. If it can be reached only through a VPN or another host, connect to the VPN or name a ProxyJump in ~/.ssh/config, until 'ssh %s true' works"
              .formatted(Quoted.of(site), answer.words(), shown()));
    }
    return new SlurmClusterException(
        "site: '%s' could not be run on %s: %s. Try it by hand with 'ssh %s %s'"
            .formatted(command, Quoted.of(site), answer.words(), shown(), command));
  }

  /** Returns the login in ssh's notation. */
  private String shown() {
    return (port == null ? "" : "-p " + port + " ") + (user == null ? "" : user + "@") + host;
  }

  private static Map<String, String> inOrder(String... pairs) {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put(pairs[i], Objects.requireNonNull(pairs[i + 1]));
    }
    return map;
  }
}
