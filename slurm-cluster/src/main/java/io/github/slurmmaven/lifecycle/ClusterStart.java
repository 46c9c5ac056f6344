/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.lifecycle;

import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.ClusterBackend.Allocation;
import io.github.slurmmaven.backend.ClusterBackend.AllocationTakenException;
import io.github.slurmmaven.backend.ClusterBackend.NodeStatus;
import io.github.slurmmaven.backend.ClusterBackend.Taken;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.SshFiles;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ImageSource;
import io.github.slurmmaven.definition.RegistryDefinition;
import io.github.slurmmaven.files.ClusterFiles;
import io.github.slurmmaven.files.ClusterLock;
import io.github.slurmmaven.operations.JobImages;
import io.github.slurmmaven.operations.MountRights;
import io.github.slurmmaven.operations.NodeSetup;
import io.github.slurmmaven.operations.Nodes;
import io.github.slurmmaven.readiness.Readiness;
import io.github.slurmmaven.ssh.SshConnection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Brings a cluster up as its files say, and takes down what a failure leaves. */
public final class ClusterStart {

  private static final int ALLOCATION_ATTEMPTS = 10;

  private final ClusterAccess access;
  private final boolean force;
  private final boolean keep;
  private final ClusterId id;
  private final ClusterFiles files;
  private final Progress progress;
  private final Duration timeout;

  /**
   * @param force whether files that were edited by hand are overwritten when others are lost
   * @param keep whether a failure leaves what was brought up
   */
  public ClusterStart(ClusterAccess access, boolean force, boolean keep) {
    this.access = access;
    this.force = force;
    this.keep = keep;
    id = access.id();
    files = access.files();
    progress = access.progress();
    timeout = access.timeout();
  }

  /**
   * Brings a cluster up that exists.
   *
   * @param images made usable by jobs
   */
  public Connection start(List<ImageSource> images) {
    return start(
        () ->
            access.requireFiles(
                ": create it first, or start it as what it shall be (ClusterRequest)"),
        (backend, there, before) -> {
          access.requireFiles(": create it first");
          return false;
        },
        images);
  }

  /**
   * Brings up the cluster that was asked for, and creates it when it is missing.
   *
   * @param images made usable by jobs
   */
  public Connection start(ClusterCreation creation, List<ImageSource> images) {
    return start(creation::requireSame, creation::createIfMissing, images);
  }

  /** Creates a cluster that is missing. */
  @FunctionalInterface
  private interface Creation {
    boolean ifMissing(ClusterBackend backend, Owner there, List<NodeStatus> before);
  }

  private Connection start(Runnable requireSame, Creation creation, List<ImageSource> images) {
    long begin = System.nanoTime();
    SshConnection.prepare();
    try (ClusterLock lock = access.lock();
        ClusterBackend backend = access.connect()) {
      Owner there = new Ownership(access).take(backend, requireSame);
      List<NodeStatus> before = backend.nodes(id);
      if (!creation.ifMissing(backend, there, before)) {
        mend(backend, before);
        prepare(backend);
      }
      // Fetching or building an image takes as long as it takes.
      long deadline = System.nanoTime() + timeout.toNanos();
      ClusterDefinition spec = files.spec();
      try {
        Connection connection =
            new JobImages(backend, id, files, progress)
                .load(up(backend, spec, there, before, deadline), images);
        progress.step(
            "Cluster %s is ready after %.2f s: %s"
                .formatted(
                    id.name(),
                    ClusterAccess.seconds(begin),
                    SshFiles.command(id.directory().resolve("ssh/config"))));
        return connection;
      } catch (RuntimeException | Error e) {
        rollBack(backend, before, e);
        throw e;
      }
    }
  }

  /** Waits until the cluster can be used: every node works, a job has run on every partition. */
  public void awaitReady() {
    try (ClusterBackend backend = access.connect()) {
      if (backend.nodes(id).isEmpty()) {
        throw Nodes.notRunning(id);
      }
      new Readiness(
              backend,
              id,
              files.hostKey(),
              ssh -> files.connection().ifPresent(access.login()),
              progress)
          .await(System.nanoTime() + timeout.toNanos(), timeout);
    }
  }

  /**
   * Gives the cluster more or fewer compute nodes while it runs. What runs on a node that goes is
   * requeued by Slurm, or fails, as after a failure of the node.
   *
   * @param partition whose nodes are counted; empty for the default partition
   * @param computeNodes how many it shall have
   */
  public Connection scale(Optional<String> partition, int computeNodes) {
    long begin = System.nanoTime();
    try (ClusterLock lock = access.lock();
        ClusterBackend backend = access.connect()) {
      access.requireFiles(": slurm:destroy removes what is left of it");
      new Nodes(backend, id).controller();
      ClusterDefinition spec = files.spec().scaled(partition, computeNodes);
      backend.check(spec);
      Allocation allocation = backend.allocate(id, spec, files.allocation(), Taken.NOTHING);
      files.write(backend.render(id, spec, allocation).files(), spec.users(), force);
      backend.up(id, access.owner().value(), progress);
      Connection connection = makeReady(backend, spec, System.nanoTime() + timeout.toNanos());
      progress.step(
          "Cluster %s has %s after %.2f s"
              .formatted(
                  id.name(),
                  ClusterAccess.count(spec.computeNodes().size(), "compute node"),
                  ClusterAccess.seconds(begin)));
      return connection;
    }
  }

