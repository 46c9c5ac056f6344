/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.definition.ClusterDocument;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An <code>account</code> below <code>accounts</code>; Maven sets the fields. */
public final class AccountConfiguration {

  private @Nullable String name;
  private @Nullable String parent;
  private @Nullable String shares;
  private @Nullable Map<String, String> limits;
  private @Nullable String defaultQos;
  private @Nullable List<String> qos;
  private @Nullable List<AccountUserConfiguration> users;

  /** Sets the name of an account that is written as text alone. */
  public void set(String name) {
    this.name = name;
  }

  ClusterDocument.Account toDocument() {
    return new ClusterDocument.Account(
        name,
        parent,
        WholeNumber.parse("accounts.account.shares", shares, "0 or more"),
        limits,
        defaultQos,
        qos,
        users == null ? null : users.stream().map(AccountUserConfiguration::toDocument).toList());
  }
}
