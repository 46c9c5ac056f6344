/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The directory whose files are beside slurm.conf, from creation to creation. */
@Timeout(120)
class SiteFilesTest {

  private final FakeBackend backend = new FakeBackend();
  private final Path project;
  private final Path site;

  SiteFilesTest(@TempDir Path project) {
    this.project = project;
    site = project.resolve("src/slurm");
  }

  @BeforeEach
  void write() throws IOException {
    Files.createDirectories(site);
    Files.writeString(site.resolve("prolog.sh"), "#!/bin/sh\n");
  }

  @AfterEach
  void close() {
    backend.close();
  }

  private ClusterRequest.Builder builder() {
    return backend.cluster(project.resolve(".slurm-cluster")).baseDirectory(project);
  }

  private Path config(String name) {
    return builder().build().directory().resolve("config").resolve(name);
  }

  @Test
  void filesOfSrcSlurmAreTakenWithoutAParameter() {
    assertThat(builder().build().create()).isTrue();

    assertThat(config("prolog.sh")).content().isEqualTo("#!/bin/sh\n");
    assertThat(config("prolog.sh")).isExecutable();
    assertThat(builder().build().create()).isFalse();
  }

  @Test
  void aClusterLivesOnWithoutTheFilesThatItWasCreatedFrom() throws IOException {
    builder().build().create();
    Files.delete(site.resolve("prolog.sh"));
    Files.delete(site);
    SlurmCluster cluster = builder().build().cluster();

    cluster.start();
    assertThat(cluster.status().nodes()).hasSize(1);
    cluster.stop();

    assertThat(config("prolog.sh")).exists();
  }

  @Test
  void onlyAStartNeedsWhatNodesMountAndCopy() throws IOException {
    Path data = Files.createDirectories(project.resolve("data"));
    Path motd = Files.writeString(project.resolve("motd"), "hello");
    Files.writeString(
        project.resolve("cluster.yaml"),
        "preset: cpu\n"
            + "mounts: [{source: data, target: /data}]\n"
            + "files: [{source: motd, target: /etc/motd}]\n");
    ClusterRequest request = builder().definition(project.resolve("cluster.yaml")).build();
    request.create();
    Files.delete(data);
    Files.delete(motd);
    SlurmCluster cluster = request.cluster();

    assertThat(cluster.status().nodes()).hasSize(1);
    assertThatThrownBy(cluster::start)
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("cannot start: they mount or get a copy of " + data + ", " + motd)
        .hasMessageContaining("Put it back");
    cluster.destroy();

    assertThat(request.directory()).doesNotExist();
  }

  @Test
  void aNamedDirectoryIsInsteadOfSrcSlurm() throws IOException {
    Path other = Files.createDirectories(project.resolve("other"));
    Files.write(other.resolve("tool"), new byte[] {-1, 0, -1});
    Files.setPosixFilePermissions(
        other.resolve("tool"), PosixFilePermissions.fromString("rwxr-xr-x"));

    builder().slurmFiles(Path.of("other")).build().create();

    assertThat(config("tool")).hasBinaryContent(new byte[] {-1, 0, -1}).isExecutable();
    assertThat(config("prolog.sh")).doesNotExist();
  }

  @Test
  void changesOfTheDirectoryAreTakenWhenItIsCreatedAgain() throws IOException {
    Files.writeString(site.resolve("old.sh"), "#!/bin/sh\n");
    builder().build().create();
    Files.writeString(site.resolve("prolog.sh"), "#!/bin/sh\nexit 1\n");
    Files.writeString(site.resolve("new.conf"), "");
    Files.delete(site.resolve("old.sh"));

    assertThat(builder().build().create()).isTrue();

    assertThat(config("prolog.sh")).content().isEqualTo("#!/bin/sh\nexit 1\n");
    assertThat(config("new.conf")).exists();
    assertThat(config("old.sh")).doesNotExist();
  }

