/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Programs of ours in C, compiled for a test; without a compiler the test is skipped. */
public final class CompiledProgram {

  private static final Path COMPILER = Path.of("/usr/bin/gcc");
  private static final Path SOURCES = Path.of("../slurm-embedded/src/main/c");
  private static final Map<String, Path> COMPILED = new ConcurrentHashMap<>();

  private CompiledProgram() {}

  /** Path of the program made from a source file of slurm-embedded. */
  public static Path of(String source) {
    return of(SOURCES.resolve(source));
  }

  /** Path of the program made from a source file. */
  static Path of(Path source) {
    return compiled(source, "", List.of("-pthread"));
  }

  /** Path of the shared library made from a source file. */
  static Path library(Path source) {
    return compiled(source, ".so", List.of("-shared", "-fPIC", "-fvisibility=hidden", "-ldl"));
  }

  private static Path compiled(Path source, String suffix, List<String> options) {
    assumeTrue(Files.isExecutable(COMPILER), COMPILER + " is not installed");
    String name = source.getFileName().toString().replace(".c", suffix);
    return COMPILED.computeIfAbsent(name, made -> compile(source, made, options));
  }

  private static Path compile(Path source, String name, List<String> options) {
    Path made = Path.of("target", "c", name).toAbsolutePath();
    List<String> command =
        new ArrayList<>(List.of(COMPILER.toString(), "-O2", "-Wall", "-Wextra", "-Werror"));
    command.addAll(List.of("-o", made.toString(), source.toString()));
    command.addAll(options);
    try {
      Files.createDirectories(made.getParent());
      Process compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (compiler.waitFor() != 0) {
        throw new AssertionError(output);
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(source + " could not be compiled", e);
    }
    return made;
  }
}
