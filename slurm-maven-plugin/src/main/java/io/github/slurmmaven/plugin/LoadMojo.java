/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.definition.ImageSource;
import java.util.List;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.project.MavenProject;

/**
 * Makes images available to the jobs of a running cluster, by putting them into its registry or,
 * without one, onto its nodes. Sets the project property {@code slurm.image.NAME} to the name that
 * a job uses for the image, for example {@code registry:5000/app:1}.
 *
 * @since 0.1.0
 */
@Mojo(
    name = "load",
    defaultPhase = LifecyclePhase.PRE_INTEGRATION_TEST,
    requiresProject = false,
    threadSafe = true)
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
public final class LoadMojo extends AbstractExistingClusterMojo {

  /**
   * Images to load: {@code image} elements with the name of an image that the engine has or can
   * pull, or with the path of an archive (.tar, .tar.gz, .tgz) that {@code docker save} wrote. Or,
   * to build the image first, elements with {@code name}, {@code dockerfile} and, if needed, {@code
   * context}, {@code target} and {@code buildArgs}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.images", required = true)
  List<ImageConfiguration> images;

  @Parameter(defaultValue = "${project}", readonly = true, required = true)
  MavenProject project;

  @Override
  void run(SlurmCluster cluster) {
    if (images.isEmpty()) {
      throw new UserMistakeException(
          "slurm:load has nothing to load: name an image or an archive with -Dslurm.images=NAME");
    }
    List<ImageSource> sources = ImageConfiguration.all(images, baseDirectory.toPath());
    new ConnectionProperties(project.getProperties(), getLog()::warn).set(cluster.load(sources));
  }
}
