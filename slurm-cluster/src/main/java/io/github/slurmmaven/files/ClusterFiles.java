/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files;

import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.compose.ComposeProject;
import io.github.slurmmaven.compose.EnvFile;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ClusterYaml;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The files of a cluster, as one operation sees them: each is read at most once, on first use. Not
 * thread-safe.
 */
public final class ClusterFiles {

  private static final String VARIABLES = ".env";

  private final ClusterId id;
  private @Nullable ClusterDefinition definition;
  private Optional<String> variables = Optional.empty();
  private boolean knowsVariables;
  private @Nullable ComposeProject project;

  public ClusterFiles(ClusterId id) {
    this.id = id;
  }

  /** Returns the cluster of these files. */
  public ClusterId id() {
    return id;
  }

  /** Whether there is a definition. A Compose project can be run without one. */
  public boolean hasDefinition() {
    return definition != null || Files.exists(path(ClusterDirectory.DEFINITION));
  }

  /**
   * Returns the definition from which the files were rendered.
   *
   * @throws UserMistakeException when it cannot be read; names file, line and what to do
   */
  public ClusterDefinition definition() {
    ClusterDefinition known = definition;
    if (known == null) {
      known = readDefinition();
      definition = known;
    }
    return known;
  }

  private ClusterDefinition readDefinition() {
    try {
      return ClusterYaml.readCreated(path(ClusterDirectory.DEFINITION));
    } catch (UserMistakeException e) {
      throw new UserMistakeException(
          "%s%nThe cluster was rendered from this file: put it back as it was, or remove the cluster with slurm:destroy"
              .formatted(String.valueOf(e.getMessage()).strip()),
          e);
    }
  }

  /**
   * Returns the cluster's allocation; empty if nothing was rendered, or {@code .env} does not have
   * it.
   */
  public Optional<Allocation> allocation() {
    return variables()
        .flatMap(text -> Allocation.of(EnvFile.parse(path(VARIABLES), text, Map.of())));
  }

  /**
   * Returns the Compose project.
   *
   * @param environment variables, which override {@code .env}; the same for each call
   * @throws UserMistakeException when a key or value is not supported; names file, line and key
   */
  public ComposeProject project(Map<String, String> environment) {
    ComposeProject known = project;
    if (known == null) {
      known = ComposeProject.read(id.directory(), variables(), environment);
      project = known;
    }
    return known;
  }

  /** Returns the text of {@code .env}; empty if it does not exist. */
  private Optional<String> variables() {
    if (!knowsVariables) {
      variables = EnvFile.text(path(VARIABLES));
      knowsVariables = true;
    }
    return variables;
  }

  private Path path(String name) {
    return id.directory().resolve(name);
  }
}
