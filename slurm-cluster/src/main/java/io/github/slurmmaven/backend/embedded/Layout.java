/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.backend.embedded.bundle.Bundle;
import io.github.slurmmaven.client.ClockFile;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.Sha256;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.Gres;
import io.github.slurmmaven.definition.MountDefinition;
import io.github.slurmmaven.definition.NodeDefinition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The files of a cluster's directory beside the rendered ones.
 *
 * @param directory the cluster's directory
 */
record Layout(Path directory) {

  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final FileAttribute<Set<PosixFilePermission>> SECRET =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final int PASSWORD_BYTES = 24;

  /** In Base64. */
  private static final int PASSWORD_LENGTH = PASSWORD_BYTES / 3 * 4;

  private static final String PROFILE = ". ~/../run/profile\n";
  private static final int STARTED_WITH_LINES = 2;
  private static final List<String> DIRECTORIES =
      List.of("run", "state", "spool", "log/slurm", "home", "gpu", "bin");

  /**
   * Directory of files that the daemons of accounting need while they run, relative to the
   * cluster's.
   */
  static final String ACCOUNTING_RUN = "run/slurm-accounting";

  /** Name of munged's socket in the directory run. */
  static final String MUNGE_SOCKET = "munge.socket";

  /** The home directory of sessions and jobs. */
  Path home() {
    return directory.resolve("home");
  }

  /** Returns the output of a node's daemons. */
  Path log(String node) {
    return directory.resolve("log").resolve(node + ".log");
  }

  /** Returns the log of a node's Slurm daemons, whose lines have times. */
  Path slurmLog(String node) {
    return directory.resolve("log/slurm").resolve(node + ".log");
  }

  /** Returns the directory for files that are removed with a node. */
  Path node(String node) {
    return directory.resolve("nodes").resolve(node);
  }

  Path sshSettings() {
    return directory.resolve("run/sshd.properties");
  }

  /** Returns the file that exists as soon as the SSH server listens. */
  Path sshPortFile() {
    return directory.resolve("run/sshd.port");
  }

  private Path passwordFile() {
    return directory.resolve("secrets/password");
  }

  private Path spool(String node) {
    return directory.resolve("spool").resolve(node);
  }

  private Path bundle() {
    return directory.resolve("bundle");
  }

  /**
   * Returns the directory of the database, which also exists if the cluster had accounting before.
   */
  private Path accounting() {
    return directory.resolve("accounting");
  }

  /** Returns the file with the process id of the database while it runs. */
  Path databaseProcess() {
    return directory.resolve(ACCOUNTING_RUN).resolve("mariadbd.pid");
  }

  /** Returns the file whose existence shows the readiness check that there is accounting. */
  private Path accountingState() {
    return directory.resolve("run/slurm-accounting.state");
  }

  /** Returns the socket of munged. */
  private Path mungeSocket() {
    return directory.resolve("run").resolve(MUNGE_SOCKET);
  }

  /**
   * Returns the files that running processes have lost and write again only after a restart.
   *
   * @param nodes names of the cluster's nodes
   * @param mungeRuns whether munged has its socket
   * @param hasAccounting whether slurmdbd is among the processes
   */
  List<Path> lost(List<String> nodes, boolean mungeRuns, boolean hasAccounting) {
    Stream<Path> directories =
        Stream.concat(
            DIRECTORIES.stream().map(directory::resolve),
            nodes.stream().flatMap(node -> Stream.of(node(node), spool(node))));
    List<Path> lost =
        new ArrayList<>(
            Stream.of(
                    directories,
                    Stream.of(bundle()),
                    hasAccounting
                        ? Stream.of(accounting(), directory.resolve(ACCOUNTING_RUN))
                        : Stream.<Path>empty())
                .flatMap(paths -> paths)
                .filter(path -> !Files.isDirectory(path))
                .toList());
    if (!hasPassword()) {
      lost.add(passwordFile());
    }
    if (mungeRuns && !Files.exists(mungeSocket())) {
      lost.add(mungeSocket());
    }
    return lost;
  }

