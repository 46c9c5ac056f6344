/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.spec;

import io.github.slurmmaven.report.InvalidParameterException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What the user said a cluster shall be; null is what the user left to the defaults.
 *
 * @param name name; default {@value #DEFAULT_NAME}
 * @param preset preset; default {@value #DEFAULT_PRESET}
 * @param slurmVersion Slurm's release line; default {@link SlurmVersion#DEFAULT}
 * @param cpusPerNode processors of each compute node; default the preset's
 * @param memoryPerNode megabytes of each compute node; default the preset's
 * @param port SSH port on the host; default {@link SshSpec#DEFAULT_PORT} or the next free one
 * @param bindAddress address of the host that published ports bind; default 127.0.0.1
 * @param passwordLogin whether password login is possible; default true
 * @param image prebuilt image of all nodes; default the one that is built
 */
public record ClusterParameters(
    @Nullable String name,
    @Nullable String preset,
    @Nullable String slurmVersion,
    @Nullable Integer cpusPerNode,
    @Nullable Integer memoryPerNode,
    @Nullable Integer port,
    @Nullable String bindAddress,
    @Nullable Boolean passwordLogin,
    @Nullable String image) {

  public static final String DEFAULT_NAME = "slurm-test";
  public static final String DEFAULT_PRESET = "cpu";

  /** The presets there are. */
  public static final List<String> PRESETS = List.of("cpu");

  /** The valid name, with the default for none. */
  public String validName() {
    return Checks.name("name", name == null ? DEFAULT_NAME : name);
  }

  /**
   * The cluster that these parameters ask for.
   *
   * @throws InvalidParameterException naming parameter, value and what is allowed
   */
  public ClusterSpec toSpec() {
    String presetName = preset == null ? DEFAULT_PRESET : preset;
    ClusterSpec base = preset(presetName);
    if (cpusPerNode != null) {
      Checks.atLeast("cpusPerNode", cpusPerNode, 1);
    }
    if (memoryPerNode != null) {
      Checks.atLeast("memoryPerNode", memoryPerNode, Checks.MINIMAL_MEMORY);
    }
    List<NodeSpec> nodes =
        base.nodes().stream()
            .map(
                node ->
                    node.role().runsJobs()
                        ? node.withSize(
                            cpusPerNode == null ? node.cpus() : cpusPerNode,
                            memoryPerNode == null ? node.memory() : memoryPerNode)
                        : node)
            .toList();
    return new ClusterSpec(
        validName(),
        Optional.of(presetName),
        slurmVersion == null ? SlurmVersion.DEFAULT : SlurmVersion.of("slurmVersion", slurmVersion),
        nodes,
        base.partitions(),
        new SshSpec(
            port == null ? OptionalInt.empty() : OptionalInt.of(Checks.port("port", port)),
            bindAddress == null ? "127.0.0.1" : Checks.bindAddress("bindAddress", bindAddress),
            passwordLogin == null || passwordLogin),
        Optional.ofNullable(image).map(reference -> Checks.image("image", reference)));
  }

  /**
   * Refuses a parameter that was given and says something else than an existing cluster, so that
   * nobody takes that cluster for what was asked.
   *
   * @throws InvalidParameterException naming the parameter and both values
   */
  public void requireMatch(ClusterSpec existing) {
    List<Runnable> checks = new ArrayList<>();
    checks.add(() -> same("preset", preset, existing.preset().orElse("none")));
    checks.add(() -> same("slurmVersion", slurmVersion, existing.slurmVersion().release()));
    checks.add(() -> same("bindAddress", bindAddress, existing.ssh().bindAddress()));
    checks.add(() -> same("passwordLogin", passwordLogin, existing.ssh().passwordLogin()));
    checks.add(() -> same("image", image, existing.image().orElse("none")));
    checks.add(
        () ->
            same(
                "port",
                port,
                existing.ssh().port().isPresent()
                    ? existing.ssh().port().getAsInt()
                    : "the default"));
    for (NodeSpec node : existing.computeNodes()) {
      checks.add(() -> same("cpusPerNode", cpusPerNode, node.cpus()));
      checks.add(() -> same("memoryPerNode", memoryPerNode, node.memory()));
    }
    checks.forEach(Runnable::run);
  }

  private static void same(String parameter, @Nullable Object asked, Object existing) {
    if (asked != null && !asked.equals(existing)) {
      throw new InvalidParameterException(
          parameter,
          asked,
          "is not what the existing cluster has ("
              + existing
              + "): run slurm:create to render it anew, or slurm:destroy first");
    }
  }

  private static ClusterSpec preset(String name) {
    if (!PRESETS.contains(name)) {
      throw new InvalidParameterException(
          "preset", name, "is not a preset: use " + String.join(", ", PRESETS));
    }
    String resource = name + ".yaml";
    try (InputStream in =
        Objects.requireNonNull(ClusterParameters.class.getResourceAsStream(resource), resource)) {
      String yaml = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return ClusterDocument.parse(resource, "name: " + DEFAULT_NAME + "\n" + yaml)
          .toSpec(resource);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
