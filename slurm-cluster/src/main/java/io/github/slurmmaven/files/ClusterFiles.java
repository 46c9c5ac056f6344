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
 * The files that say what a cluster is, as one operation sees them: each is read at most once, when
 * it is first asked for. Not for several threads.
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

  /** Whose files these are. */
  public ClusterId id() {
    return id;
  }

  /** Whether there is a definition; a Compose project can be run without one. */
  public boolean hasDefinition() {
    return definition != null || Files.exists(path(ClusterDirectory.DEFINITION));
  }

  /**
   * The definition that the files were rendered from.
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
   * What the cluster got of its machine; empty when it was not rendered, or {@code .env} lost it.
   */
  public Optional<Allocation> allocation() {
    return variables()
        .flatMap(text -> Allocation.of(EnvFile.parse(path(VARIABLES), text, Map.of())));
  }

  /**
   * The Compose project.
   *
   * @param environment variables, stronger than {@code .env}; the same for each call
   * @throws UserMistakeException naming file, line and key of what is not run
   */
  public ComposeProject project(Map<String, String> environment) {
    ComposeProject known = project;
    if (known == null) {
      known = ComposeProject.read(id.directory(), variables(), environment);
      project = known;
    }
    return known;
  }

  /** The text of {@code .env}; empty when there is none. */
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
