/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.AuthConfigurations;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.RemoteApiVersion;
import com.github.dockerjava.core.SSLConfig;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A minimal configuration of docker-java. Its own would read files and variables by rules other
 * than the docker CLI's, and its own mapper keeps every response twice.
 */
final class EngineClientConfig implements DockerClientConfig {

  private final URI host;
  private final ObjectMapper mapper =
      new ObjectMapper()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS);
  private volatile RemoteApiVersion apiVersion = RemoteApiVersion.unknown();

  EngineClientConfig(URI host) {
    this.host = host;
  }

  /** Sets the API version of all later requests. */
  void pin(RemoteApiVersion version) {
    apiVersion = version;
  }

  @Override
  public URI getDockerHost() {
    return host;
  }

  @Override
  public RemoteApiVersion getApiVersion() {
    return apiVersion;
  }

  @Override
  public ObjectMapper getObjectMapper() {
    return mapper;
  }

  // The commands that need credentials, pull and build, set them.

  @Override
  public @Nullable AuthConfig effectiveAuthConfig(String imageName) {
    return null;
  }

  @Override
  public AuthConfigurations getAuthConfigurations() {
    return new AuthConfigurations();
  }

  @Override
  public @Nullable String getRegistryUsername() {
    return null;
  }

  @Override
  public @Nullable String getRegistryPassword() {
    return null;
  }

  @Override
  public @Nullable String getRegistryEmail() {
    return null;
  }

  @Override
  public String getRegistryUrl() {
    return AuthConfig.DEFAULT_SERVER_ADDRESS;
  }

  @Override
  @SuppressWarnings("deprecation") // named by the interface; the transport gets its own
  public @Nullable SSLConfig getSSLConfig() {
    return null;
  }
}
