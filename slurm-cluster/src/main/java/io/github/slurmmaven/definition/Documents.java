/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Lays one document over another. */
final class Documents {

  private Documents() {}

  /** What {@code over} says, and what {@code under} says where that is silent. */
  static ClusterDocument merge(ClusterDocument under, @Nullable ClusterDocument over) {
    if (over == null) {
      return under;
    }
    return new ClusterDocument(
        first(over.name(), under.name()),
        first(over.preset(), under.preset()),
        first(over.slurmVersion(), under.slurmVersion()),
        first(over.slurmSource(), under.slurmSource()),
        first(over.slurmSourceSha256(), under.slurmSourceSha256()),
        first(over.image(), under.image()),
        first(over.nodes(), under.nodes()),
        first(over.partitions(), under.partitions()),
        first(over.ssh(), under.ssh()),
        first(over.services(), under.services()),
        first(over.packages(), under.packages()),
        first(over.users(), under.users()),
        first(over.mounts(), under.mounts()),
        first(over.files(), under.files()),
        first(over.setup(), under.setup()),
        first(over.slurmConf(), under.slurmConf()),
        first(over.cgroupConf(), under.cgroupConf()));
  }

  /** Where the parts of a merged document come from. */
  static Origin merge(Origin under, @Nullable ClusterDocument over, Origin originOfOver) {
    if (over == null) {
      return under;
    }
    Set<String> said = over.keys();
    return path -> (said.contains(firstKey(path)) ? originOfOver : under).of(path);
  }

  private static String firstKey(String path) {
    return path.split("[.\\[]", 2)[0];
  }

  private static <T> @Nullable T first(@Nullable T over, @Nullable T under) {
    return over == null ? under : over;
  }
}
