/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ImageSource;
import io.github.slurmmaven.definition.RegistryDefinition;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.ExecCommand;
import io.github.slurmmaven.engine.ProjectBuild;
import io.github.slurmmaven.image.PullShown;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Copies images of the engine into a cluster. */
final class ImageLoader {

  private static final Duration IMPORT_LIMIT = Duration.ofMinutes(10);

  /**
   * The directory of loaded images in a cluster without a registry, on a volume that all nodes
   * share.
   */
  private static final String LOADED = "/var/lib/enroot/loaded/";

  private final ContainerEngine engine;
  private final Progress progress;

  ImageLoader(ContainerEngine engine, Progress progress) {
    this.engine = engine;
    this.progress = progress;
  }

  /**
   * Pushes an image to a registry.
   *
   * @param registry {@code host:port} as the engine reaches it
   */
  String push(ImageSource source, String registry) {
    String image = obtain(source);
    String name = nameInCluster(image);
    engine.pushImage(image, registry + "/" + name, new PullShown(progress));
    return RegistryDefinition.HOST + ":" + RegistryDefinition.DEFAULT_PORT + "/" + name;
  }

  /**
   * Copies an image to the volume that the compute nodes share.
   *
   * @param container container of one of these nodes
   */
  String place(ImageSource source, String container) {
    String image = obtain(source);
    String path = LOADED + nameInCluster(image).replace('/', '+').replace(':', '@') + ".sqsh";
    try {
      Path archive = Files.createTempFile("slurm-image-", ".tar");
      try {
        try (OutputStream out = Files.newOutputStream(archive)) {
          engine.saveImage(image, out);
        }
        String there = "/tmp/" + archive.getFileName();
        try (InputStream tar = HostFiles.tar(archive, there)) {
          engine.copyTo(container, "/", tar);
        }
        CommandResult result =
            engine.exec(
                container,
                new ExecCommand(
                    List.of("/usr/local/libexec/slurm-image-load", there, path), "root", Map.of()),
                progress::detail,
                IMPORT_LIMIT);
        if (result.exitCode() != 0) {
          throw new SlurmClusterException(
              "Image '%s' cannot be put onto the nodes: %s"
                  .formatted(image, result.stderr().strip()));
        }
      } finally {
        Files.delete(archive);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return path;
  }

  /** Makes sure that the engine has the image, and returns its name there. */
  private String obtain(ImageSource source) {
    if (source instanceof ImageSource.Built built) {
      progress.step("Building image " + built.reference() + " from " + built.dockerfile());
      engine.buildImage(
          new ProjectBuild(
              built.reference(),
              built.context(),
              built.dockerfile(),
              built.target(),
              built.arguments()),
          new PullShown(progress));
      return built.reference();
    }
    if (source instanceof ImageSource.Archive archive) {
      return only(archive.file());
    }
    String reference = ((ImageSource.Local) source).reference();
    if (engine.findImage(reference).isEmpty()) {
      progress.step("Pulling image " + reference);
      try {
        engine.pullImage(reference, new PullShown(progress));
      } catch (EngineException e) {
        throw new UserMistakeException(
            "Image '%s' is not on the engine and cannot be pulled: build it first, or correct its name. %s"
                .formatted(reference, e.getMessage()),
            e);
      }
    }
    return reference;
  }

  private String only(Path archive) {
    try (InputStream in = Files.newInputStream(archive)) {
      List<String> names = engine.loadImages(in);
      if (names.size() != 1 || names.get(0).startsWith("sha256:")) {
        throw new UserMistakeException(
            "%s holds %s: it must hold one image that has a name, as 'docker save NAME:TAG' writes it"
                .formatted(archive, names.isEmpty() ? "no image" : String.join(", ", names)));
      }
      return names.get(0);
    } catch (EngineException e) {
      throw new UserMistakeException(
          archive + " is not an archive of an image: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UserMistakeException(archive + " cannot be read: " + FileFailure.of(e), e);
    }
  }

  /** Returns the name without the registry that it came from, and with a tag. */
  static String nameInCluster(String reference) {
    String name = reference.replaceFirst("@.*", "");
    int slash = name.indexOf('/');
    if (slash > 0 && name.substring(0, slash).matches(".*[.:].*|localhost")) {
      name = name.substring(slash + 1);
    }
    return name.indexOf(':') < 0 ? name + ":latest" : name;
  }
}
