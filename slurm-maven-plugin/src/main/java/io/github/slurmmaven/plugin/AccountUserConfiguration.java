/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.definition.ClusterDocument;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A <code>user</code> below the <code>users</code> of an account; Maven sets the fields. */
public final class AccountUserConfiguration {

  private @Nullable String name;
  private @Nullable Boolean isDefault;
  private @Nullable String partition;
  private @Nullable String shares;
  private @Nullable Map<String, String> limits;
  private @Nullable String defaultQos;
  private @Nullable List<String> qos;

  /** Sets the name of a user that is written as text alone. */
  public void set(String name) {
    this.name = name;
  }

  /** Sets whether the account is the user's default. */
  public void setDefault(boolean isDefault) {
    this.isDefault = isDefault;
  }

  ClusterDocument.AccountUser toDocument() {
    return new ClusterDocument.AccountUser(
        name,
        isDefault,
        partition,
        WholeNumber.parse("accounts.account.users.user.shares", shares, "0 or more"),
        limits,
        defaultQos,
        qos);
  }
}
