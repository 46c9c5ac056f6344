/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.bundle;

import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.SlurmClusterException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Knows where the bundles are. */
@FunctionalInterface
public interface BundleSource {

  /** The directory of the bundles in a jar. */
  String RESOURCES = "io/github/slurmmaven/embedded/";

  /**
   * Finds a bundle.
   *
   * @param release release line of Slurm, for example {@code 24.11}
   * @param platform for example {@code linux-x86_64}
   * @return empty when there is none for this release and platform
   */
  Optional<BundleFile> find(String release, String platform);

  /**
   * Explains, for people, why {@link #find} returned nothing, and what to do about it; whole
   * sentences.
   */
  default String absence(String release, String platform) {
    return "There is no bundle of Slurm %s for this machine (%s). %s"
        .formatted(release, platform, Advice.USE_DOCKER);
  }

  /** Whether there is a bundle of a release for this machine. */
  default boolean has(String release) {
    BundlePlatform machine = BundlePlatform.system();
    return machine.isSupported() && find(release, machine.name()).isPresent();
  }

  /** The bundles on the class path. */
  static BundleSource classPath() {
    return classPath(BundleSource.class.getClassLoader());
  }

  /** The bundles that a class loader finds. */
  static BundleSource classPath(ClassLoader loader) {
    return new BundleSource() {

      @Override
      public Optional<BundleFile> find(String release, String platform) {
        URL description =
            loader.getResource(RESOURCES + BundleFile.descriptionName(release, platform));
        URL archive = loader.getResource(RESOURCES + BundleFile.archiveName(release, platform));
        return description == null || archive == null
            ? Optional.empty()
            : Optional.of(
                BundleFile.read(() -> read(description), () -> read(archive), archive.toString()));
      }

      @Override
      public String absence(String release, String platform) {
        return ("The class path has no programs of Slurm %s for this machine (%s). Add the"
                + " dependency io.github.slurmmaven:slurm-embedded with the classifier"
                + " slurm-%1$s-%2$s, in the version of this library and, for tests, with the scope"
                + " test; or set engine to docker.")
            .formatted(release, platform);
      }
    };
  }

  /** The bundles in a jar. */
  static BundleSource jar(Path jar) {
    return (release, platform) -> {
      String description = RESOURCES + BundleFile.descriptionName(release, platform);
      String archive = RESOURCES + BundleFile.archiveName(release, platform);
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
    return (release, platform) -> {
      Path description = directory.resolve(BundleFile.descriptionName(release, platform));
      Path archive = directory.resolve(BundleFile.archiveName(release, platform));
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
