/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.definition.ClusterDocument;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A <code>user</code> below <code>users</code>; Maven sets the fields. */
public final class UserConfiguration {

  private @Nullable String name;
  private @Nullable String uid;
  private @Nullable List<String> accounts;
  private @Nullable String defaultQos;
  private @Nullable List<String> qos;

  /** Sets the name, or name and uid, of a user that is written as text alone. */
  public void set(String nameOrNameAndUid) {
    name = nameOrNameAndUid;
  }

  ClusterDocument.User toDocument() {
    ClusterDocument.User user = ClusterDocument.User.of(name == null ? "" : name.strip());
    Integer number = WholeNumber.parse("users.user.uid", uid, "1001 to 59999");
    return new ClusterDocument.User(
        name == null ? null : user.name(),
        number == null ? user.uid() : number,
        accounts,
        defaultQos,
        qos);
  }
}
