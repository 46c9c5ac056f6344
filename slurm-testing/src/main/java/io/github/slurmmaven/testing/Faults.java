/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import io.github.slurmmaven.backend.ClusterBackend.CommandOutput;
import io.github.slurmmaven.lifecycle.SlurmCluster;
import io.github.slurmmaven.report.SlurmClusterException;
import io.github.slurmmaven.slurm.JobId;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What goes wrong with a real cluster, on demand. Everything is done to the cluster itself, and
 * what is returned mends it when it is closed.
 *
 * <pre>{@code
 * try (Fault fault = new Faults(cluster).drain("compute-0", "bad disk")) {
 *   …
 * }
 * }</pre>
 *
 * <p>All methods throw {@link SlurmClusterException} when the cluster does not take it.
 */
public final class Faults {

  /** Something that is wrong until it is closed. */
  @FunctionalInterface
  public interface Fault extends AutoCloseable {

    /** Mends it. */
    @Override
    void close();
  }

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(50);

  private final SlurmCluster cluster;

  public Faults(SlurmCluster cluster) {
    this.cluster = cluster;
  }

  /** A node takes no new jobs; those that run there go on. */
  public Fault drain(String node, String reason) {
    update(node, "drain", Optional.of(reason));
    return () -> resume(node);
  }

  /** A node is down; jobs that run there are queued again, or end as NODE_FAIL. */
  public Fault down(String node, String reason) {
    update(node, "down", Optional.of(reason));
    return () -> resume(node);
  }

  /** Returns when the node answers again. */
  private void resume(String node) {
    update(node, "resume", Optional.empty());
    long deadline = System.nanoTime() + LIMIT.toNanos();
    List<String> query = List.of("sinfo", "--noheader", "--nodes=" + node, "--format=%T");
    // A star says that it has not answered yet.
    for (String state = run(Optional.empty(), query);
        state.contains("*") || state.contains("down");
        state = run(Optional.empty(), query)) {
      if (System.nanoTime() > deadline) {
        throw new SlurmClusterException(
            "Node %s does not come back: it is %s".formatted(node, state.strip()));
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(POLL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlurmClusterException("Interrupted while a node comes back", e);
    }
  }

  private void update(String node, String state, Optional<String> reason) {
    List<String> command =
        new ArrayList<>(List.of("scontrol", "update", "NodeName=" + node, "State=" + state));
    reason.ifPresent(why -> command.add("Reason=" + why));
    asAdministrator(command);
  }

  /** No job starts any more; those that run go on. */
  public Fault fullQueue(String partition) {
    asAdministrator(List.of("scontrol", "update", "PartitionName=" + partition, "State=down"));
    return () ->
        asAdministrator(List.of("scontrol", "update", "PartitionName=" + partition, "State=up"));
  }

  /** slurmctld is there and does not answer: clients time out. */
  public Fault pauseController() {
    // Nobody can be asked any more afterwards.
    Optional<String> administrator = administrator();
    String file = setting("SlurmctldPidFile");
    String pid = run(administrator, List.of("cat", file)).strip();
    run(administrator, List.of("kill", "-STOP", pid));
    return () -> run(administrator, List.of("kill", "-CONT", pid));
  }

  /** A running job ends as NODE_FAIL, as its node goes down for a moment. */
  public void fail(JobId job, String node) {
    asAdministrator(List.of("scontrol", "update", "JobId=" + job, "Requeue=0"));
    down(node, "fault of job " + job).close();
  }

  /** A running job is queued again. */
  public void requeue(JobId job) {
    asAdministrator(List.of("scontrol", "requeue", job.toString()));
  }

  /** One line of {@code scontrol show config}. */
  private String setting(String name) {
    String config = run(Optional.empty(), List.of("scontrol", "show", "config"));
    return config
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .map(line -> line.substring(line.indexOf('=') + 1).strip())
        .findFirst()
        .orElseThrow(() -> new SlurmClusterException("slurmctld does not say its " + name));
  }

  /** Of an embedded cluster, it is whoever runs it, which is the only user there. */
  private Optional<String> administrator() {
    return setting("SlurmUser").startsWith("root(") ? Optional.of("root") : Optional.empty();
  }

  private void asAdministrator(List<String> command) {
    run(administrator(), command);
  }

  private String run(Optional<String> user, List<String> command) {
    Said said = new Said();
    int status =
        cluster.run(List.of(), user, command, node -> said, LIMIT).values().stream()
            .mapToInt(Integer::intValue)
            .max()
            .orElse(0);
    if (status != 0) {
      throw new SlurmClusterException(
          "The cluster could not be brought to it: '%s' ended with %d: %s"
              .formatted(
                  String.join(" ", command),
                  status,
                  said.err.toString(StandardCharsets.UTF_8).strip()));
    }
    return said.out.toString(StandardCharsets.UTF_8);
  }

  private static final class Said implements CommandOutput {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Override
    public void stdout(byte[] bytes) {
      out.writeBytes(bytes);
    }

    @Override
    public void stderr(byte[] bytes) {
      err.writeBytes(bytes);
    }
  }
}
