/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.definition.StarterDefinition;
import java.io.File;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;

/**
 * Writes a definition to start from, and shows what to put into the POM. It never overwrites a
 * file.
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

  @Parameter(defaultValue = "${basedir}", readonly = true, required = true)
  File baseDirectory;

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
  void run() {
    StarterDefinition.write(preset, definition.toPath());
    getLog().info("Written: " + definition);
    getLog().info("To try it: mvn slurm:start -Dslurm.definition=" + shown());
    getLog().info("For the POM, among its plugins:");
    Console.print(
        SECTION.formatted(
            plugin.getGroupId(), plugin.getArtifactId(), plugin.getVersion(), shown()));
  }

  /** The definition's path as it should be written into a POM. */
  private String shown() {
    return definition.toPath().startsWith(baseDirectory.toPath())
        ? baseDirectory.toPath().relativize(definition.toPath()).toString()
        : definition.toString();
  }
}
