/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.lifecycle;

import io.github.slurmmaven.backend.AllocationTakenException;
import io.github.slurmmaven.backend.BackendNode;
import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.Endpoints.Login;
import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.backend.Planner;
import io.github.slurmmaven.backend.Taken;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.RestAccess;
import io.github.slurmmaven.client.SshFiles;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ImageSource;
import io.github.slurmmaven.definition.RegistryDefinition;
import io.github.slurmmaven.definition.UserDefinition;
import io.github.slurmmaven.files.Allocation;
import io.github.slurmmaven.files.BackendKind;
import io.github.slurmmaven.files.ClusterDirectory;
import io.github.slurmmaven.files.ClusterFiles;
import io.github.slurmmaven.files.ClusterLock;
import io.github.slurmmaven.files.ClusterSecrets;
import io.github.slurmmaven.lifecycle.ClusterCreation.Created;
import io.github.slurmmaven.operations.JobImages;
import io.github.slurmmaven.operations.MountRights;
import io.github.slurmmaven.operations.NodeSetup;
import io.github.slurmmaven.operations.Nodes;
import io.github.slurmmaven.readiness.Readiness;
import io.github.slurmmaven.readiness.Readiness.RestLogin;
import io.github.slurmmaven.ssh.SshConnection;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Brings a cluster up as its files describe it, and removes what a failed start leaves. */
public final class ClusterStart {

  private static final int ALLOCATION_ATTEMPTS = 10;

  private final ClusterAccess access;
  private final boolean force;
  private final boolean keep;
  private final ClusterId id;
  private final ClusterDirectory directory;
  private final Progress progress;

  /**
   * @param force whether files that were edited by hand are overwritten when others are lost
   * @param keep whether a failed start leaves what it brought up
   */
  public ClusterStart(ClusterAccess access, boolean force, boolean keep) {
    this.access = access;
    this.force = force;
    this.keep = keep;
    id = access.id();
    directory = access.directory();
    progress = access.progress();
  }

  /**
   * Brings up an existing cluster.
   *
   * @param images images to make available to jobs
   */
  public Connection start(List<ImageSource> images) {
    Runnable requireFiles = () -> access.requireFiles(": create it first (ClusterRequest)");
    return start(
        requireFiles,
        (backend, there, before) -> {
          requireFiles.run();
          return new Created(access.files(), false, false);
        },
        images);
  }

  /**
   * Brings up the requested cluster, and creates it if it is missing.
   *
   * @param images images to make available to jobs
   */
  public Connection start(ClusterCreation creation, List<ImageSource> images) {
    return start(creation::requireSame, creation::existing, images);
  }

  /** Returns a cluster's files, and creates the cluster if it is missing. */
  @FunctionalInterface
  private interface Existing {
    Created files(ClusterBackend backend, Owner there, List<BackendNode> before);
  }

