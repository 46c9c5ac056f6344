/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.bundle;

import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.SlurmClusterException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Finds bundles. */
@FunctionalInterface
public interface BundleSource {

  /** The directory of the bundles in a jar. */
  String RESOURCES = "io/github/slurmmaven/embedded/";

  /**
   * Finds a bundle.
   *
   * @return empty when no bundle has this name
   */
  Optional<BundleFile> find(BundleName name);

  /** Returns sentences that say why {@link #find} returned nothing, and what to do. */
  default String absence(BundleName name) {
    return "There is no bundle of %s for this machine (%s). %s"
        .formatted(name.words(), name.platform(), Advice.USE_DOCKER);
  }

  /** Whether all bundles of a release exist for this machine. */
  default boolean has(String release) {
    BundlePlatform machine = BundlePlatform.system();
    return machine.isSupported()
        && Arrays.stream(BundleName.Content.values())
            .allMatch(
                content -> find(new BundleName(content, release, machine.name())).isPresent());
  }

  /** The bundles on the class path. */
  static BundleSource classPath() {
    return classPath(BundleSource.class.getClassLoader());
  }

  /** The bundles that a class loader finds. */
  static BundleSource classPath(ClassLoader loader) {
    return new BundleSource() {

      @Override
      public Optional<BundleFile> find(BundleName name) {
        URL description = loader.getResource(RESOURCES + name.description());
        URL archive = loader.getResource(RESOURCES + name.archive());
        return description == null || archive == null
            ? Optional.empty()
            : Optional.of(
                BundleFile.read(() -> read(description), () -> read(archive), archive.toString()));
      }

      @Override
      public String absence(BundleName name) {
        return ("The class path has no programs of %s for this machine (%s). Add the dependency"
                + " io.github.slurmmaven:slurm-bundle-%s:%s with the classifier %s and, for"
                + " tests, the scope test; or set engine to docker.")
            .formatted(
                name.words(),
                name.platform(),
                name.release(),
                BundleVersions.of(name.release()),
                name.classifier());
      }
    };
  }

  /** The bundles in a jar. */
  static BundleSource jar(Path jar) {
    return name -> {
      String description = RESOURCES + name.description();
      String archive = RESOURCES + name.archive();
      try (ZipFile zip = new ZipFile(jar.toFile())) {
        if (zip.getEntry(description) == null || zip.getEntry(archive) == null) {
          return Optional.empty();
        }
      } catch (IOException e) {
        throw new SlurmClusterException(
            "%s cannot be read: %s".formatted(jar, FileFailure.of(e)), e);
      }
      return Optional.of(
          BundleFile.read(() -> read(jar, description), () -> read(jar, archive), jar.toString()));
    };
  }

  /** The bundles in a directory, as {@code build-bundle.sh} puts them there. */
  static BundleSource directory(Path directory) {
    return name -> {
      Path description = directory.resolve(name.description());
      Path archive = directory.resolve(name.archive());
      return Files.exists(description) && Files.exists(archive)
          ? Optional.of(
              BundleFile.read(
                  () -> Files.readAllBytes(description),
                  () -> Files.readAllBytes(archive),
                  archive.toString()))
          : Optional.empty();
    };
  }

  private static byte[] read(URL resource) throws IOException {
    try (InputStream in = resource.openStream()) {
      return in.readAllBytes();
    }
  }

  private static byte[] read(Path jar, String name) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      ZipEntry entry = zip.getEntry(name);
      if (entry == null) {
        throw new IOException(jar + " has no longer an entry " + name);
      }
      return zip.getInputStream(entry).readAllBytes();
    }
  }
}
