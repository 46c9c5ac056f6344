/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.ScriptCheck;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.cluster.SlurmCluster;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Shows which job scripts the cluster takes, and fails if it refuses one. Each script is submitted
 * as a job that begins later, and cancelled. With a twin of a site's cluster, the answers are those
 * of the site.
 *
 * @since 0.1.0
 */
@Mojo(
    name = "check",
    defaultPhase = LifecyclePhase.INTEGRATION_TEST,
    requiresProject = false,
    threadSafe = true)
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
public final class CheckMojo extends AbstractExistingClusterMojo {

  /**
   * Job script, a file of this machine, or a directory. Of a directory, all files are checked that
   * begin with {@code #!} or have a line {@code #SBATCH}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.script", required = true)
  File script;

  /**
   * Options of {@code sbatch}, which override those in the scripts, for example {@code
   * --account=physics}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.options")
  @Nullable List<String> options;

  /**
   * Account to submit the scripts as. The default is {@code slurm}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.user")
  @Nullable String user;

  /**
   * File to write the results to, as JUnit XML.
   *
   * @since 0.1.0
   */
  @Parameter(
      property = "slurm.output",
      defaultValue = "${basedir}/target/slurm-reports/TEST-slurm-check.xml")
  File output;

  @Override
  void run(SlurmCluster cluster) {
    List<ScriptCheck> checks =
        cluster.check(script.toPath(), Optional.ofNullable(user), given(options));
    CheckReport report = new CheckReport(checks, this::shown);
    Console.print(report.table(Console.style()));
    Console.answer(output, report.xml());
    List<ScriptCheck> refused = checks.stream().filter(check -> !check.isTaken()).toList();
    if (!refused.isEmpty()) {
      throw new UserMistakeException(
          "Cluster %s refuses %d of %d scripts (%s): change them, or submit them with other options. Slurm's reasons are in %s"
              .formatted(
                  cluster.name(),
                  refused.size(),
                  checks.size(),
                  refused.stream()
                      .limit(3)
                      .map(check -> shown(check.script()))
                      .collect(Collectors.joining(", ", "", refused.size() > 3 ? ", …" : "")),
                  shown(output.toPath())));
    }
    getLog().info("Cluster %s takes all scripts: %d".formatted(cluster.name(), checks.size()));
  }

  /** A path as it is written in this directory. */
  private String shown(Path path) {
    Path base = baseDirectory.toPath();
    return path.startsWith(base) ? base.relativize(path).toString() : path.toString();
  }
}
