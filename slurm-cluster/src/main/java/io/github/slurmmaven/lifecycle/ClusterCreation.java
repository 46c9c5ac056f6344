/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.lifecycle;

import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.ClusterBackend.Allocation;
import io.github.slurmmaven.backend.ClusterBackend.NodeStatus;
import io.github.slurmmaven.backend.ClusterBackend.Rendering;
import io.github.slurmmaven.backend.ClusterBackend.Taken;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ClusterParameters;
import io.github.slurmmaven.definition.PyxisDefinition;
import io.github.slurmmaven.files.ClusterFiles;
import io.github.slurmmaven.files.ClusterLock;
import java.util.List;
import java.util.function.Supplier;

/** Makes a cluster's files of what was asked for. */
public final class ClusterCreation {

  /**
   * What becomes of what is there already, and of what fails.
   *
   * @param force whether files that were edited by hand are overwritten
   * @param keep whether what fails leaves what it made
   * @param reuse whether a cluster that exists is taken as it is, and never rendered anew
   */
  public record Options(boolean force, boolean keep, boolean reuse) {}

  private final ClusterAccess access;
  private final ClusterParameters parameters;
  private final Options options;
  private final ClusterId id;
  private final ClusterFiles files;
  private final Owner owner;
  private final Progress progress;

  public ClusterCreation(ClusterAccess access, ClusterParameters parameters, Options options) {
    this.access = access;
    this.parameters = parameters;
    this.options = options;
    id = access.id();
    files = access.files();
    owner = access.owner();
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
      return create(backend, there);
    }
  }

  /**
   * Writes the cluster's files.
   *
   * @param backend one that need not run anything
   * @return whether any file was written
   */
  public boolean render(Supplier<ClusterBackend> backend) {
    try (ClusterLock lock = access.lock();
        ClusterBackend open = backend.get()) {
      return report(write(open));
    }
  }

  /** Creates it when it is missing, or was never brought up and is another. */
  boolean createIfMissing(ClusterBackend backend, Owner there, List<NodeStatus> before) {
    // Of a cluster that never ran, as after a start that failed, nothing but files is there.
    if (!files.exists() || (before.isEmpty() && parameters.isOtherTopology(files.spec()))) {
      create(backend, there);
      return true;
    }
    parameters.requireMatch(files.spec());
    return false;
  }

  /** Refuses a person's cluster that is not the one that this build would make. */
  void requireSame() {
    access.requireFiles(
        ", but it was started by hand and still exists: remove it with mvn slurm:destroy");
    ClusterDefinition existing = files.spec();
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

  boolean create(ClusterBackend backend, Owner there) {
    boolean existed = files.exists();
    if (existed && (options.reuse() || !there.equals(owner))) {
      parameters.requireMatch(files.spec());
      backend.prepare(id, progress);
      return report(false);
    }
    boolean changed = write(backend);
    try {
      backend.prepare(id, progress);
    } catch (RuntimeException e) {
      if (!existed && !options.keep()) {
        files.delete();
      }
      throw e;
    }
    return report(changed);
  }

  private boolean report(boolean changed) {
    progress.step(
        changed
            ? "Cluster %s created in %s".formatted(id.name(), id.directory())
            : "Cluster %s is as it was created in %s".formatted(id.name(), id.directory()));
    return changed;
  }

  private boolean write(ClusterBackend backend) {
    ClusterDefinition asked = parameters.toSpec();
    backend.check(asked);
    Allocation allocation = backend.allocate(id, asked, files.allocation(), Taken.NOTHING);
    Rendering rendering = backend.render(id, asked, allocation);
    rendering.warnings().forEach(progress::warn);
    asked
        .pyxis()
        .ifPresent(
            pyxis ->
                progress.step(
                    "Nodes run jobs in containers and may for that, beyond what Docker allows by"
                        + " default, "
                        + (pyxis.helpers() == PyxisDefinition.Helpers.STOCK
                            ? "use the capability SYS_ADMIN and "
                            : "")
                        + "make user namespaces and mounts; where the host has AppArmor, they run"
                        + " without its profile"));
    return files.write(rendering.files(), asked.users(), options.force());
  }
}
