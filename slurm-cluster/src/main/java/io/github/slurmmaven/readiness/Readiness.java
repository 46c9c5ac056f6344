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
import io.github.slurmmaven.spec.SshSpec;
import io.github.slurmmaven.ssh.SshBanner;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Waits until a cluster can be used: every node works, a job has run on every partition, and SSH
 * greets where it is published. Ends at once when a node ends.
 */
public final class Readiness {

  private static final String WAITING = "waiting ";
  private static final Duration SSH_POLL = Duration.ofMillis(50);
  private static final Duration SSH_GREETING = Duration.ofSeconds(2);

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
   */
  public SshAddress await(long deadline, Duration allowed) {
    Duration timeout = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
    String controller = controller();
    AtomicReference<String> waitingFor = new AtomicReference<>("for the controller");
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
      CompletableFuture<Void> slurm =
          CompletableFuture.runAsync(() -> awaitSlurm(controller, waitingFor, timeout), threads);
      CompletableFuture<SshAddress> ssh =
          CompletableFuture.supplyAsync(() -> awaitSsh(timeout, waitingFor), threads);
      var unused =
          slurm
              .thenCombine(ssh, (done, address) -> ready.complete(address))
              .exceptionally(failure -> ready.completeExceptionally(unwrapped(failure)));
      return ready.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new Diagnosis(backend, id)
          .failure("not ready within %d s: %s".formatted(allowed.toSeconds(), waitingFor.get()), e);
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNull(e.getCause());
      throw new Diagnosis(backend, id)
          .failure(cause instanceof NodeEnded ? "a node ended" : cause.getMessage(), cause);
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

  private void awaitSlurm(String controller, AtomicReference<String> waitingFor, Duration timeout) {
    CommandResult result =
        backend.run(
            id,
            controller,
            SshSpec.USER,
            List.of("bash", "-c", script()),
            line -> {
              if (line.startsWith(WAITING)) {
                waitingFor.set(line);
                progress.detail(line);
              } else {
                progress.step("  " + line);
              }
            },
            timeout);
    if (!result.ok()) {
      throw new SlurmClusterException(
          "the check of node %s ended with exit code %d: %s"
              .formatted(controller, result.exitCode(), result.stderr().strip()));
    }
  }

  private SshAddress awaitSsh(Duration timeout, AtomicReference<String> waitingFor) {
    long deadline = System.nanoTime() + timeout.toNanos();
    SshAddress address = backend.ssh(id);
    while (true) {
      try {
        SshBanner.read(address.host(), address.port(), SSH_GREETING);
        progress.step("  SSH greets on " + address.host() + ":" + address.port());
        return address;
      } catch (IOException e) {
        String problem =
            "SSH does not greet on "
                + address.host()
                + ":"
                + address.port()
                + ": "
                + e.getMessage();
        waitingFor.compareAndSet("for the controller", problem);
        if (System.nanoTime() > deadline) {
          throw new SlurmClusterException(problem, e);
        }
      }
      try {
        Thread.sleep(SSH_POLL.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SlurmClusterException("interrupted", e);
      }
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

  private static Throwable unwrapped(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  /** A node's main process ended while the cluster was coming up. */
  private static final class NodeEnded extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NodeEnded(NodeStatus node) {
      super("node " + node.name() + " " + node.detail());
    }
  }
}
