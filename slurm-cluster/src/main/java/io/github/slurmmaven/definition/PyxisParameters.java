/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.InvalidParameterException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Parameters of jobs in containers; null means the default. */
public final class PyxisParameters {

  private @Nullable Boolean withPyxis;
  private @Nullable String pyxisUrl;
  private @Nullable String pyxisSha256;
  private @Nullable String enrootUrl;
  private @Nullable String enrootSha256;
  private @Nullable String pyxisHelpers;

  /** Whether jobs can run in containers. */
  public PyxisParameters withPyxis(@Nullable Boolean value) {
    withPyxis = value;
    return this;
  }

  /** URL or file of Pyxis' sources; default {@link PyxisDefinition#DEFAULT_URL}. */
  public PyxisParameters pyxisUrl(@Nullable String value) {
    pyxisUrl = value;
    return this;
  }

  /** Digest of Pyxis' sources; default none. */
  public PyxisParameters pyxisSha256(@Nullable String value) {
    pyxisSha256 = value;
    return this;
  }

  /** URL or file of enroot's package; default {@link PyxisDefinition#DEFAULT_ENROOT_URL}. */
  public PyxisParameters enrootUrl(@Nullable String value) {
    enrootUrl = value;
    return this;
  }

  /** Digest of enroot's package; default none. */
  public PyxisParameters enrootSha256(@Nullable String value) {
    enrootSha256 = value;
    return this;
  }

  /** Programs that merge an image's layers: {@code userland} (the default) or {@code stock}. */
  public PyxisParameters pyxisHelpers(@Nullable String value) {
    pyxisHelpers = value;
    return this;
  }

  /**
   * @param directory start of relative paths
   */
  List<ParameterChange> changes(Path directory) {
    List<ParameterChange> changes = new ArrayList<>();
    Boolean wanted = withPyxis;
    if (wanted != null) {
      changes.add(
          new ParameterChange(
              "withPyxis",
              wanted,
              definition ->
                  definition.withPyxis(
                      wanted
                          ? definition.pyxis().or(() -> Optional.of(PyxisDefinition.DEFAULT))
                          : Optional.empty()),
              definition -> definition.pyxis().isPresent()));
    }
    String sources = pyxisUrl;
    if (sources != null) {
      String url = Checks.archive("pyxisUrl", sources, directory);
      changes.add(
          change(
              "pyxisUrl",
              sources,
              there -> there.withSource(new Archive(url, there.source().sha256())),
              there -> there.source().url()));
    }
    String sourcesDigest = pyxisSha256;
    if (sourcesDigest != null) {
      Optional<String> digest = Optional.of(Checks.sha256("pyxisSha256", sourcesDigest));
      changes.add(
          change(
              "pyxisSha256",
              sourcesDigest,
              there -> there.withSource(new Archive(there.source().url(), digest)),
              there -> there.source().sha256().orElse("none")));
    }
    String enroot = enrootUrl;
    if (enroot != null) {
      String url = Checks.archive("enrootUrl", enroot, directory);
      changes.add(
          change(
              "enrootUrl",
              enroot,
              there -> there.withEnroot(new Archive(url, there.enroot().sha256())),
              there -> there.enroot().url()));
    }
    String enrootDigest = enrootSha256;
    if (enrootDigest != null) {
      Optional<String> digest = Optional.of(Checks.sha256("enrootSha256", enrootDigest));
      changes.add(
          change(
              "enrootSha256",
              enrootDigest,
              there -> there.withEnroot(new Archive(there.enroot().url(), digest)),
              there -> there.enroot().sha256().orElse("none")));
    }
    String merger = pyxisHelpers;
    if (merger != null) {
      PyxisDefinition.Helpers helpers = PyxisDefinition.Helpers.of("pyxisHelpers", merger);
      changes.add(
          change(
              "pyxisHelpers",
              merger,
              there -> there.withHelpers(helpers),
              there -> there.helpers().id()));
    }
    return changes;
  }

  private static ParameterChange change(
      String parameter,
      Object value,
      UnaryOperator<PyxisDefinition> change,
      Function<PyxisDefinition, Object> existing) {
    return new ParameterChange(
        parameter,
        value,
        definition -> {
          if (definition.pyxis().isEmpty()) {
            throw new InvalidParameterException(
                parameter, value, "needs Pyxis: set withPyxis, or use the preset full");
          }
          return definition.withPyxis(definition.pyxis().map(change));
        },
        definition -> definition.pyxis().map(existing).orElse("no Pyxis"));
  }
}