  private Connection start(Runnable requireSame, Existing existing, List<ImageSource> images) {
    long begin = System.nanoTime();
    SshConnection.prepare();
    try (ClusterLock lock = access.lock();
        ClusterBackend backend = access.connect()) {
      Owner there = new Ownership(access).take(backend, requireSame);
      List<BackendNode> before = backend.inventory().nodes(id);
      Created found = existing.files(backend, there, before);
      ClusterFiles files = found.isNew() ? found.files() : prepared(backend, found.files(), before);
      // Fetching or building an image has no time limit.
      long deadline = System.nanoTime() + access.timeout().toNanos();
      try {
        Connection connection =
            new JobImages(backend.provisioner(), files, directory, progress)
                .load(up(backend, files, there, before, deadline), images);
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
      readinessOfRunning(backend)
          .await(System.nanoTime() + access.timeout().toNanos(), access.timeout());
    }
  }

  /**
   * Waits until a cluster whose containers another program has started can be used, and writes its
   * connection files. After a failure, that program must clean up.
   */
  public Connection adopt() {
    SshConnection.prepare();
    try (ClusterLock lock = access.lock();
        ClusterBackend backend = access.connect()) {
      access.requireFiles(": create it first (ClusterRequest)");
      if (backend.inventory().nodes(id).isEmpty()) {
        throw Nodes.notRunning(id);
      }
      directory.clock().copied();
      return makeReady(backend, access.files(), System.nanoTime() + access.timeout().toNanos());
    }
  }

  /** Waits until slurmrestd answers, not for slurmctld and the nodes. */
  public void awaitRest() {
    try (ClusterBackend backend = access.connect()) {
      readinessOfRunning(backend).awaitRest(access.timeout());
    }
  }

  private Readiness readinessOfRunning(ClusterBackend backend) {
    if (backend.inventory().nodes(id).isEmpty()) {
      throw Nodes.notRunning(id);
    }
    return new Readiness(
        backend,
        id,
        directory.secrets().hostKey(),
        ssh -> directory.connectionFiles().read().ifPresent(access.login()),
        () -> restLogin(backend.endpoints().login(id, access.files().definition())),
        progress);
  }

  /**
   * Adds or removes compute nodes while the cluster runs. Slurm requeues or fails the jobs of a
   * removed node, as after a failure of the node.
   *
   * @param partition the partition whose nodes are counted; empty for the default partition
   * @param computeNodes the number of nodes that it shall have
   */
  public Connection scale(Optional<String> partition, int computeNodes) {
    long begin = System.nanoTime();
    try (ClusterLock lock = access.lock();
        ClusterBackend backend = access.connect()) {
      access.requireFiles(": slurm:destroy removes what is left of it");
      new Nodes(backend.inventory(), id).controller();
      ClusterFiles before = access.files();
      ClusterDefinition definition = before.definition().scaled(partition, computeNodes);
      definition.requireSources();
      Planner planner = backend.planner();
      planner.check(definition);
      render(planner, definition, before);
      ClusterFiles files = access.files();
      backend.provisioner().up(files, access.owner(), progress);
      Connection connection =
          makeReady(backend, files, System.nanoTime() + access.timeout().toNanos());
      progress.step(
          "Cluster %s has %s after %.2f s"
              .formatted(
                  id.name(),
                  ClusterAccess.count(definition.computeNodes().size(), "compute node"),
                  ClusterAccess.seconds(begin)));
      return connection;
    }
  }

  private void render(Planner planner, ClusterDefinition definition, ClusterFiles before) {
    Allocation allocation = planner.allocate(id, definition, before.allocation(), Taken.NOTHING);
    directory.write(
        planner.kind(), planner.render(id, definition, allocation).files(), definition, force);
  }

  /** Returns the cluster's files after missing ones were written again and images fetched. */
  private ClusterFiles prepared(
      ClusterBackend backend, ClusterFiles files, List<BackendNode> before) {
    files.definition().requireSources();
    ClusterFiles mended = mend(backend, files, before) ? access.files() : files;
    prepare(backend, mended);
    return mended;
  }

  /**
   * Writes missing or empty files again, which a killed build or a full disk can leave.
   *
   * @return whether any file was lost
   */
  private boolean mend(ClusterBackend backend, ClusterFiles files, List<BackendNode> before) {
    ClusterDefinition definition = files.definition();
    List<String> damaged = directory.damaged(definition);
    if (!damaged.isEmpty()) {
      progress.warn(
          "Some files of cluster %s in %s were missing or empty, and are made anew: %s"
              .formatted(id.name(), id.directory(), String.join(", ", damaged)));
      if (damaged.stream().anyMatch(ClusterDirectory::isKey)
          && before.stream().anyMatch(BackendNode::running)) {
        // A node reads its keys when it starts.
        backend.provisioner().stop(id);
      }
      render(backend.planner(), definition, files);
    }
    directory.secrets().requireUsableKeys(definition.users());
    return !damaged.isEmpty();
  }

  /** Fetches or builds what the files need. A mistake in a file may also be damage. */
  private void prepare(ClusterBackend backend, ClusterFiles files) {
    try {
      backend.provisioner().prepare(files, progress);
    } catch (InvalidParameterException e) {
      throw e;
    } catch (UserMistakeException e) {
      List<String> edited = directory.rendered().edited();
      if (edited.isEmpty()) {
        throw e;
      }
      throw new UserMistakeException(
          "%s%nEdited since it was rendered: %s. Correct it, or render it anew with mvn slurm:create -Dslurm.force"
              .formatted(e.getMessage(), String.join(", ", edited)),
          e);
    }
  }

  /** Waits for starting nodes, runs the setup, and writes the connection files. */
  private Connection makeReady(ClusterBackend backend, ClusterFiles files, long deadline) {
    ClusterDefinition definition = files.definition();
    Login login = backend.endpoints().login(id, definition);
    Readiness.Reached reached =
        new Readiness(
                backend,
                id,
                directory.secrets().hostKey(),
                ssh ->
                    access
                        .login()
                        .accept(
                            directory
                                .connectionFiles()
                                .writeLogin(
                                    definition,
                                    login.user(),
                                    login.password(),
                                    ssh,
                                    Optional.empty(),
                                    Optional.empty())),
                () -> restLogin(login),
                progress)
            .await(deadline, access.timeout());
    new NodeSetup(backend.nodeAccess(), id, progress).run(definition, deadline);
    if (backend.planner().kind() == BackendKind.DOCKER) {
      new MountRights(backend.nodeAccess(), id, progress).check(definition, deadline);
    }
    return directory
        .connectionFiles()
        .write(
            definition,
            login.user(),
            login.password(),
            reached.ssh(),
            reached.registry(),
            reached.rest().map(rest -> access(rest, login.user(), definition.users())));
  }

  private RestLogin restLogin(Login login) {
    return new RestLogin(login.user(), token(login.user()));
  }

  private String token(String user) {
    return directory.secrets().token(user, ClusterSecrets.END_OF_TOKENS);
  }

  private RestAccess access(Readiness.Rest rest, String user, List<UserDefinition> users) {
    return new RestAccess(
        URI.create("http://" + rest.address()),
        user,
        token(user),
        users.stream()
            .collect(Collectors.toMap(UserDefinition::name, other -> token(other.name()))),
        rest.versions());
  }

  /**
   * Brings the nodes up and waits for them. If another process has taken a port or the network
   * meanwhile, tries again with new ones.
   */
  private Connection up(
      ClusterBackend backend,
      ClusterFiles read,
      Owner there,
      List<BackendNode> before,
      long deadline) {
    int ran =
        (int)
            before.stream()
                .filter(node -> node.running() && !node.role().equals(RegistryDefinition.HOST))
                .count();
    ClusterFiles files = read;
    if (ran == 0 || !directory.clock().exists()) {
      directory.clock().start(files.definition().clockSpeed());
    }
    int nodes = files.definition().nodes().size();
    Taken taken = Taken.NOTHING;
    for (int attempt = 1; ; attempt++) {
      long begin = System.nanoTime();
      try {
        backend.provisioner().up(files, there, progress);
        progress.step(
            ran < nodes
                ? "%s started in %.2f s"
                    .formatted(
                        ClusterAccess.count(nodes - ran, "node"), ClusterAccess.seconds(begin))
                : "%s already ran".formatted(ClusterAccess.count(nodes, "node")));
        return makeReady(backend, files, deadline);
      } catch (AllocationTakenException e) {
        Allocation lost = files.allocation().orElseThrow(() -> e);
        if (attempt == ALLOCATION_ATTEMPTS) {
          throw e;
        }
        taken = taken.and(e.what());
        ClusterDefinition definition = files.definition();
        Planner planner = backend.planner();
        Allocation next = planner.allocate(id, definition, Optional.of(lost), taken);
        try {
          directory.rendered().writeAllocation(planner.render(id, definition, next).files());
        } catch (UserMistakeException edited) {
          throw new UserMistakeException(edited.getMessage() + ": " + e.getMessage(), e);
        }
        files = access.files();
        progress.step(
            "Another process has taken a port or network in the meantime: "
                + next.describeChange(lost));
      }
    }
  }

  private void rollBack(ClusterBackend backend, List<BackendNode> before, Throwable failure) {
    if (keep) {
      progress.warn("What was started is kept for inspection; slurm:destroy removes it");
      return;
    }
    if (before.stream().anyMatch(BackendNode::running)) {
      progress.warn("The cluster ran before this start, and is left as it is");
      return;
    }
    // An interrupted start must still be rolled back.
    boolean interrupted = Thread.interrupted();
    try {
      directory.connectionFiles().remove();
      if (before.isEmpty()) {
        backend.provisioner().destroy(id);
      } else {
        backend.provisioner().stop(id);
      }
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
      progress.warn(
          "What was started could not be removed (slurm:destroy removes it): " + e.getMessage());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