  /**
   * Makes anew what was lost of the cluster's files, as a killed build or a full disk leaves it.
   */
  private void mend(ClusterBackend backend, List<NodeStatus> before) {
    ClusterDefinition spec = files.spec();
    List<String> damaged = files.damaged(spec.users());
    if (!damaged.isEmpty()) {
      progress.warn(
          "Of the files of cluster %s in %s some were missing or empty, and are made anew: %s"
              .formatted(id.name(), id.directory(), String.join(", ", damaged)));
      if (damaged.stream().anyMatch(ClusterFiles::isKey)
          && before.stream().anyMatch(NodeStatus::running)) {
        // A node reads its keys when it starts.
        backend.stop(id);
      }
      Allocation allocation = backend.allocate(id, spec, files.allocation(), Taken.NOTHING);
      files.write(backend.render(id, spec, allocation).files(), spec.users(), force);
    }
    files.requireUsableKeys(spec.users());
  }

  /** Fetches or builds what the files ask for; a mistake in one may also be damage. */
  private void prepare(ClusterBackend backend) {
    try {
      backend.prepare(id, progress);
    } catch (InvalidParameterException e) {
      throw e;
    } catch (UserMistakeException e) {
      List<String> edited = files.edited();
      if (edited.isEmpty()) {
        throw e;
      }
      throw new UserMistakeException(
          "%s%nNot as it was rendered: %s. Mend it, or render it anew with mvn slurm:create -Dslurm.force"
              .formatted(e.getMessage(), String.join(", ", edited)),
          e);
    }
  }

  /** Waits for nodes that are on their way up, sets them up, and writes how to reach them. */
  private Connection makeReady(ClusterBackend backend, ClusterDefinition spec, long deadline) {
    Readiness.Reached reached =
        new Readiness(
                backend,
                id,
                files.hostKey(),
                ssh ->
                    access
                        .login()
                        .accept(
                            files.writeLogin(spec, backend.login(id, spec), ssh, Optional.empty())),
                progress)
            .await(deadline, timeout);
    new NodeSetup(backend, id, progress).run(spec, deadline);
    if (files.isForContainers()) {
      new MountRights(backend, id, progress).check(spec, deadline);
    }
    return files.writeConnection(spec, backend.login(id, spec), reached.ssh(), reached.registry());
  }

  /**
   * Brings the nodes up and waits for them; where port or network were given away meanwhile, with
   * new ones.
   */
  private Connection up(
      ClusterBackend backend,
      ClusterDefinition spec,
      Owner there,
      List<NodeStatus> before,
      long deadline) {
    int ran =
        (int)
            before.stream()
                .filter(node -> node.running() && !node.role().equals(RegistryDefinition.HOST))
                .count();
    int nodes = spec.nodes().size();
    Taken taken = Taken.NOTHING;
    for (int attempt = 1; ; attempt++) {
      long begin = System.nanoTime();
      try {
        backend.up(id, there.value(), progress);
        progress.step(
            ran < nodes
                ? "%s started in %.2f s"
                    .formatted(
                        ClusterAccess.count(nodes - ran, "node"), ClusterAccess.seconds(begin))
                : "%s already ran".formatted(ClusterAccess.count(nodes, "node")));
        return makeReady(backend, spec, deadline);
      } catch (AllocationTakenException e) {
        Allocation lost = files.allocation().orElseThrow(() -> e);
        if (attempt == ALLOCATION_ATTEMPTS) {
          throw e;
        }
        taken = taken.and(e.what());
        Allocation next = backend.allocate(id, spec, Optional.of(lost), taken);
        try {
          files.writeAllocation(backend.render(id, spec, next).files());
        } catch (UserMistakeException edited) {
          throw new UserMistakeException(edited.getMessage() + ": " + e.getMessage(), e);
        }
        progress.step("A port or network was taken meanwhile: " + next.describeChange(lost));
      }
    }
  }

  private void rollBack(ClusterBackend backend, List<NodeStatus> before, Throwable failure) {
    if (keep) {
      progress.warn("What was started is kept for a look; slurm:destroy removes it");
      return;
    }
    if (before.stream().anyMatch(NodeStatus::running)) {
      progress.warn("The cluster ran before this start, and is left as it is");
      return;
    }
    // What was interrupted must still be taken down.
    boolean interrupted = Thread.interrupted();
    try {
      files.removeConnection();
      if (before.isEmpty()) {
        backend.destroy(id);
      } else {
        backend.stop(id);
      }
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
      progress.warn(
          "What was started could not be removed (slurm:destroy does it): " + e.getMessage());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
