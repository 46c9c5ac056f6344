/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.embedded;

import java.security.Provider;
import java.security.Security;
import java.util.Optional;
import org.apache.sshd.common.util.security.AbstractSecurityProviderRegistrar;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.common.util.security.eddsa.generic.EdDSASupport;

/**
 * Gives Apache MINA SSHD the Ed25519 that Java itself has since version 15, so that no other
 * provider has to be loaded for it.
 */
public final class JdkEdDsaRegistrar extends AbstractSecurityProviderRegistrar {

  private static final String PROVIDER = "SunEC";

  /**
   * Makes Apache MINA SSHD use it and no other provider, above all not Bouncy Castle, whose signed
   * jar takes longer to load than a server takes to start. Must come before anything of MINA's; a
   * choice that somebody made by {@value SecurityUtils#SECURITY_PROVIDER_REGISTRARS} stays.
   */
  public static void use() {
    String ours = JdkEdDsaRegistrar.class.getName();
    if (System.getProperties().putIfAbsent(SecurityUtils.SECURITY_PROVIDER_REGISTRARS, ours)
        == null) {
      // Reads it, the first time. MINA of another class loader could not find this class.
      SecurityUtils.getEdDSASupport();
      System.clearProperty(SecurityUtils.SECURITY_PROVIDER_REGISTRARS);
    }
  }

  /** Made by name; see {@code org.apache.sshd.security.registrars}. */
  public JdkEdDsaRegistrar() {
    super("JdkEdDsa");
  }

  @Override
  public String getProviderName() {
    return PROVIDER;
  }

  @Override
  public Provider getSecurityProvider() {
    return Security.getProvider(PROVIDER);
  }

  @Override
  public boolean isSupported() {
    return getSecurityProvider() != null;
  }

  /** All else is found the usual way. */
  @Override
  public String getDefaultSecurityEntitySupportValue(Class<?> entityType) {
    return "";
  }

  @Override
  public boolean isNamedProviderUsed() {
    return false;
  }

  @Override
  public Optional<EdDSASupport<?, ?>> getEdDSASupport() {
    return Optional.of(new JdkEdDsa());
  }
}
