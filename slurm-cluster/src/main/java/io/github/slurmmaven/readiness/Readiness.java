/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import io.github.slurmmaven.backend.AllocationTakenException;
import io.github.slurmmaven.backend.BackendNode;
import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.Inventory.Watch;
import io.github.slurmmaven.backend.Taken;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.Address;
import io.github.slurmmaven.common.ParallelActions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Waits until a cluster can be used: every node works, a job has run on every partition, and its
 * servers answer on their published ports. Fails at once when a node ends, and soon when waiting
 * does not help.
 */
public final class Readiness {

  private static final Duration AFTER_DEADLINE = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(50);

  /** How long after a probe's failure to wait for the end of a node, which may be the cause. */
  private static final Duration NODE_END = Duration.ofMillis(500);

  /** The same after a probe was killed, on an overloaded machine. */
  private static final Duration NODE_END_AFTER_KILL = Duration.ofSeconds(10);

  private final ClusterBackend backend;
  private final ClusterId id;
  private final String hostKey;
  private final Consumer<Address> login;
  private final Supplier<RestLogin> rest;
  private final Progress progress;

  /**
   * A user of slurmrestd.
   *
   * @param user name
   * @param token that user's token
   */
  public record RestLogin(String user, String token) {}

  /**
   * @param hostKey type and key of the cluster's SSH server
   * @param login logs in to the SSH server as a test does
   * @param rest the user and token for slurmrestd, if the cluster has it
   */
  public Readiness(
      ClusterBackend backend,
      ClusterId id,
      String hostKey,
      Consumer<Address> login,
      Supplier<RestLogin> rest,
      Progress progress) {
    this.backend = backend;
    this.id = id;
    this.hostKey = hostKey;
    this.login = login;
    this.rest = rest;
    this.progress = progress;
  }

  /**
   * The addresses at which the cluster's servers answered.
   *
   * @param ssh the SSH server
   * @param registry the container registry, if the cluster has one
   * @param rest slurmrestd, if the cluster has it
   */
  public record Reached(Address ssh, Optional<Address> registry, Optional<Rest> rest) {}

  /**
   * A slurmrestd that answered.
   *
   * @param address its address
   * @param versions its API versions, the oldest first
   */
  public record Rest(Address address, List<String> versions) {}

