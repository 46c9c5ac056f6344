/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.common.Address;
import io.github.slurmmaven.definition.ClusterDefinition;
import java.util.Optional;

/** The addresses of a cluster as seen from this machine, and the account to log in with. */
public interface Endpoints {

  /**
   * The account to log in with.
   *
   * @param user account
   * @param password its password; empty when only the key is accepted
   */
  record Login(String user, Optional<String> password) {}

  /** Returns the account to log in with. */
  Login login(ClusterId id, ClusterDefinition definition);

  /** Returns the address of SSH. */
  Address ssh(ClusterId id);

  /** Returns the address of the container registry, if the cluster has one. */
  Optional<Address> registry(ClusterId id);

  /** Returns the address of slurmrestd, if the cluster has it. */
  Optional<Address> rest(ClusterId id);
}
