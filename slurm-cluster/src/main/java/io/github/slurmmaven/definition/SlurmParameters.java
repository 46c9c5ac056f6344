/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Parameters of Slurm's release and source; null means the default. */
public final class SlurmParameters {

  private @Nullable String slurmVersion;
  private @Nullable String slurmSource;
  private @Nullable String slurmSourceSha256;

  /** Release line or release; default {@link SlurmVersion#DEFAULT}. */
  public SlurmParameters slurmVersion(@Nullable String value) {
    slurmVersion = value;
    return this;
  }

  /** URL or file of the source archive to compile; default upstream's of the version. */
  public SlurmParameters slurmSource(@Nullable String value) {
    slurmSource = value;
    return this;
  }

  /** Digest of the source archive; default none. */
  public SlurmParameters slurmSourceSha256(@Nullable String value) {
    slurmSourceSha256 = value;
    return this;
  }

  /**
   * @param directory start of relative paths
   */
  List<ParameterChange> changes(Path directory) {
    List<ParameterChange> changes = new ArrayList<>();
    String release = slurmVersion;
    if (release != null) {
      SlurmVersion version = SlurmVersion.of("slurmVersion", release);
      changes.add(
          new ParameterChange(
              "slurmVersion",
              release,
              definition -> definition.withSlurm(version, definition.slurmSource()),
              ClusterDefinition::slurmVersion));
    }
    String source = slurmSource;
    if (source != null) {
      Optional<String> url = Optional.of(Checks.archive("slurmSource", source, directory));
      changes.add(
          new ParameterChange(
              "slurmSource",
              source,
              definition ->
                  definition.withSlurm(
                      definition.slurmVersion(),
                      new SlurmSource(url, definition.slurmSource().sha256())),
              definition -> definition.slurmSource().url().orElse("none")));
    }
    String hex = slurmSourceSha256;
    if (hex != null) {
      Optional<String> digest = Optional.of(Checks.sha256("slurmSourceSha256", hex));
      changes.add(
          new ParameterChange(
              "slurmSourceSha256",
              hex,
              definition ->
                  definition.withSlurm(
                      definition.slurmVersion(),
                      new SlurmSource(definition.slurmSource().url(), digest)),
              definition -> definition.slurmSource().sha256().orElse("none")));
    }
    return changes;
  }
}
