/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A program of ours in C, compiled for a test; without a compiler the test is skipped. */
public final class CompiledProgram {

  private static final Path COMPILER = Path.of("/usr/bin/gcc");
  private static final Path SOURCES = Path.of("../slurm-embedded/src/main/c");
  private static final Map<String, Path> COMPILED = new ConcurrentHashMap<>();

  private CompiledProgram() {}

  /** Path of the program made from a source file. */
  public static Path of(String source) {
    assumeTrue(Files.isExecutable(COMPILER), COMPILER + " is not installed");
    return COMPILED.computeIfAbsent(source, CompiledProgram::compile);
  }

  private static Path compile(String source) {
    Path program = Path.of("target", "c", source.replace(".c", "")).toAbsolutePath();
    try {
      Files.createDirectories(program.getParent());
      Process compiler =
          new ProcessBuilder(
                  List.of(
                      COMPILER.toString(),
                      "-Wall",
                      "-Wextra",
                      "-Werror",
                      "-o",
                      program.toString(),
                      SOURCES.resolve(source).toString()))
              .redirectErrorStream(true)
              .start();
      String output = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (compiler.waitFor() != 0) {
        throw new AssertionError(output);
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(source + " could not be compiled", e);
    }
    return program;
  }
}
