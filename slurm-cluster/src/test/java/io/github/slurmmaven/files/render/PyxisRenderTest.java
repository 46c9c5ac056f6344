/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files.render;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.slurmmaven.compose.ComposeProject;
import io.github.slurmmaven.compose.ComposeService;
import io.github.slurmmaven.compose.ComposeService.Mount;
import io.github.slurmmaven.definition.TestParameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a cluster's files say of jobs in containers. */
class PyxisRenderTest {

  private static final List<String> JOBS_RUN_ON = List.of("cpu-0", "cpu-1", "gpu-0");
  private static final String MOUNTED_IN = "/var/lib/enroot";

  private final Path directory;

  PyxisRenderTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private Map<String, String> render(TestParameters parameters) throws IOException {
    Map<String, String> files =
        RenderedTexts.of(
            new RenderContext(
                parameters.toDefinition(),
                directory,
                new RenderTarget.Containers(
                    "project",
                    "slurm-cluster:x",
                    "198.18.7",
                    "127.0.0.1",
                    2222,
                    5001,
                    0,
                    8,
                    16384)));
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path path = directory.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
    return files;
  }

  private Map<String, ComposeService> services(TestParameters parameters) throws IOException {
    render(parameters);
    return ComposeProject.read(directory, Map.of()).services();
  }

  private static TestParameters full() {
    return new TestParameters().with("preset", "full");
  }

  @Test
  void nodesWithJobsAloneMayMoreThanDockerAllows() throws IOException {
    Map<String, ComposeService> services = services(full());

    for (String name : JOBS_RUN_ON) {
      ComposeService service = Objects.requireNonNull(services.get(name));
      assertThat(service.securityOpt())
          .hasSize(3)
          .contains("apparmor=unconfined", "no-new-privileges:true")
          .element(0)
          .asString()
          .startsWith("seccomp={");
      assertThat(service.privileged()).isFalse();
      assertThat(service.capAdd()).isEmpty();
      assertThat(service.mounts()).extracting(Mount::target).contains(MOUNTED_IN);
      assertThat(service.environment())
          .containsEntry("SLURM_PYXIS", "userland")
          .containsEntry("SLURM_REGISTRY_NAMES", "registry:5000,localhost:5001,127.0.0.1:5001");
    }
    for (String name : List.of("controller", "registry")) {
      ComposeService service = Objects.requireNonNull(services.get(name));
      assertThat(service.securityOpt()).containsExactly("no-new-privileges:true");
      assertThat(service.capAdd()).isEmpty();
      assertThat(service.mounts()).extracting(Mount::target).doesNotContain(MOUNTED_IN);
    }
  }

  @Test
  void enrootsOwnHelpersCostACapability() throws IOException {
    Map<String, ComposeService> services = services(full().with("pyxisHelpers", "stock"));

    assertThat(services.get("cpu-0").capAdd()).containsExactly("SYS_ADMIN");
    assertThat(services.get("cpu-0").capDrop()).doesNotContain("MKNOD");
    // A program's file capabilities are new privileges, too.
    assertThat(services.get("cpu-0").securityOpt()).doesNotContain("no-new-privileges:true");
    assertThat(services.get("controller").securityOpt()).contains("no-new-privileges:true");
    assertThat(services.get("cpu-0").environment()).containsEntry("SLURM_PYXIS", "stock");
    assertThat(services.get("controller").capAdd()).isEmpty();
  }

  @Test
  void theProfileAddsNothingButNamespacesAndMounts() throws IOException {
    String option = services(full()).get("cpu-0").securityOpt().get(0);
    JsonNode rules =
        new ObjectMapper().readTree(option.substring("seccomp=".length())).at("/syscalls");
    JsonNode added = rules.get(rules.size() - 1);
    TreeSet<String> names = new TreeSet<>();
    added.get("names").forEach(name -> names.add(name.asText()));

    assertThat(names)
        .containsExactly("mount", "pivot_root", "setns", "umount", "umount2", "unshare");
    assertThat(added.get("action").asText()).isEqualTo("SCMP_ACT_ALLOW");
  }

  @Test
  void pyxisIsRequiredWithItsFullPath() throws IOException {
    assertThat(render(full()).get("config/plugstack.conf"))
        .containsPattern("(?m)^include /etc/slurm/plugstack.conf.d/\\*.conf$")
        .containsPattern("(?m)^required /usr/local/lib/slurm/spank_pyxis.so ")
        .contains(" importer=/usr/local/libexec/slurm-image-importer");
  }

  @Test
  void everyUserHasPathsOfOnesOwn() throws IOException {
    assertThat(render(full()).get("config/enroot.conf"))
        .contains(
            "ENROOT_DATA_PATH /var/lib/enroot/nodes/$(uname -n)/data/user-$(id -u)\n",
            "ENROOT_RUNTIME_PATH /run/enroot/user-$(id -u)\n");
  }

  @Test
  void anAddressThatIsBoundIsANameToo() throws IOException {
    TestParameters parameters =
        full().with("bindAddress", "192.0.2.7").with("passwordLogin", false);

    assertThat(services(parameters).get("cpu-0").environment())
        .containsEntry(
            "SLURM_REGISTRY_NAMES", "registry:5000,localhost:5001,127.0.0.1:5001,192.0.2.7:5001");
  }

  @Test
  void aClusterWithoutSaysNothingOfIt() throws IOException {
    Map<String, String> files = render(full().with("withPyxis", false));

    assertThat(files).doesNotContainKeys("config/enroot.conf", "config/seccomp-pyxis.json");
    assertThat(files.get("config/plugstack.conf")).doesNotContain("pyxis");
    assertThat(files.get("docker-compose.yml"))
        .doesNotContainIgnoringCase("pyxis")
        .doesNotContain("seccomp", "apparmor", MOUNTED_IN);
  }

  @Test
  void anAllInOneNodeRunsThemToo() throws IOException {
    ComposeService node =
        services(new TestParameters().with("preset", "cpu").with("withPyxis", true)).get("slurm");

    assertThat(node.securityOpt()).hasSize(3);
    assertThat(node.environment())
        .containsEntry("SLURM_PYXIS", "userland")
        .doesNotContainKey("SLURM_REGISTRY_NAMES");
  }
}
