/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.embedded;

import java.util.List;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.PropertyResolverUtils;
import org.apache.sshd.common.kex.BuiltinDHFactories;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.server.ServerBuilder;

/**
 * Restricts Apache MINA SSHD to Java's own cryptography. MINA would use Bouncy Castle if it is on
 * the class path, whose signed jar takes longer to load than a server takes to start.
 */
public final class JavaCryptography {

  private JavaCryptography() {}

  /**
   * Makes MINA use Java's cryptography. Must be called before any use of MINA. A user's choice in
   * the system property {@value SecurityUtils#SECURITY_PROVIDER_REGISTRARS} is kept.
   */
  public static void use() {
    String none = PropertyResolverUtils.NONE_VALUE;
    if (System.getProperties().putIfAbsent(SecurityUtils.SECURITY_PROVIDER_REGISTRARS, none)
        == null) {
      // This makes MINA read the property, which does not affect MINA in another class loader.
      SecurityUtils.getEdDSASupport();
      System.clearProperty(SecurityUtils.SECURITY_PROVIDER_REGISTRARS);
      SecurityUtils.registerSecurityProvider(new JdkEdDsaRegistrar());
    }
  }

  /**
   * Returns a server with MINA's algorithms, except the key exchanges of Bouncy Castle. It does not
   * check whether Java supports the others, which takes a while: Java 17 and newer do.
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
