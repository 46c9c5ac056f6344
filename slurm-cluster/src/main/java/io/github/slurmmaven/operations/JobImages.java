/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.operations;

import io.github.slurmmaven.backend.Provisioner;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ImageSource;
import io.github.slurmmaven.files.ClusterDirectory;
import io.github.slurmmaven.files.ClusterFiles;
import java.util.List;

/** Makes images available to the jobs of a running cluster. */
public final class JobImages {

  private final Provisioner provisioner;
  private final ClusterFiles files;
  private final ClusterDirectory directory;
  private final Progress progress;

  public JobImages(
      Provisioner provisioner, ClusterFiles files, ClusterDirectory directory, Progress progress) {
    this.provisioner = provisioner;
    this.files = files;
    this.directory = directory;
    this.progress = progress;
  }

  /**
   * Makes images available to jobs.
   *
   * @throws UserMistakeException when the cluster does not run
   */
  public Connection load(List<ImageSource> images) {
    return load(directory.connectionFiles().read().orElseThrow(() -> notStarted()), images);
  }

  private UserMistakeException notStarted() {
    return new UserMistakeException(
        "Cluster %s does not run: start it first".formatted(files.id().name()));
  }

  /**
   * Makes images available to jobs.
   *
   * @return the connection, with the name by which a job runs each image
   */
  public Connection load(Connection connection, List<ImageSource> images) {
    Connection loaded = connection;
    for (ImageSource image : images) {
      long begin = System.nanoTime();
      String reference = provisioner.load(files, image, progress);
      String name = reference.replaceFirst(".*[/+]", "").replaceFirst("[:@].*", "");
      loaded = loaded.withImage(name, reference);
      directory.connectionFiles().write(loaded);
      progress.step(
          "Jobs can use %s (slurm.image.%s) after %.2f s"
              .formatted(reference, name, (System.nanoTime() - begin) / 1e9));
    }
    return loaded;
  }
}