  @Test
  void aFileThatWasEditedByHandStaysOrIsNamed() throws IOException {
    builder().build().create();
    Files.writeString(config("prolog.sh"), "#!/bin/sh\n# mine\n");

    assertThat(builder().build().create()).isFalse();
    assertThat(config("prolog.sh")).content().endsWith("# mine\n");

    Files.delete(site.resolve("prolog.sh"));
    assertThatThrownBy(() -> builder().build().create())
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("config/prolog.sh was edited by hand");
    assertThat(config("prolog.sh")).content().endsWith("# mine\n");
    assertThat(builder().force(true).build().create()).isTrue();
    assertThat(config("prolog.sh")).doesNotExist();
  }

  @Test
  void aFileOutsideTheDirectoryIsNotRemovedEvenIfTheLedgerNamesIt() throws IOException {
    builder().build().create();
    Path directory = builder().build().directory();
    Path elsewhere = Files.writeString(project.resolve("elsewhere"), "mine");
    Files.writeString(
        directory.resolve(".rendered"),
        Sha256.of("mine") + "  " + directory.relativize(elsewhere) + "\n",
        StandardOpenOption.APPEND);

    builder().force(true).build().create();

    assertThat(elsewhere).exists();
  }

  @Test
  void aScriptThatBecomesExecutableIsReadAgain() throws IOException {
    Files.writeString(site.resolve("tool"), "not a script");
    builder().build().create();
    assertThat(Files.isExecutable(config("tool"))).isFalse();
    Files.setPosixFilePermissions(
        site.resolve("tool"), PosixFilePermissions.fromString("rwxr-xr-x"));

    assertThat(builder().build().create()).isTrue();

    assertThat(config("tool")).isExecutable();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          slurm.conf              | use slurm_conf (slurmConf in a POM)
          cgroup.conf             | use cgroup_conf (cgroupConf in a POM)
          gres.conf               | give nodes their gpus
          plugstack.conf          | put its lines into a file of their own in plugstack.conf.d
          enroot.conf             | edit config/enroot.conf
          slurm-maven/epilog      | leave it out
          """)
  void aFileThatTheClusterMakesIsRefusedByName(String name, String instead) throws IOException {
    Files.createDirectories(site.resolve(name).getParent());
    Files.writeString(site.resolve(name), "");

    assertThatThrownBy(() -> builder().build().create())
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageStartingWith("slurmFiles: '" + site + "' cannot replace " + name)
        .hasMessageContaining(instead);
  }

  @Test
  void aDirectoryThatIsNotThereIsRefused() {
    assertThatThrownBy(() -> builder().slurmFiles(Path.of("no/such")).build())
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageStartingWith("slurmFiles: 'no/such' is not a directory (")
        .hasMessageEndingWith("name one whose files are to be beside slurm.conf");
  }

  @Test
  void theDirectoryOfADefinitionGoesBeforeTheDefault() throws IOException {
    Files.writeString(
        Files.createDirectories(project.resolve("ours")).resolve("epilog.sh"), "#!/bin/sh\n");
    Path definition =
        Files.writeString(
            project.resolve("own.yaml"),
            "preset: cpu\nfiles: [{source: ours, target: /etc/slurm}]\n");

    builder().definition(definition).build().create();

    assertThat(config("epilog.sh")).exists();
    assertThat(config("prolog.sh")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          clustername = other            | has ClusterName, which is the cluster's name: set it with name
          Licenses=a SlurmUser=me        | has SlurmUser, which is the account
          StateSaveLocation=/x           | has StateSaveLocation, which is a place in the cluster's own
          AuthInfo=ttl=60,socket=/x      | has AuthInfo's socket, which is a place
          """)
  void aLineThatReplacesWhatTheClusterNeedsIsRefused(String line, String problem)
      throws IOException {
    Path definition =
        Files.writeString(
            project.resolve("own.yaml"), "preset: cpu\nslurm_conf: ['%s']\n".formatted(line));

    assertThatThrownBy(() -> builder().definition(definition).build())
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("slurm_conf[0]: '" + line + "' " + problem);
  }
}
