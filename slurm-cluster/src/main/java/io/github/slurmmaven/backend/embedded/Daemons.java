/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.backend.embedded.supervisor.SupervisorPlan.Daemon;
import io.github.slurmmaven.backend.embedded.supervisor.SupervisorPlan.Readiness;
import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.NodeDefinition;
import io.github.slurmmaven.embedded.SshServerCommand;
import io.github.slurmmaven.resource.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The daemons of a cluster.
 *
 * @param layout the cluster's directory
 * @param root the same, by a path that is short enough for sockets
 * @param environment variables of all daemons
 * @param sshServer the command of the SSH server
 * @param restPort port of slurmrestd; 0 without slurmrestd
 */
record Daemons(
    Layout layout,
    Path root,
    Map<String, String> environment,
    SshServerCommand sshServer,
    int restPort) {

  static final String MUNGED = "munged";
  static final String MARIADBD = "mariadbd";
  static final String SLURMDBD = "slurmdbd";
  static final String SLURMCTLD = "slurmctld";
  static final String SSHD = "sshd";
  static final String SLURMRESTD = "slurmrestd";

  /** Writes the class archive of the SSH server, and ends. */
  static final String SSH_ARCHIVE = "ssh-archive";

  /**
   * Makes the archive in the cluster's directory first, so that an interrupted run leaves nothing
   * after the cluster.
   */
  private static final String PUBLISH =
      "archive=$1; shift; \"$@\" && cp \"$0\" \"$archive.$$\" && mv -f \"$archive.$$\" \"$archive\"; rm -f \"$0\"";

  /**
   * Starts slurmctld with -c if it has no state yet, because it would log an error for each missing
   * file.
   */
  private static final String SLURMCTLD_COMMAND =
      "if [ -e \"$1\" ]; then exec \"$0\" -D -i; else exec \"$0\" -D -i -c; fi";

  private static final String SLURMD = "slurmd-";

  private static final Pattern OPENAPI_PLUGIN = Pattern.compile("openapi_(.+)\\.so");

  /** Returns the name of a node's slurmd. */
  static String slurmd(String node) {
    return SLURMD + node;
  }

  /** Whether a daemon is a node's slurmd. */
  static boolean isOfNode(String daemon) {
    return daemon.startsWith(SLURMD);
  }

  /** Returns the node whose slurmd this is. */
  static Optional<String> nodeOf(String daemon) {
    return isOfNode(daemon) ? Optional.of(daemon.substring(SLURMD.length())) : Optional.empty();
  }

  /** Returns the daemons of a node, the one that gives the node its role first. */
  static List<String> of(ClusterIndex.NodeEntry node) {
    List<String> names = new ArrayList<>();
    if (node.role().runsController()) {
      names.add(SLURMCTLD);
    }
    if (node.role().runsJobs()) {
      names.add(slurmd(node.name()));
    }
    if (node.role().runsController()) {
      names.addAll(List.of(SLURMDBD, MARIADBD, SSHD, MUNGED));
    }
    return names;
  }

  /** Returns all daemons of a cluster. */
  List<Daemon> of(ClusterDefinition definition) {
    String controller = definition.controller().name();
    List<Daemon> daemons = new ArrayList<>();
    daemons.add(sshd(controller));
    daemons.add(munged(controller));
    List<String> beforeSlurmctld = new ArrayList<>(List.of(MUNGED));
    if (definition.accounting().isPresent()) {
      daemons.add(accounting(MARIADBD, controller, List.of(), "database"));
      daemons.add(accounting(SLURMDBD, controller, List.of(MUNGED, MARIADBD), "listens"));
      beforeSlurmctld.add(SLURMDBD);
    }
    daemons.add(
        daemon(
            SLURMCTLD,
            controller,
            List.of(
                "/bin/sh",
                "-c",
                SLURMCTLD_COMMAND,
                program("slurmctld"),
                layout.directory().resolve("state/job_state").toString()),
            beforeSlurmctld,
            new Readiness.LogSays("Running as primary controller")));
    if (restPort != 0) {
      daemons.add(slurmrestd(controller, definition.accounting().isPresent()));
    }
    for (NodeDefinition node : definition.computeNodes()) {
      daemons.add(
          daemon(
              slurmd(node.name()),
              node.name(),
              List.of(program("slurmd"), "-D", "-N", node.name(), "-d", program("slurmstepd")),
              List.of(SLURMCTLD),
              new Readiness.LogSays("slurmd started")));
    }
    if (!Files.exists(sshServer.archive())) {
      daemons.add(sshArchive(daemons.stream().map(Daemon::name).toList(), controller));
    }
    return daemons;
  }

  /**
   * Runs after all other daemons, with the lowest priority. The archive makes the next start of any
   * cluster faster.
   */
  private Daemon sshArchive(List<String> after, String node) {
    Path archive = sshServer.archive();
    Path made = layout.directory().resolve("run").resolve(archive.getFileName());
    List<String> command =
        new ArrayList<>(
            List.of(
                "/usr/bin/env",
                "nice",
                "-n",
                "19",
                "/bin/sh",
                "-c",
                PUBLISH,
                made.toString(),
                archive.toString()));
    command.addAll(sshServer.train(made));
    return daemon(SSH_ARCHIVE, node, command, after, new Readiness.Started());
  }

  private Daemon sshd(String node) {
    return new Daemon(
        SSHD,
        sshServer.run(layout.sshSettings()),
        environment,
        layout.home(),
        layout.log(node),
        List.of(),
        new Readiness.Exists(layout.sshPortFile()));
  }

  /** Passes the token of a request to slurmctld, which checks it. */
  private Daemon slurmrestd(String node, boolean accounting) {
    SortedMap<String, String> variables = new TreeMap<>(environment);
    variables.put("SLURM_JWT", "daemon");
    variables.put("SLURMRESTD_SECURITY", "disable_unshare_files,disable_unshare_sysv");
    return new Daemon(
        SLURMRESTD,
        List.of(
            program("slurmrestd"),
            "-s",
            restPlugins(accounting),
            "-a",
            "rest_auth/jwt",
            LocalClusters.LOOPBACK + ":" + restPort),
        variables,
        layout.directory(),
        layout.log(node),
        List.of(),
        new Readiness.Started());
  }

  /** Leaves out slurmdbd's plugins without accounting, because slurmrestd would exit. */
  private String restPlugins(boolean accounting) {
    try (Stream<Path> plugins = Files.list(layout.directory().resolve("bundle/lib/slurm"))) {
      return plugins
          .map(plugin -> OPENAPI_PLUGIN.matcher(plugin.getFileName().toString()))
          .filter(Matcher::matches)
          .map(plugin -> plugin.group(1).replace('_', '.'))
          .filter(name -> accounting || !(name.startsWith("db") || name.equals("slurmdbd")))
          .sorted()
          .collect(Collectors.joining(","));
    } catch (IOException e) {
      throw new SlurmClusterException(
          "slurmrestd cannot be started, as Slurm's plugins cannot be read: %s. slurm:start makes lost files anew"
              .formatted(FileFailure.of(e)),
          e);
    }
  }

  private Daemon munged(String node) {
    Path run = root.resolve("run");
    Path socket = run.resolve(Layout.MUNGE_SOCKET);
    return daemon(
        MUNGED,
        node,
        List.of(
            program("munged"),
            "--foreground",
            // munged wants a directory that all can read, but only this user may read this one.
            "--force",
            "--num-threads=2",
            "--group-update-time=-1",
            "--key-file=" + layout.directory().resolve("secrets/munge.key"),
            "--socket=" + socket,
            "--pid-file=" + run.resolve("munged.pid"),
            "--seed-file=" + run.resolve("munged.seed"),
            "--log-file=" + run.resolve("munged.log")),
        List.of(),
        new Readiness.Exists(socket));
  }

  private Daemon accounting(String name, String node, List<String> after, String sign) {
    return daemon(
        name,
        node,
        List.of(
            "/usr/bin/env",
            "bash",
            "-c",
            Resources.text(Daemons.class, "accounting.sh"),
            "slurm-accounting",
            name,
            root.toString()),
        after,
        new Readiness.Exists(root.resolve(Layout.ACCOUNTING_RUN).resolve(sign)));
  }

  private Daemon daemon(
      String name, String node, List<String> command, List<String> after, Readiness readiness) {
    return new Daemon(
        name, command, environment, layout.directory(), layout.log(node), after, readiness);
  }

  private String program(String name) {
    return layout.directory().resolve("bundle/bin").resolve(name).toString();
  }
}
