/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.definition.StarterDefinition;
import io.github.slurmmaven.site.SiteLogin;
import io.github.slurmmaven.site.SiteTwin;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Writes a definition to start from, and shows what to put into the POM. With {@code site}, it is a
 * twin of a site's cluster, and a table shows what of the site's slurm.conf is not in it. A file
 * that is there already is overwritten only with {@code force}.
 *
 * @since 0.1.0
 */
@Mojo(name = "init", requiresProject = false, aggregator = true, threadSafe = true)
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
public final class InitMojo extends AbstractSlurmMojo {

  /**
   * File to write.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.definition", defaultValue = "${basedir}/slurm-cluster.yaml")
  File definition;

  /**
   * Preset to start from: {@code cpu}, {@code gpu}, {@code multi-node} or {@code full}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.preset", defaultValue = "cpu")
  String preset;

  /**
   * The site to make a twin of: its slurm.conf, a file with the output of {@code scontrol show
   * config}, {@code show partition} and {@code show node}, or the directory of either. Included
   * files, {@code job_submit.lua}, {@code cli_filter.lua}, {@code topology.conf} and output of
   * {@code sacctmgr} about accounts and qualities of service are read from the same directory. For
   * a login node, as in {@code user@login.site.example}, the goal runs these commands there with
   * ssh.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.site")
  @Nullable String site;

  /**
   * How many nodes of the site run. Slurm lists the others as down.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.twinNodes", defaultValue = "64")
  String twinNodes;

  /**
   * User of the site whose accounts and qualities of service the twin's user gets. It needs the
   * site's accounting data beside slurm.conf. The default is the only user there; with several
   * users, the twin's user gets the accounts of all.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.twinUser")
  @Nullable String twinUser;

  /**
   * Release of Slurm that a twin runs. The default is the plugin's.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.slurmVersion")
  @Nullable String slurmVersion;

  /**
   * Directory for the site's files that are copied beside the twin's slurm.conf.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.slurmFiles", defaultValue = "${basedir}/src/slurm")
  File slurmFiles;

  /**
   * Whether an existing twin is overwritten.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.force", defaultValue = "false")
  boolean force;

  @Parameter(defaultValue = "${basedir}", readonly = true, required = true)
  File baseDirectory;

  @Parameter(defaultValue = "${basedir}/target/slurm-site", readonly = true, required = true)
  File siteOutputs;

  private static final String SECTION =
      """

      <plugin>
        <groupId>%s</groupId>
        <artifactId>%s</artifactId>
        <version>%s</version>
        <configuration>
          <definition>%s</definition>
        </configuration>
        <executions>
          <execution>
            <goals>
              <goal>create</goal>
              <goal>start</goal>
              <goal>stop</goal>
              <goal>destroy</goal>
            </goals>
          </execution>
        </executions>
      </plugin>
      <plugin>
        <artifactId>maven-failsafe-plugin</artifactId>
        <configuration>
          <systemPropertiesFile>${slurm.cluster.directory}/connection.properties</systemPropertiesFile>
        </configuration>
        <executions>
          <execution>
            <goals>
              <goal>integration-test</goal>
              <goal>verify</goal>
            </goals>
          </execution>
        </executions>
      </plugin>
      """;

  @Override
  boolean usesCluster() {
    return false;
  }

  @Override
  void run() {
    if (site == null) {
      StarterDefinition.write(preset, definition.toPath());
    } else {
      writeTwin(siteFiles(site));
    }
    getLog().info("Written: " + definition);
    getLog().info("To try it: mvn slurm:start -Dslurm.definition=" + shown());
    getLog().info("For the POM, among its plugins:");
    Console.print(
        SECTION.formatted(
            plugin.getGroupId(), plugin.getArtifactId(), plugin.getVersion(), shown()));
  }

  /** Returns the site's files: the named ones, or the output of its login node. */
  private Path siteFiles(String named) {
    Path path = path(named);
    Optional<SiteLogin> login = Files.exists(path) ? Optional.empty() : SiteLogin.of(named);
    if (login.isEmpty()) {
      return path;
    }
    getLog().info("Reading %s with ssh".formatted(named));
    SiteLogin.Outputs outputs =
        login.get().read(siteOutputs.toPath().resolve(login.get().host().replace(':', '_')));
    outputs.notes().forEach(note -> getLog().warn(note));
    getLog().info("Its output is in " + outputs.directory());
    return outputs.directory();
  }

  private Path path(String named) {
    try {
      return baseDirectory.toPath().resolve(named);
    } catch (InvalidPathException e) {
      throw new UserMistakeException(
          "site: '%s' is neither a file nor a login node: name the site's slurm.conf, or a host as in user@login.site.example"
              .formatted(named),
          e);
    }
  }

  private void writeTwin(Path slurmConf) {
    SiteTwin twin =
        SiteTwin.of(
            slurmConf,
            slurmVersion == null
                ? SlurmVersion.DEFAULT
                : SlurmVersion.of("slurmVersion", slurmVersion),
            Objects.requireNonNull(
                WholeNumber.parse("twinNodes", twinNodes, "how many nodes run, for example 64")),
            Optional.ofNullable(twinUser));
    twin.write(definition.toPath(), slurmFiles.toPath(), force);
    twin.files().keySet().forEach(name -> getLog().info("Written: " + new File(slurmFiles, name)));
    getLog()
        .info(
            "%d nodes, of which %d run; %d parameters differ from those in %s:"
                .formatted(twin.nodeCount(), twin.runningCount(), twin.report().size(), slurmConf));
    Console.print("\n" + twin.report().text() + "\n");
    twin.user().ifPresent(sentence -> getLog().info(sentence));
  }

  /** The definition's path as it should be written into a POM. */
  private String shown() {
    return definition.toPath().startsWith(baseDirectory.toPath())
        ? baseDirectory.toPath().relativize(definition.toPath()).toString()
        : definition.toString();
  }
}
