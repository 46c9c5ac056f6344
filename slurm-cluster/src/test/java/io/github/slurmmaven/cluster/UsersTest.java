/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.definition.ClusterDocument;
import io.github.slurmmaven.definition.ClusterDocument.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files that give users their accounts and keys. */
class UsersTest {

  private final Path output;
  private final FakeBackend backend = new FakeBackend();

  UsersTest(@TempDir Path temporary) {
    output = temporary.resolve(".slurm-cluster");
  }

  @AfterEach
  void close() {
    backend.close();
  }

  private ClusterRequest cluster(User... users) {
    return backend
        .cluster(output)
        .document(ClusterDocument.of(Map.of("users", Arrays.asList(users))))
        .build();
  }

  private Path file(String name) {
    return output.resolve("slurm-test").resolve(name);
  }

  private List<String> authorized() throws IOException {
    try (Stream<Path> files = Files.list(file("secrets/authorized_keys"))) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private String mode(String name) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file(name)));
  }

  @Test
  void eachHasAUidAndAKeyOfItsOwn() throws IOException {
    cluster(User.of("alice"), User.of("bob:1500"), User.of("eve")).create();

    assertThat(file("secrets/users")).content().isEqualTo("alice:1001\nbob:1500\neve:1003\n");
    assertThat(authorized()).containsExactly("alice", "bob", "eve", "slurm");
    for (String user : List.of("alice", "bob", "eve")) {
      String key = "ssh/" + user + "_ed25519";
      assertThat(mode(key)).isEqualTo("rw-------");
      assertThat(file(key)).content().startsWith("-----BEGIN OPENSSH PRIVATE KEY-----");
      assertThat(file("secrets/authorized_keys/" + user))
          .hasSameTextualContentAs(file(key + ".pub"))
          .content()
          .startsWith("ssh-ed25519 ");
    }
    assertThat(file("ssh/alice_ed25519.pub"))
        .content()
        .isNotEqualTo(Files.readString(file("ssh/bob_ed25519.pub")))
        .isNotEqualTo(Files.readString(file("ssh/id_ed25519.pub")));
  }

  @Test
  void secondCreateKeepsKeysAndForgetsWhoLeft() throws IOException {
    cluster(User.of("alice"), User.of("bob")).create();
    String alice = Files.readString(file("ssh/alice_ed25519"));
    String slurm = Files.readString(file("ssh/id_ed25519"));

    assertThat(cluster(User.of("alice"), User.of("bob")).create()).isFalse();
    assertThat(cluster(User.of("carol"), User.of("alice:1401")).create()).isTrue();

    assertThat(file("secrets/users")).content().isEqualTo("carol:1001\nalice:1401\n");
    assertThat(authorized()).containsExactly("alice", "carol", "slurm");
    assertThat(file("ssh/alice_ed25519")).content().isEqualTo(alice);
    assertThat(file("ssh/id_ed25519")).content().isEqualTo(slurm);
    assertThat(file("cluster.yaml")).content().contains("name: carol").doesNotContain("bob");
  }

  @Test
  void keysReachTheConnectionAndOpenSsh() throws IOException {
    Connection connection = cluster(User.of("alice")).start();

    assertThat(connection.userKeys()).containsOnlyKeys("alice");
    assertThat(connection.userKeys().get("alice")).isEqualTo(file("ssh/alice_ed25519"));
    assertThat(connection.properties())
        .containsEntry("slurm.ssh.privateKey.alice", file("ssh/alice_ed25519").toString());
    assertThat(file("ssh/config"))
        .content()
        .contains("Host slurm slurm-test\n", "Host slurm-alice\n", "User alice\n");
  }
}