  /** Whether the password is complete: with an empty one, everybody could log in. */
  private boolean hasPassword() {
    try {
      return Files.size(passwordFile()) >= PASSWORD_LENGTH;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Creates missing files and directories. Existing ones are kept, except links, which are
   * replaced.
   *
   * @param accounting the programs of accounting, if the cluster has it
   * @param root the directory by a path without colons
   */
  void make(ClusterDefinition definition, Bundle bundle, Optional<Bundle> accounting, Path root) {
    try {
      for (String name : DIRECTORIES) {
        Files.createDirectories(directory.resolve(name), OWNER_ONLY);
      }
      for (NodeDefinition node : definition.nodes()) {
        Files.createDirectories(node(node.name()), OWNER_ONLY);
        Files.createDirectories(spool(node.name()), OWNER_ONLY);
      }
      link(bundle(), bundle.root());
      if (accounting.isPresent()) {
        Files.createDirectories(accounting(), OWNER_ONLY);
        Files.createDirectories(directory.resolve(ACCOUNTING_RUN), OWNER_ONLY);
        link(accounting().resolve("bundle"), accounting.get().root());
      } else {
        Files.deleteIfExists(accountingState());
      }
      makeGpus(definition);
      makeProfile(root);
      writeCommand(
          "task-prolog",
          """
          #!/bin/sh
          # What Slurm takes from a job of --export=NONE; see https://slurm.schedmd.com/slurm.conf.html#OPT_TaskProlog.
          here=${0%/*}
          case :$PATH: in
            *:"$here":*) ;;
            *) echo "export PATH=$PATH:$here:$here/../bundle/bin" ;;
          esac
          [ -n "$HOME" ] || echo "export HOME=$here/../home"
          """);
      for (MountDefinition mount : definition.mounts()) {
        mount(mount);
      }
      if (!hasPassword()) {
        byte[] password = new byte[PASSWORD_BYTES];
        new SecureRandom().nextBytes(password);
        Files.deleteIfExists(passwordFile());
        Files.writeString(
            Files.createFile(passwordFile(), SECRET),
            Base64.getUrlEncoder().encodeToString(password));
      }
    } catch (IOException e) {
      throw new UserMistakeException(
          "outputDirectory: the cluster's files cannot be written to " + directory + ": " + e, e);
    }
  }

  /** Slurm needs device files, of any kind: https://slurm.schedmd.com/gres.conf.html#OPT_File. */
  private void makeGpus(ClusterDefinition definition) throws IOException {
    int most = 0;
    for (NodeDefinition node : definition.nodes()) {
      List<String> types = new ArrayList<>();
      node.gpus()
          .forEach(
              (type, count) ->
                  types.addAll(
                      Collections.nCopies(
                          count, type.equals(NodeDefinition.UNTYPED) ? Gres.GPU : type)));
      most = Math.max(most, types.size());
      Path file = directory.resolve("config/fakegpus").resolve(node.name());
      Files.deleteIfExists(file);
      if (!types.isEmpty()) {
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.write(file, types, StandardCharsets.US_ASCII);
      }
    }
    for (int i = 0; i < most; i++) {
      link(directory.resolve("gpu/fakegpu" + i), Path.of("/dev/null"));
    }
    Files.deleteIfExists(directory.resolve("bin/nvidia-smi"));
    if (most > 0) {
      writeCommand(
          "nvidia-smi",
          """
          #!/bin/sh
          # A login is one to the controller; a job knows where it is.
          SLURMD_NODENAME=${SLURMD_NODENAME:-%s}
          export SLURMD_NODENAME
          exec "${0%%/*}/../bundle/libexec/nvidia-smi" "$@"
          """
              .formatted(definition.controller().name()));
    }
  }

  /** A login shell begins with /etc/profile, which sets another PATH. */
  private void makeProfile(Path root) throws IOException {
    Files.writeString(
        directory.resolve("run/profile"),
        "PATH=%s/bin:%s/bundle/bin:$PATH\n".formatted(root, root));
    Path profile = home().resolve(".profile");
    // A file that a session wrote is kept; an incomplete one of ours is replaced.
    if (!Files.exists(profile)
        || PROFILE.startsWith(Files.readString(profile, StandardCharsets.ISO_8859_1))) {
      Files.writeString(profile, PROFILE);
    }
  }

  private void writeCommand(String name, String script) throws IOException {
    Path command = directory.resolve("bin").resolve(name);
    Files.deleteIfExists(command);
    Files.writeString(Files.createFile(command, OWNER_ONLY), script);
  }

  private void mount(MountDefinition mount) throws IOException {
    if (!mount.source().equals(mount.target())) {
      Path link = home().resolve(HomePaths.belowHome(mount.target()).orElseThrow());
      Files.createDirectories(Objects.requireNonNull(link.getParent()), OWNER_ONLY);
      link(link, Path.of(mount.source()));
    }
  }

  private static void link(Path link, Path target) throws IOException {
    if (Files.isSymbolicLink(link)) {
      if (Files.readSymbolicLink(link).equals(target)) {
        return;
      }
      Files.delete(link);
    } else if (Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
      throw new UserMistakeException(
          "%s is in the way of a link to %s: remove it".formatted(link, target));
    }
    Files.createSymbolicLink(link, target);
  }

  /** Returns the password of this cluster's login. */
  String password() {
    try {
      return Files.readString(passwordFile(), StandardCharsets.US_ASCII).strip();
    } catch (IOException e) {
      throw new UserMistakeException(passwordFile() + " cannot be read: " + e, e);
    }
  }

  /** Identifies the files that daemons read when they start. The clock is left out. */
  String configurationDigest() {
    try (Stream<Path> files = Files.walk(directory.resolve("config"))) {
      MessageDigest digest = Sha256.begin();
      for (Path file :
          files
              .filter(Files::isRegularFile)
              .filter(file -> !file.endsWith(ClockFile.NAME))
              .sorted()
              .toList()) {
        digest.update(file.toString().getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
        digest.update(Files.readAllBytes(file));
      }
      return Sha256.end(digest);
    } catch (IOException e) {
      throw new UserMistakeException(directory.resolve("config") + " cannot be read: " + e, e);
    }
  }

  private Path startedWithFile() {
    return directory.resolve("run/started-with");
  }

  /**
   * Returns the argument of {@link #writeStartedWith}; empty when the file is missing, empty or
   * truncated.
   */
  Optional<List<String>> startedWith() {
    try {
      return Optional.of(Files.readAllLines(startedWithFile(), StandardCharsets.UTF_8))
          .filter(lines -> lines.size() == STARTED_WITH_LINES);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Records what the daemons were started with, one line each. */
  void writeStartedWith(List<String> lines) {
    try {
      Files.write(startedWithFile(), lines, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UserMistakeException(startedWithFile() + " cannot be written: " + e, e);
    }
  }

  /** Whether slurmctld has saved state. */
  boolean hasState() {
    return Files.exists(directory.resolve("state/job_state"));
  }
}
