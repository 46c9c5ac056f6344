/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Parameters of the login over SSH; null means the default. */
public final class SshParameters {

  private @Nullable Integer port;
  private @Nullable String bindAddress;
  private @Nullable Boolean passwordLogin;

  /** SSH port of the host, 0 for any free one; default 2222 or the next free one. */
  public SshParameters port(@Nullable Integer number) {
    port = number;
    return this;
  }

  /** Address of the host that published ports bind; default 127.0.0.1. */
  public SshParameters bindAddress(@Nullable String address) {
    bindAddress = address;
    return this;
  }

  /** Whether password login is possible; default true. */
  public SshParameters passwordLogin(@Nullable Boolean allowed) {
    passwordLogin = allowed;
    return this;
  }

  /** Returns the given address if other machines can reach it and no password login was chosen. */
  @Nullable String unguardedAddress() {
    return bindAddress != null && !bindAddress.startsWith("127.") && passwordLogin == null
        ? bindAddress
        : null;
  }

  List<ParameterChange> changes() {
    List<ParameterChange> changes = new ArrayList<>();
    Integer number = port;
    if (number != null) {
      Checks.port("port", number);
      changes.add(
          change(
              "port",
              number,
              ssh ->
                  new SshDefinition(OptionalInt.of(number), ssh.bindAddress(), ssh.passwordLogin()),
              ssh -> ParameterChange.words(ssh.port())));
    }
    String address = bindAddress;
    if (address != null) {
      Checks.bindAddress("bindAddress", address);
      changes.add(
          change(
              "bindAddress",
              address,
              ssh -> new SshDefinition(ssh.port(), address, ssh.passwordLogin()),
              SshDefinition::bindAddress));
    }
    Boolean password = passwordLogin;
    if (password != null) {
      changes.add(
          change(
              "passwordLogin",
              password,
              ssh -> new SshDefinition(ssh.port(), ssh.bindAddress(), password),
              SshDefinition::passwordLogin));
    }
    return changes;
  }

  private static ParameterChange change(
      String parameter,
      Object value,
      UnaryOperator<SshDefinition> change,
      Function<SshDefinition, Object> existing) {
    return new ParameterChange(
        parameter,
        value,
        definition ->
            definition.withAccess(
                definition.image(), change.apply(definition.ssh()), definition.registry()),
        definition -> existing.apply(definition.ssh()));
  }
}
