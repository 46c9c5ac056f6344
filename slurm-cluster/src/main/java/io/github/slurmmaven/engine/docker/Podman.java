/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Version;
import com.github.dockerjava.api.model.VersionComponent;
import com.github.dockerjava.transport.DockerHttpClient;
import java.io.IOException;
import java.net.URLDecoder;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** All special cases for Podman: requests for what Docker does by default. */
final class Podman {

  /**
   * Capabilities that root has in every container of Docker, but not of Podman. Compose files drop
   * capabilities from Docker's set.
   *
   * @see <a
   *     href="https://github.com/containers/common/blob/main/docs/containers.conf.5.md">containers.conf,
   *     default_capabilities</a>
   */
  private static final Set<Capability> ONLY_WITH_DOCKER =
      EnumSet.of(Capability.AUDIT_WRITE, Capability.MKNOD, Capability.NET_RAW);

  private static final Pattern PUSH_TO_LOOPBACK =
      Pattern.compile(".*/images/(localhost|127\\.[0-9.]+)(:[0-9]+)?/.+/push(\\?.*)?");

  private Podman() {}

  /** Whether a version is Podman's. */
  static boolean answers(Version version) {
    List<VersionComponent> components = version.getComponents();
    return components != null
        && components.stream()
            .anyMatch(component -> String.valueOf(component.getName()).startsWith("Podman"));
  }

  /** Gives a container the capabilities that it would have on Docker. */
  static void addDockersCapabilities(HostConfig host) {
    Set<Capability> dropped = set(host.getCapDrop());
    if (dropped.contains(Capability.ALL)) {
      return;
    }
    Set<Capability> missing = EnumSet.copyOf(ONLY_WITH_DOCKER);
    missing.removeAll(dropped);
    missing.addAll(set(host.getCapAdd()));
    host.withCapAdd(missing.toArray(Capability[]::new));
  }

  private static Set<Capability> set(Capability @Nullable [] capabilities) {
    Set<Capability> result = EnumSet.noneOf(Capability.class);
    result.addAll(Arrays.asList(capabilities == null ? new Capability[0] : capabilities));
    return result;
  }

  /** Makes Podman push to registries of its own machine without TLS. */
  static DockerHttpClient pushingToLoopback(DockerHttpClient transport) {
    return new DockerHttpClient() {
      @Override
      public Response execute(Request request) {
        return transport.execute(withoutTls(request));
      }

      @Override
      public void close() throws IOException {
        transport.close();
      }
    };
  }

  private static DockerHttpClient.Request withoutTls(DockerHttpClient.Request request) {
    String path = request.path();
    return PUSH_TO_LOOPBACK.matcher(URLDecoder.decode(path, UTF_8)).matches()
        ? DockerHttpClient.Request.builder()
            .from(request)
            .path(path + (path.contains("?") ? "&" : "?") + "tlsVerify=false")
            .build()
        : request;
  }
}
