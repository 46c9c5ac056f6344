/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Runs programs of ours as a user who may do nothing special, also when root runs the tests. */
final class OrdinaryUser {

  /** Root's stand-in: {@code nobody}. */
  static final int ID = 65534;

  private OrdinaryUser() {}

  static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  /**
   * The command for a class of the tests. Skips the test where root cannot become another user.
   *
   * @param classes an empty directory for copies of the class path, to be deleted
   */
  static List<String> java(Path classes, Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "setpriv is missing");
      command.addAll(
          List.of("/usr/bin/setpriv", "--reuid=" + ID, "--regid=" + ID, "--clear-groups"));
    }
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "-cp",
            classPath(classes),
            main.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  /** Copies of the class path, because other users often cannot read root's files. */
  private static String classPath(Path directory) throws IOException {
    List<String> copies = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path source = Path.of(entry);
      // An empty entry would be the directory that the tests run in.
      if (entry.isEmpty() || !Files.exists(source)) {
        continue;
      }
      Path copy = directory.resolve(copies.size() + "-" + source.getFileName());
      copy(source, copy);
      copies.add(copy.toString());
    }
    return String.join(File.pathSeparator, copies);
  }

  /** Copies a file or directory, for all to read. */
  static void copy(Path source, Path copy) throws IOException {
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.toList()) {
        Path target = copy.resolve(source.relativize(file).toString());
        Files.copy(file, target);
        Files.setPosixFilePermissions(
            target,
            PosixFilePermissions.fromString(Files.isDirectory(file) ? "rwxr-xr-x" : "rw-r--r--"));
      }
    }
  }
}
