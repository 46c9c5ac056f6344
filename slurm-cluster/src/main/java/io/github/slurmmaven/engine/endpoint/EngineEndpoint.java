/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.endpoint;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A possible address of an engine.
 *
 * @param uri a {@code unix}, {@code npipe} or {@code tcp} address; {@code tcp} always has a port
 * @param tls TLS settings; empty for plain text
 * @param reason source of the address, for example {@code DOCKER_HOST}
 */
public record EngineEndpoint(URI uri, Optional<Tls> tls, String reason) {

  /**
   * PEM files for TLS.
   *
   * @param ca certificates to trust; empty for those that Java trusts
   * @param client client certificate; empty for none
   */
  public record Tls(Optional<Path> ca, Optional<ClientCertificate> client) {}

  /** A certificate and its private key, PEM files. */
  public record ClientCertificate(Path certificate, Path key) {}

  /** Returns address and reason, for messages. */
  public String description() {
    return uri + " (" + reason + ")";
  }
}
