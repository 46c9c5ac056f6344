/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.terminal.Tmux;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Runs builds that start a cluster and leave a process behind in it, each build in a checkout of
 * its own, and ends them by signals at random moments: one in each phase, or each signal in each
 * phase where KILLS_OF_EACH_KIND says how often. Run by the test project {@code kills}.
 */
class KilledBuildsIT {

  private static final int SIDE_BY_SIDE = 3;
  private static final Duration ENDS_WITHIN = Duration.ofMinutes(5);
  private static final long POLL_MILLIS = 50;
  private static final String NAME = "it-kills";
  private static final AtomicInteger CHECKOUTS = new AtomicInteger();

  private static final Pattern EXECUTION =
      Pattern.compile("--- \\S+:(?<goal>\\w+) \\(default\\) @");

  /** What ends a build, and the exit status of a process that it has ended. */
  private enum Signal {
    INT(130),
    TERM(143),
    KILL(137);

    private final int exitStatus;

    Signal(int exitStatus) {
      this.exitStatus = exitStatus;
    }
  }

  /** What a build is doing, by the goal that it has come to. */
  private enum Phase {
    CREATE("create"),
    START("start"),
    TESTS("submit"),
    STOP("stop"),
    DESTROY("destroy");

    private final String goal;

    Phase(String goal) {
      this.goal = goal;
    }

    static @Nullable Phase begunBy(String line) {
      Matcher execution = EXECUTION.matcher(line);
      return execution.find()
          ? Arrays.stream(values())
              .filter(phase -> phase.goal.equals(execution.group("goal")))
              .findFirst()
              .orElse(null)
          : null;
    }
  }

  /**
   * A signal to come.
   *
   * @param moment when in the phase: 0 at its begin, 1 where its end is expected
   */
  private record Plan(Signal signal, Phase phase, double moment) {

    Plan earlier() {
      return new Plan(signal, phase, moment / 2);
    }
  }

  /** A build that a signal has ended. */
  private record Killed(Signal signal, Phase phase, Path checkout) {}

  private final Path directory = NestedMaven.directory().resolve("killed");
  private final NestedMaven maven = new NestedMaven();
  private final Map<Phase, Long> nanosOfPhases = new EnumMap<>(Phase.class);

