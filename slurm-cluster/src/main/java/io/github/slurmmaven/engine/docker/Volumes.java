/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import io.github.slurmmaven.engine.VolumeSummary;
import java.util.List;
import java.util.Map;

/** Requests about volumes. */
final class Volumes {

  private final EngineConnection engine;

  Volumes(EngineConnection engine) {
    this.engine = engine;
  }

  void create(String name, Map<String, String> labels) {
    engine.change(
        "cannot create volume " + name,
        () -> engine.client().createVolumeCmd().withName(name).withLabels(labels).exec());
  }

  List<VolumeSummary> list(Map<String, String> labels) {
    return engine.ask(
        "cannot list volumes",
        () -> {
          var list = engine.client().listVolumesCmd();
          if (!labels.isEmpty()) {
            list.withFilter("label", ContainerRequests.labelFilter(labels));
          }
          var volumes = list.exec().getVolumes();
          return volumes == null
              ? List.<VolumeSummary>of()
              : volumes.stream()
                  .map(
                      volume ->
                          new VolumeSummary(
                              volume.getName(), ContainerAnswers.orEmpty(volume.getLabels())))
                  .toList();
        });
  }

  void remove(String name) {
    engine.change(
        "cannot remove volume " + name,
        () -> Requests.unlessGone(() -> engine.client().removeVolumeCmd(name).exec()));
  }
}
