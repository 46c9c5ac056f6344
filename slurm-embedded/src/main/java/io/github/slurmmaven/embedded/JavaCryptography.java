/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.embedded;

import java.util.List;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.PropertyResolverUtils;
import org.apache.sshd.common.kex.BuiltinDHFactories;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.server.ServerBuilder;

/**
 * Apache MINA SSHD with Java's own cryptography alone. Bouncy Castle, which MINA takes where it is,
 * comes in a signed jar that takes longer to load than a server takes to start.
 */
public final class JavaCryptography {

  private JavaCryptography() {}

  /**
   * Makes MINA use it from now on. Must come before anything of MINA's; a choice that somebody made
   * by the system property {@value SecurityUtils#SECURITY_PROVIDER_REGISTRARS} stays.
   */
  public static void use() {
    String none = PropertyResolverUtils.NONE_VALUE;
    if (System.getProperties().putIfAbsent(SecurityUtils.SECURITY_PROVIDER_REGISTRARS, none)
        == null) {
      // Reads it, the first time; it says nothing to MINA of another class loader.
      SecurityUtils.getEdDSASupport();
      System.clearProperty(SecurityUtils.SECURITY_PROVIDER_REGISTRARS);
      SecurityUtils.registerSecurityProvider(new JdkEdDsaRegistrar());
    }
  }

  /**
   * A server that offers what MINA offers, but for the key exchanges of Bouncy Castle. Nobody asks
   * Java whether it can do the rest, which takes a while: from version 17 on, it can.
   */
  public static ServerBuilder server() {
    use();
    List<BuiltinDHFactories> exchanges =
        ServerBuilder.DEFAULT_KEX_PREFERENCE.stream()
            .filter(exchange -> !exchange.getName().startsWith("sntrup"))
            .filter(exchange -> !exchange.getName().startsWith("mlkem"))
            .toList();
    return ServerBuilder.builder()
        .keyExchangeFactories(
            NamedFactory.setUpTransformedFactories(false, exchanges, ServerBuilder.DH2KEX))
        .signatureFactories(ServerBuilder.setUpDefaultSignatureFactories(false))
        .macFactories(ServerBuilder.setUpDefaultMacs(false));
  }
}