  @Test
  void leaveNothing() throws Exception {
    String given = System.getenv("KILLS_SEED");
    long seed = given == null ? System.nanoTime() : Long.parseLong(given);
    System.out.println("Killed builds begin: KILLS_SEED=" + seed);
    long begin = System.nanoTime();
    new Build(null).run();
    Queue<Plan> plans = new ConcurrentLinkedQueue<>(plans(new Random(seed)));
    int wanted = plans.size();
    List<Killed> killed = Collections.synchronizedList(new ArrayList<>());
    ExecutorService threads = Executors.newFixedThreadPool(SIDE_BY_SIDE);
    try {
      List<Future<?>> working = new ArrayList<>();
      for (int i = 0; i < SIDE_BY_SIDE; i++) {
        working.add(
            threads.submit(
                () -> {
                  for (Plan plan = plans.poll(); plan != null; plan = plans.poll()) {
                    Killed build = new Build(plan).run();
                    if (build == null) {
                      // It came to its end first.
                      plans.add(plan.earlier());
                    } else {
                      killed.add(build);
                    }
                  }
                  return null;
                }));
      }
      for (Future<?> each : working) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
    check(killed.size() == wanted, killed.size() + " builds were killed, not " + wanted);
    reap(killed);
    System.out.println(
        "Killed %d builds of %s in %d s: %s"
            .formatted(
                wanted,
                NestedMaven.engine(),
                (System.nanoTime() - begin) / 1_000_000_000,
                counts(killed)));
  }

  private boolean isEmbedded() {
    return NestedMaven.engine().equals("embedded");
  }

  private static List<Plan> plans(Random random) {
    Signal[] signals = Signal.values();
    List<Plan> plans = new ArrayList<>();
    String ofEachKind = System.getenv("KILLS_OF_EACH_KIND");
    if (ofEachKind == null) {
      int first = random.nextInt(signals.length);
      for (Phase phase : Phase.values()) {
        Signal signal = signals[(first + phase.ordinal()) % signals.length];
        plans.add(new Plan(signal, phase, random.nextDouble()));
      }
    } else {
      for (int i = 0; i < Integer.parseInt(ofEachKind); i++) {
        for (Signal signal : signals) {
          for (Phase phase : Phase.values()) {
            plans.add(new Plan(signal, phase, random.nextDouble()));
          }
        }
      }
    }
    Collections.shuffle(plans, random);
    return plans;
  }

  private static String counts(List<Killed> killed) {
    List<String> signals = new ArrayList<>();
    for (Signal signal : Signal.values()) {
      List<Killed> by = killed.stream().filter(build -> build.signal == signal).toList();
      List<String> phases = new ArrayList<>();
      for (Phase phase : Phase.values()) {
        long in = by.stream().filter(build -> build.phase == phase).count();
        phases.add(in + " in " + phase.goal);
      }
      signals.add(by.size() + " by SIG" + signal + " (" + String.join(", ", phases) + ")");
    }
    return String.join(", ", signals);
  }

  /** The next create on this machine removes what killed builds have left. */
  private void reap(List<Killed> all) throws IOException, InterruptedException {
    Path next = Files.createDirectories(directory.resolve("next"));
    Process process =
        maven
            .goals(
                next, List.of("create", "destroy"), "-Dslurm.name=it-kills-next", "-Dslurm.port=0")
            .redirectOutput(next.resolve("build.log").toFile())
            .start();
    check(process.waitFor() == 0, Files.readString(next.resolve("build.log")));
    for (Killed build : all) {
      if (build.signal == Signal.KILL) {
        assertNothingRuns(build.checkout);
        // Files without a container, network or volume wait for the next build there.
        SlurmCluster.builder()
            .name(NAME)
            .outputDirectory(build.checkout.resolve(".slurm-cluster"))
            .build()
            .destroy();
        assertNoFiles(build.checkout);
      }
    }
  }

  /** The end of the terminal is a SIGHUP, and no process reads the build's output any more. */
  @Test
  void ofALostTerminalLeavesNothing() throws Exception {
    Path checkout = newCheckout();
    // The path of a socket must be short.
    Path window = Files.createTempDirectory("slurm-terminal");
    Path seen = Files.createFile(window.resolve("seen"));
    long deadline = System.nanoTime() + ENDS_WITHIN.toNanos();
    try {
      try (Tmux terminal = Tmux.open(window, 200, 50)) {
        terminal.record(seen);
        terminal.line("cd '" + checkout + "'");
        terminal.line(String.join(" ", maven.build(checkout, "verify").command()));
        while (!Files.readString(seen, StandardCharsets.ISO_8859_1)
            .contains("(job.sh) submitted")) {
          check(System.nanoTime() < deadline, Files.readString(seen, StandardCharsets.ISO_8859_1));
          Thread.sleep(POLL_MILLIS);
        }
      }
      List<String> left = left(checkout);
      while (!left.isEmpty()) {
        check(System.nanoTime() < deadline, "left by a lost terminal in " + checkout + ": " + left);
        Thread.sleep(POLL_MILLIS);
        left = left(checkout);
      }
    } finally {
      Files.delete(seen);
      Files.deleteIfExists(window.resolve("tmux"));
      Files.delete(window);
    }
    System.out.println("Lost the terminal of a build of " + NestedMaven.engine());
  }

  private Path newCheckout() throws IOException {
    Path checkout =
        Files.createDirectories(directory.resolve("checkout-" + CHECKOUTS.incrementAndGet()));
    for (String file : List.of("pom.xml", "job.sh")) {
      Files.copy(directory.resolve(file), checkout.resolve(file));
    }
    return checkout;
  }

  private static List<String> left(Path checkout) throws IOException {
    List<String> left = new ArrayList<>(EngineContents.below(checkout.toFile()));
    left.addAll(files(checkout));
    return left;
  }

  private static void assertNothingRuns(Path checkout) {
    List<String> left = EngineContents.below(checkout.toFile());
    check(left.isEmpty(), "left by " + checkout + ": " + left);
  }

  private static void assertNoFiles(Path checkout) throws IOException {
    List<String> left = files(checkout);
    check(left.isEmpty(), "left in " + checkout + ": " + left);
  }

  private static List<String> files(Path checkout) throws IOException {
    try (Stream<Path> files = Files.walk(checkout)) {
      return files
          .filter(file -> !file.equals(checkout))
          .map(file -> checkout.relativize(file).toString())
          .filter(file -> !file.matches("pom\\.xml|job\\.sh|build\\.log|target(/.*)?"))
          .toList();
    } catch (UncheckedIOException e) {
      // It is being removed.
      return List.of(String.valueOf(e.getMessage()));
    }
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  /** One build in a fresh checkout. */
  private final class Build {

    private final @Nullable Plan plan;
    private final Path checkout;
    private final List<String> log = new ArrayList<>();
    private final AtomicBoolean hangs = new AtomicBoolean();
    private volatile Phase phase = Phase.CREATE;
    private volatile @Nullable Phase killedIn;

    /**
     * @param plan when to end it; null for a build without a signal, whose phases are timed
     */
    Build(@Nullable Plan plan) throws IOException {
      this.plan = plan;
      checkout = newCheckout();
    }

    /**
     * Runs it.
     *
     * @return null when it came to its end
     */
    @Nullable Killed run() throws IOException, InterruptedException {
      Process process = maven.build(checkout, "verify").start();
      CompletableFuture<Void> guard = later(ENDS_WITHIN.toNanos(), () -> end(process));
      try {
        follow(process);
      } finally {
        guard.cancel(false);
        Files.write(checkout.resolve("build.log"), log);
      }
      int status = process.waitFor();
      if (plan != null && plan.signal == Signal.KILL && status == plan.signal.exitStatus) {
        check(!hangs.get(), this + " does not end");
        if (isEmbedded()) {
          awaitSupervisor();
        }
        return new Killed(plan.signal, killedIn, checkout);
      }
      check(
          !hangs.get() && (status == 0 || plan != null && status == plan.signal.exitStatus),
          "%s ended with %d:%n%s".formatted(this, status, String.join("\n", log)));
      assertNothingRuns(checkout);
      assertNoFiles(checkout);
      return status == 0 ? null : new Killed(plan.signal, killedIn, checkout);
    }

    /** No other process ends what the build has left. */
    private void awaitSupervisor() throws InterruptedException {
      long deadline = System.nanoTime() + ENDS_WITHIN.toNanos();
      Path files = checkout.resolve(".slurm-cluster").resolve(NAME);
      List<String> left = EngineContents.processes(checkout.toFile());
      while (!left.isEmpty() || killedIn == Phase.TESTS && Files.exists(files)) {
        check(
            System.nanoTime() < deadline,
            "left by " + this + ": " + left + (Files.exists(files) ? " and files" : ""));
        Thread.sleep(POLL_MILLIS);
        left = EngineContents.processes(checkout.toFile());
      }
    }

    private void end(Process process) {
      hangs.set(true);
      process.destroyForcibly();
    }

    private void follow(Process process) throws IOException {
      long begin = System.nanoTime();
      Phase before = null;
      BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        log.add(line);
        Phase begun = Phase.begunBy(line);
        if (begun == null) {
          continue;
        }
        phase = begun;
        if (plan == null) {
          time(before, begin);
          begin = System.nanoTime();
          before = begun;
        } else if (begun == plan.phase) {
          later(
              (long) (plan.moment * nanosOfPhases.getOrDefault(begun, 0L)), () -> signal(process));
        }
      }
      if (plan == null) {
        time(before, begin);
      }
    }

    private void time(@Nullable Phase ended, long begin) {
      if (ended != null) {
        nanosOfPhases.put(ended, System.nanoTime() - begin);
      }
    }

    private void signal(Process process) {
      // Its id may be another process's since.
      if (!process.isAlive()) {
        return;
      }
      killedIn = phase;
      try {
        new ProcessBuilder("kill", "-" + plan.signal, Long.toString(process.pid()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private static CompletableFuture<Void> later(long nanos, Runnable work) {
      return CompletableFuture.runAsync(
          work, CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS));
    }

    @Override
    public String toString() {
      return checkout.getFileName() + ", " + plan;
    }
  }
}