  /**
   * Waits until the cluster can be used.
   *
   * @param deadline end of the wait, as a time of {@link System#nanoTime}
   * @param allowed the user's limit, for the message
   * @throws SlurmClusterException with a diagnosis, after the deadline or when a node ended
   * @throws AllocationTakenException when a node ended because another process has its port
   * @throws UserMistakeException when the cluster's files publish no SSH
   */
  public Reached await(long deadline, Duration allowed) {
    ServerProbe ssh =
        ServerProbe.ssh(() -> Optional.of(backend.endpoints().ssh(id)), hostKey, login, progress);
    ServerProbe registry = ServerProbe.registry(() -> backend.endpoints().registry(id), progress);
    RestCheck check = new RestCheck(rest);
    ServerProbe slurmrestd =
        ServerProbe.rest(() -> backend.endpoints().rest(id), check::at, progress);
    String controller = controller();
    SlurmProbe slurm = new SlurmProbe(backend.nodeAccess(), id, controller, progress);
    List<Probe> probes = List.of(slurm, ssh, registry, slurmrestd);
    Instant begin = Instant.now();
    HopelessWait hopeless =
        new HopelessWait(
            slurm::missingNodes, () -> backend.inventory().nodes(id), () -> log(controller, begin));
    Duration timeout = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
    CompletableFuture<Void> ready = new CompletableFuture<>();
    ExecutorService threads = ParallelActions.threads(probes.size() + 1);
    boolean reached = false;
    try (Watch watch =
        backend.inventory().watch(id, node -> ready.completeExceptionally(new NodeEnded(node)))) {
      AtomicInteger missing = new AtomicInteger(probes.size());
      probes.forEach(probe -> threads.execute(() -> run(probe, timeout, missing, ready)));
      threads.execute(() -> giveUp(hopeless, ready));
      ready.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      reached = true;
      return new Reached(
          ssh.address().orElseThrow(),
          registry.address(),
          slurmrestd.address().map(address -> new Rest(address, check.versions())));
    } catch (TimeoutException e) {
      // Before the diagnosis, which takes a while: after the deadline, a success is too late.
      threads.shutdownNow();
      throw new Diagnosis(backend, id)
          .failure(
              "not ready within %d s (timeout), still waiting for %s"
                  .formatted(
                      allowed.toSeconds(),
                      probes.stream()
                          .map(Probe::waitingFor)
                          .filter(what -> !what.isEmpty())
                          .collect(Collectors.joining("; "))),
              null);
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNull(e.getCause());
      if (cause instanceof UserMistakeException mistake) {
        throw mistake;
      }
      Taken taken = backend.inventory().taken(id);
      if (!taken.equals(Taken.NOTHING)) {
        throw new AllocationTakenException(
            taken,
            new SlurmClusterException(
                "Other processes have taken ports in the meantime: " + taken.ports(), cause));
      }
      String words = cause instanceof SlurmProbe.FailedCheckException failed ? failed.words() : "";
      throw new Diagnosis(backend, id).failure(cause.getMessage(), words, cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlurmClusterException("Interrupted while waiting for cluster " + id.name(), e);
    } finally {
      if (reached) {
        threads.shutdownNow();
      } else {
        // The probe of SSH writes files, which must not reappear after the roll-back.
        ParallelActions.end(threads);
      }
    }
  }

  /**
   * Waits for slurmrestd only, not for slurmctld and the nodes.
   *
   * @param timeout longest time to wait
   * @throws SlurmClusterException when it has ended, or does not answer in time
   */
  public void awaitRest(Duration timeout) {
    ServerProbe slurmrestd =
        ServerProbe.rest(
            () -> backend.endpoints().rest(id), new RestCheck(rest)::withoutSlurmctld, progress);
    try {
      slurmrestd.await(timeout);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlurmClusterException("Interrupted while waiting for cluster " + id.name(), e);
    }
  }

  /** Runs a probe. The last one to pass ends the whole wait, and so does the first one to fail. */
  private void run(
      Probe probe, Duration timeout, AtomicInteger missing, CompletableFuture<Void> ready) {
    try {
      // The whole wait ends at its deadline, and a probe must not end earlier.
      probe.await(timeout.plus(AFTER_DEADLINE));
      if (missing.decrementAndGet() == 0) {
        ready.complete(null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      Duration patience = e instanceof SlurmProbe.KilledException ? NODE_END_AFTER_KILL : NODE_END;
      ready.completeExceptionally(endedNode(patience).<Throwable>map(NodeEnded::new).orElse(e));
    }
  }

  private String log(String node, Instant since) {
    StringJoiner text = new StringJoiner("\n");
    backend
        .nodeAccess()
        .logs(id, node, new LogRequest(OptionalInt.empty(), Optional.of(since), false), text::add);
    return text.toString();
  }

  private static void giveUp(HopelessWait wait, CompletableFuture<Void> ready) {
    try {
      ready.completeExceptionally(new SlurmClusterException(wait.await()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SlurmClusterException e) {
      // The probes or the timeout report this failure.
    }
  }

  /**
   * Returns a node that has ended, which is the cause of failed probes. It may be reported a moment
   * later.
   */
  private Optional<BackendNode> endedNode(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    try {
      while (System.nanoTime() < deadline) {
        Optional<BackendNode> ended =
            backend.inventory().nodes(id).stream().filter(node -> !node.running()).findFirst();
        if (ended.isPresent()) {
          return ended;
        }
        Thread.sleep(POLL.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SlurmClusterException e) {
      // The probe's own failure is more precise.
    }
    return Optional.empty();
  }

  private String controller() {
    List<BackendNode> nodes = backend.inventory().nodes(id);
    if (nodes.isEmpty()) {
      throw new SlurmClusterException(
          "Cluster %s has no node: none of its services carries the label io.github.slurmmaven.node"
              .formatted(id.name()));
    }
    return nodes.get(0).name();
  }

  /** A node's main process ended while the cluster was starting. */
  private static final class NodeEnded extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NodeEnded(BackendNode node) {
      super("node " + node.name() + " " + node.detail());
    }
  }
}
