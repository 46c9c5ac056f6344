/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.lifecycle;

import io.github.slurmmaven.backend.BackendNode;
import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.backend.Planner;
import io.github.slurmmaven.backend.Planner.Rendering;
import io.github.slurmmaven.backend.Taken;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ClusterParameters;
import io.github.slurmmaven.definition.PyxisDefinition;
import io.github.slurmmaven.files.Allocation;
import io.github.slurmmaven.files.ClusterDirectory;
import io.github.slurmmaven.files.ClusterFiles;
import io.github.slurmmaven.files.ClusterLock;
import java.util.List;
import java.util.function.Supplier;

/** Creates a cluster's files from a request. */
public final class ClusterCreation {

  /**
   * How to treat an existing cluster and a failure.
   *
   * @param force whether files that were edited by hand are overwritten
   * @param keep whether a failure leaves what it has created
   * @param reuse whether an existing cluster is used unchanged, and never rendered again
   */
  public record Options(boolean force, boolean keep, boolean reuse) {}

  private final ClusterAccess access;
  private final ClusterParameters parameters;
  private final Options options;
  private final ClusterId id;
  private final ClusterDirectory directory;
  private final Progress progress;

  public ClusterCreation(ClusterAccess access, ClusterParameters parameters, Options options) {
    this.access = access;
    this.parameters = parameters;
    this.options = options;
    id = access.id();
    directory = access.directory();
    progress = access.progress();
  }

  /**
   * Writes the cluster's files, and fetches or builds its image.
   *
   * @return whether any file was written
   */
  public boolean create() {
    try (ClusterLock lock = access.lock();
        ClusterBackend backend = access.connect()) {
      Owner there = new Ownership(access).take(backend, this::requireSame);
      return create(backend, there, access.files()).changed();
    }
  }

  /**
   * Writes the cluster's files.
   *
   * @param planner renders them
   * @return whether any file was written
   */
  public boolean render(Supplier<Planner> planner) {
    try (ClusterLock lock = access.lock()) {
      return report(write(planner.get(), access.files()));
    }
  }

  /**
   * Creates the cluster if it is missing, or if it was never brought up and its definition differs.
   *
   * @return its files, and whether they are new
   */
  Created existing(ClusterBackend backend, Owner there, List<BackendNode> before) {
    ClusterFiles files = access.files();
    // A cluster that never ran, for example after a failed start, has only files.
    if (!directory.exists()
        || (before.isEmpty() && parameters.isOtherTopology(files.definition()))) {
      return create(backend, there, files);
    }
    parameters.requireMatch(files.definition());
    return new Created(files, false, false);
  }

  /** Refuses a cluster that was started by hand and differs from this build's. */
  void requireSame() {
    access.requireFiles(
        ", but it was started by hand and still exists: remove it with mvn slurm:destroy");
    ClusterDefinition existing = access.files().definition();
    String difference;
    try {
      parameters.requireMatch(existing);
      if (parameters.describe(existing)) {
        return;
      }
      difference = "it has another definition than this build asks for";
    } catch (InvalidParameterException e) {
      difference = String.valueOf(e.getMessage()).replaceFirst(": run slurm:create .*", "");
    }
    throw new UserMistakeException(
        "Cluster %s in %s was started by hand, and this build cannot use it: %s. Remove it with mvn slurm:destroy, or give the build's cluster another name (-Dslurm.name)"
            .formatted(id.name(), id.directory(), difference));
  }

  /**
   * A cluster's files.
   *
   * @param files the present files
   * @param isNew whether they were created just now
   * @param changed whether any file was written
   */
  record Created(ClusterFiles files, boolean isNew, boolean changed) {}

  private Created create(ClusterBackend backend, Owner there, ClusterFiles files) {
    boolean existed = directory.exists();
    if (existed && (options.reuse() || !there.equals(access.owner()))) {
      parameters.requireMatch(files.definition());
      backend.provisioner().prepare(files, progress);
      return new Created(files, true, report(false));
    }
    boolean changed = write(backend.planner(), files);
    ClusterFiles written = access.files();
    try {
      backend.provisioner().prepare(written, progress);
    } catch (RuntimeException e) {
      if (!existed && !options.keep()) {
        directory.delete();
      }
      throw e;
    }
    return new Created(written, true, report(changed));
  }

  private boolean report(boolean changed) {
    progress.step(
        changed
            ? "Cluster %s created in %s".formatted(id.name(), id.directory())
            : "Cluster %s is as it was created in %s".formatted(id.name(), id.directory()));
    return changed;
  }

  private boolean write(Planner planner, ClusterFiles files) {
    ClusterDefinition asked = parameters.toDefinition();
    planner.check(asked);
    Allocation allocation = planner.allocate(id, asked, files.allocation(), Taken.NOTHING);
    Rendering rendering = planner.render(id, asked, allocation);
    rendering.warnings().forEach(progress::warn);
    asked
        .pyxis()
        .ifPresent(
            pyxis ->
                progress.step(
                    "To run jobs in containers, nodes may do more than Docker allows by default: "
                        + (pyxis.helpers() == PyxisDefinition.Helpers.STOCK
                            ? "use the capability SYS_ADMIN and "
                            : "")
                        + "make user namespaces and mounts; where the host has AppArmor, they run"
                        + " without its profile"));
    return directory.write(planner.kind(), rendering.files(), asked, options.force());
  }
}
