/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.compose.ComposeProject;
import io.github.slurmmaven.compose.ComposeService;
import io.github.slurmmaven.files.ClusterFiles;
import java.util.Map;

/** The supported part of a cluster's Compose project. */
final class RunnableProject {

  private RunnableProject() {}

  static ComposeProject read(ClusterFiles files, Map<String, String> environment) {
    ComposeProject project = files.project(environment);
    for (ComposeService service : project.services().values()) {
      service
          .dependsOn()
          .forEach(
              (other, condition) -> {
                if (condition != ComposeService.Condition.STARTED) {
                  throw new UserMistakeException(
                      "%s: services.%s.depends_on.%s.condition is not run by slurm:start, other than"
                              .formatted(project.files(), service.name(), other)
                          + " service_started: remove it, or run 'docker compose up' there");
                }
              });
    }
    return project;
  }
}
