/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.terminal;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A person at a terminal, played by a test: a shell with the prompt {@code local$} in a window of
 * tmux, whose keys are pressed and whose screen is read. Needs nothing but the JDK and JUnit.
 */
public final class Tmux implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final long POLL_MILLIS = 50;

  private final Path directory;

  private Tmux(Path directory) {
    this.directory = directory;
  }

  /**
   * Opens a window.
   *
   * <p>Where tmux is not installed, the test is skipped; but in a CI job, which the variable {@code
   * CI} says, it fails.
   *
   * @param directory empty, and this window's own
   */
  public static Tmux open(Path directory, int columns, int rows) throws IOException {
    boolean installed = isInstalled();
    if (!installed && Boolean.parseBoolean(System.getenv("CI"))) {
      throw new AssertionError("tmux is not installed, which tests of a terminal need");
    }
    assumeTrue(installed, "tmux is not installed");
    Tmux tmux = new Tmux(directory);
    // A server of its own, without the configuration of the user who runs the test.
    tmux.run(
        "-f",
        "/dev/null",
        "start-server",
        ";",
        "set-option",
        "-g",
        "default-terminal",
        "xterm-256color",
        ";",
        "new-session",
        "-d",
        "-x",
        Integer.toString(columns),
        "-y",
        Integer.toString(rows),
        "env PS1='local$ ' sh");
    tmux.await("^local\\$$");
    return tmux;
  }

  /** Whether there is a tmux to play with. */
  public static boolean isInstalled() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "tmux")));
  }

  /** Appends every later byte of the screen to a file. */
  public void record(Path file) throws IOException {
    run("pipe-pane", "cat >> '" + file + "'");
  }

  /** Types a line, and Enter. */
  public void line(String text) throws IOException {
    run("send-keys", "-l", "--", text);
    key("Enter");
  }

  /** Presses a key by its name: {@code C-c}, {@code Enter}, {@code Up}. */
  public void key(String name) throws IOException {
    run("send-keys", name);
  }

  public void resize(int columns, int rows) throws IOException {
    run("resize-window", "-x", Integer.toString(columns), "-y", Integer.toString(rows));
  }

  /** The text on the screen, without blanks at the lines' ends and empty lines at its own. */
  public String screen() throws IOException {
    return run("capture-pane", "-p").stripTrailing();
  }

  /** The same, with the escape sequences that colour it. */
  public String colouredScreen() throws IOException {
    return run("capture-pane", "-p", "-e").stripTrailing();
  }

  /**
   * Waits until a pattern is found on the screen, where {@code ^} and {@code $} are a line's begin
   * and end.
   */
  public Matcher await(String pattern) throws IOException {
    Pattern wanted = Pattern.compile(pattern, Pattern.MULTILINE);
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      String screen = screen();
      Matcher matcher = wanted.matcher(screen);
      if (matcher.find()) {
        return matcher;
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError("no '" + pattern + "' on the screen:\n" + screen);
      }
      pause();
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private String run(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(List.of("tmux", "-u", "-S", directory.resolve("tmux").toString()));
    command.addAll(Arrays.asList(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // In a window of tmux, it would take that one for its own.
    builder.environment().remove("TMUX");
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(command + " failed: " + output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    return output;
  }

  /** Closes the window, and ends the program in it. */
  @Override
  public void close() throws IOException {
    run("kill-server");
  }
}
