/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.ClusterBackend.ClusterId;
import io.github.slurmmaven.backend.ClusterBackend.CommandResult;
import io.github.slurmmaven.backend.ClusterBackend.NodeStatus;
import io.github.slurmmaven.backend.ClusterBackend.SshAddress;
import io.github.slurmmaven.backend.ClusterBackend.Watch;
import io.github.slurmmaven.report.Progress;
import io.github.slurmmaven.report.SlurmClusterException;
import io.github.slurmmaven.report.UserMistakeException;
import io.github.slurmmaven.spec.SshSpec;
import io.github.slurmmaven.ssh.SshBanner;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Waits until a cluster can be used: every node works, a job has run on every partition, and SSH
 * greets where it is published. Ends at once when a node ends.
 */
public final class Readiness {

  private static final String WAITING = "waiting ";
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration SSH_GREETING = Duration.ofSeconds(2);

  /** How long after a wait failed the end of a node, its reason, may show. */
  private static final Duration NODE_END = Duration.ofMillis(500);

  /** The wait ends at its deadline, and the check's own end must not come before. */
  private static final Duration AFTER_DEADLINE = Duration.ofSeconds(5);

  private final ClusterBackend backend;
  private final ClusterId id;
  private final Progress progress;

  public Readiness(ClusterBackend backend, ClusterId id, Progress progress) {
    this.backend = backend;
    this.id = id;
    this.progress = progress;
  }

  /**
   * Waits.
   *
   * @param deadline when to give up, as {@link System#nanoTime} counts
   * @param allowed the whole time that the user allowed, for the message
   * @throws SlurmClusterException with a diagnosis, after the deadline or when a node ended
   * @throws UserMistakeException when the cluster's files publish no SSH
   */
  public SshAddress await(long deadline, Duration allowed) {
    Duration timeout = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
    String controller = controller();
    Missing missing = new Missing();
    CompletableFuture<SshAddress> ready = new CompletableFuture<>();
    ExecutorService threads =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "slurm-readiness");
              thread.setDaemon(true);
              return thread;
            });
    try (Watch watch =
        backend.watch(id, node -> ready.completeExceptionally(new NodeEnded(node)))) {
      List<Runnable> waits =
          List.of(() -> awaitSlurm(controller, missing, timeout), () -> awaitSsh(missing));
      waits.forEach(wait -> threads.execute(() -> run(wait, missing, ready)));
      return ready.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new Diagnosis(backend, id)
          .failure("not ready within %d s: %s".formatted(allowed.toSeconds(), missing), e);
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNull(e.getCause());
      if (cause instanceof UserMistakeException mistake) {
        throw mistake;
      }
      throw new Diagnosis(backend, id).failure(cause.getMessage(), cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlurmClusterException("Interrupted while waiting for cluster " + id.name(), e);
    } finally {
      threads.shutdownNow();
    }
  }

  private String controller() {
    List<NodeStatus> nodes = backend.nodes(id);
    if (nodes.isEmpty()) {
      throw new SlurmClusterException(
          "Cluster %s has no node: none of its services carries the label io.github.slurmmaven.node"
              .formatted(id.name()));
    }
    return nodes.get(0).name();
  }

  /** One of the waits: the last to succeed ends the whole, and so does the first to fail. */
  private void run(Runnable wait, Missing missing, CompletableFuture<SshAddress> ready) {
    try {
      wait.run();
      if (missing.slurm == null && missing.ssh == null) {
        ready.complete(Objects.requireNonNull(missing.address));
      }
    } catch (RuntimeException e) {
      ready.completeExceptionally(endedNode().<RuntimeException>map(NodeEnded::new).orElse(e));
    }
  }

  /** A node that ends takes the waits along, and then is what matters; it may take a moment. */
  private Optional<NodeStatus> endedNode() {
    long deadline = System.nanoTime() + NODE_END.toNanos();
    try {
      while (System.nanoTime() < deadline) {
        Optional<NodeStatus> ended =
            backend.nodes(id).stream().filter(node -> !node.running()).findFirst();
        if (ended.isPresent()) {
          return ended;
        }
        pause();
      }
    } catch (SlurmClusterException e) {
      // The wait's own failure says more.
    }
    return Optional.empty();
  }

  private void awaitSlurm(String controller, Missing missing, Duration timeout) {
    CommandResult result =
        backend.run(
            id,
            controller,
            SshSpec.USER,
            List.of("bash", "-c", script()),
            line -> {
              if (line.startsWith(WAITING)) {
                missing.slurm = line;
                progress.detail(line);
              } else {
                progress.step("  " + line);
              }
            },
            timeout.plus(AFTER_DEADLINE));
    if (!result.ok()) {
      throw new SlurmClusterException(
          "the check of node %s ended with exit code %d: %s"
              .formatted(controller, result.exitCode(), result.stderr().strip()));
    }
    missing.slurm = null;
  }

  private void awaitSsh(Missing missing) {
    SshAddress address = backend.ssh(id);
    while (true) {
      try {
        SshBanner.read(address.host(), address.port(), SSH_GREETING);
        progress.step("  SSH greets on " + address.host() + ":" + address.port());
        missing.address = address;
        missing.ssh = null;
        return;
      } catch (IOException e) {
        missing.ssh =
            "SSH does not greet on "
                + address.host()
                + ":"
                + address.port()
                + ": "
                + e.getMessage();
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(POLL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlurmClusterException("interrupted", e);
    }
  }

  private static String script() {
    try (InputStream in =
        Objects.requireNonNull(Readiness.class.getResourceAsStream("await-slurm.sh"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is not there yet: shared by the waits, and told after the deadline. */
  private static final class Missing {
    volatile @Nullable String slurm = "waiting for the controller";
    volatile @Nullable String ssh = "waiting for SSH";
    volatile @Nullable SshAddress address;

    @Override
    public String toString() {
      return Stream.of(slurm, ssh).filter(Objects::nonNull).collect(Collectors.joining("; "));
    }
  }

  /** A node's main process ended while the cluster was coming up. */
  private static final class NodeEnded extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NodeEnded(NodeStatus node) {
      super("node " + node.name() + " " + node.detail());
    }
  }
}
