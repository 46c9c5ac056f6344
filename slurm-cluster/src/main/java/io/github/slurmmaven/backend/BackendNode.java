/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import io.github.slurmmaven.definition.NodeDefinition.Role;

/**
 * A node as its backend sees it.
 *
 * @param name name
 * @param role {@code controller}, {@code compute}, {@code all-in-one} or {@code registry}
 * @param state whether its main process runs, and if not, why
 * @param detail the state in words for people, for example {@code exited with code 137}
 */
public record BackendNode(String name, String role, State state, String detail) {

  /** The state, for programs. */
  public enum State {
    /** The files name it; it never ran. */
    CREATED,
    /** Its main process runs. */
    RUNNING,
    /** Its main process does not run. */
    ENDED,
    /** The kernel killed it because memory ran out. */
    OUT_OF_MEMORY
  }

  /** A node that runs or has ended, without a special reason. */
  public BackendNode(String name, String role, boolean running, String detail) {
    this(name, role, running ? State.RUNNING : State.ENDED, detail);
  }

  /** Whether its main process runs. */
  public boolean running() {
    return state == State.RUNNING;
  }

  /** Whether slurmctld runs there. */
  public boolean runsController() {
    return role.equals(Role.CONTROLLER.id()) || role.equals(Role.ALL_IN_ONE.id());
  }
}
