/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.definition.ClusterDocument;
import org.jspecify.annotations.Nullable;

/** A <code>step</code> below <code>setup</code>: its text is the command; Maven sets the fields. */
public final class StepConfiguration {

  private @Nullable String run;
  private @Nullable String on;

  /** Sets the command of a step that is written as text alone. */
  public void set(String command) {
    run = command;
  }

  ClusterDocument.Step toDocument() {
    return new ClusterDocument.Step(run, on);
  }
}
