/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.embedded;

import java.security.Provider;
import java.security.Security;
import java.util.Optional;
import org.apache.sshd.common.util.security.AbstractSecurityProviderRegistrar;
import org.apache.sshd.common.util.security.eddsa.generic.EdDSASupport;

/**
 * Makes Apache MINA SSHD use Ed25519 of Java itself, which has it since version 15, so that no
 * other provider is loaded.
 */
final class JdkEdDsaRegistrar extends AbstractSecurityProviderRegistrar {

  private static final String PROVIDER = "SunEC";

  JdkEdDsaRegistrar() {
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

  /** Other entities are found as usual. */
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
