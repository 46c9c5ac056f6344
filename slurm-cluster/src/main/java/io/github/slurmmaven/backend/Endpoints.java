/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.common.Address;
import io.github.slurmmaven.definition.ClusterDefinition;
import java.util.Optional;

/** Says where a cluster is reached from here, and as whom. */
public interface Endpoints {

  /**
   * As whom to log in.
   *
   * @param user account
   * @param password its password; empty when only the key is taken
   */
  record Login(String user, Optional<String> password) {}

  /** As whom to log in. */
  Login login(ClusterId id, ClusterDefinition definition);

  /** Where SSH is published. */
  Address ssh(ClusterId id);

  /** Where the container registry is published, if the cluster has one. */
  Optional<Address> registry(ClusterId id);

  /** Where slurmrestd is published, if the cluster has it. */
  Optional<Address> rest(ClusterId id);
}
