/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.LocalPorts;
import io.github.slurmmaven.backend.PortChoice;
import io.github.slurmmaven.backend.embedded.ClusterIndex.Entry;
import io.github.slurmmaven.backend.embedded.ClusterIndex.Member;
import io.github.slurmmaven.render.Place;
import io.github.slurmmaven.render.RenderContext;
import io.github.slurmmaven.render.Renderer;
import io.github.slurmmaven.report.Progress;
import io.github.slurmmaven.report.SlurmClusterException;
import io.github.slurmmaven.report.UserMistakeException;
import io.github.slurmmaven.spec.ClusterSpec;
import io.github.slurmmaven.spec.ClusterYaml;
import io.github.slurmmaven.spec.NodeSpec;
import io.github.slurmmaven.spec.SshSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Runs a cluster as processes of this machine and this user, from a bundle of Slurm's programs. */
public final class EmbeddedBackend implements ClusterBackend {

  private static final String LOOPBACK = "127.0.0.1";

  private static final Duration POLL = Duration.ofMillis(50);

  private final BundleSource bundles;
  private final Map<String, String> variables;
  private final Path cache;
  private final ClusterIndex index;
  private final ThisUser user = ThisUser.current();

  /**
   * A backend on this machine.
   *
   * @param bundles where Slurm's programs are
   * @param variables environment variables
   */
  public EmbeddedBackend(BundleSource bundles, Map<String, String> variables) {
    this.bundles = bundles;
    this.variables = Map.copyOf(variables);
    cache = BundleCache.userDirectory(variables);
    index = new ClusterIndex(cache.resolveSibling("clusters"));
  }

  @Override
  public String description() {
    return "embedded Slurm (processes of user %s)".formatted(user.name());
  }

  @Override
  public void check(ClusterSpec spec) {
    Restrictions.check(spec);
    if (!user.hasAccount()) {
      throw new UserMistakeException(
          "Slurm runs for users with an account only, and the user id %d has none in /etc/passwd: add one, or use engine=docker"
              .formatted(user.id()));
    }
    Capacity.system(user).check(spec);
  }

  @Override
  public Allocation allocate(
      ClusterId id, ClusterSpec spec, Optional<Allocation> before, Taken taken) {
    Optional<LocalChoice> previous = before.flatMap(LocalChoice::of);
    Set<Integer> own = ownPorts(id);
    IntPredicate isFree =
        port -> !taken.ports().contains(port) && (own.contains(port) || isFree(port));
    int sshPort =
        new PortChoice(
                isFree,
                port -> LocalPorts.freeFrom(LOOPBACK, port),
                port -> LocalPorts.anyFree(LOOPBACK),
                port -> LocalPorts.holder(port).orElse("another program on " + LOOPBACK))
            .choose(
                "port",
                spec.ssh().port(),
                SshSpec.DEFAULT_PORT,
                previous.map(LocalChoice::sshPort).orElse(0),
                taken.ports());
    int count = 1 + spec.computeNodes().size();
    int slurmPort =
        previous
            .map(LocalChoice::slurmPort)
            .filter(first -> IntStream.range(first, first + count).allMatch(isFree))
            .orElseGet(
                () ->
                    Ports.freeRow(
                        count,
                        id.directory().hashCode(),
                        port -> port != sshPort && isFree.test(port)));
    return new LocalChoice(
            sshPort,
            slurmPort,
            Shortcut.choose(
                id, spec, previous.flatMap(LocalChoice::shortcut), Shortcut.places(variables)))
        .allocation();
  }

  private static boolean isFree(int port) {
    return LocalPorts.isFree(LOOPBACK, port);
  }

  /** Ports that this cluster's own processes hold: they are as good as free for it. */
  private Set<Integer> ownPorts(ClusterId id) {
    Set<Integer> own = new HashSet<>();
    index
        .get(id)
        .filter(entry -> supervisor(id).isRunning())
        .ifPresent(
            entry -> {
              own.add(entry.choice().sshPort());
              for (int i = 0; i <= entry.nodes().size(); i++) {
                own.add(entry.choice().slurmPort() + i);
              }
            });
    return own;
  }

  @Override
  public Rendering render(ClusterId id, ClusterSpec spec, Allocation allocation) {
    LocalChoice choice =
        LocalChoice.of(allocation)
            .orElseThrow(() -> new IllegalArgumentException("not of this place: " + allocation));
    Path root = choice.shortcut().orElse(id.directory());
    Place.Processes place =
        new Place.Processes(
            root,
            user.name(),
            choice.sshPort(),
            choice.slurmPort(),
            Surroundings.of(id.directory(), root, user));
    return new Rendering(
        new Renderer().render(new RenderContext(spec, id.directory(), place)),
        Restrictions.differences(spec, user));
  }

  @Override
  public void prepare(ClusterId id, Progress progress) {
    bundle(spec(id), progress);
  }

  private Bundle bundle(ClusterSpec spec, Progress progress) {
    return new BundleCache(cache, bundles, BundlePlatform.system(), progress)
        .open(spec.slurmVersion());
  }

  private static ClusterSpec spec(ClusterId id) {
    return ClusterYaml.read(id.directory().resolve("cluster.yaml"));
  }

  private static LocalChoice choice(ClusterId id) {
    Path file = id.directory().resolve(".env");
    Properties properties = new Properties();
    try (var reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new UserMistakeException(file + " cannot be read: " + e, e);
    }
    SortedMap<String, String> variables = new TreeMap<>();
    properties
        .stringPropertyNames()
        .forEach(name -> variables.put(name, properties.getProperty(name).strip()));
    return LocalChoice.of(new Allocation(variables))
        .orElseThrow(
            () ->
                new UserMistakeException(
                    file + " lacks a port, or has one that is no number: run slurm:create again"));
  }

  @Override
  public void up(ClusterId id, String owner, Progress progress) {
    ClusterSpec spec = spec(id);
    LocalChoice choice = choice(id);
    Bundle bundle = bundle(spec, progress);
    layout(id).make(spec, bundle);
    choice.shortcut().ifPresent(path -> Shortcut.make(path, id.directory()));
    index.put(
        new Entry(
            id,
            owner,
            index
                .get(id)
                .map(Entry::createdAt)
                .orElseGet(() -> Instant.now().truncatedTo(ChronoUnit.SECONDS)),
            Member.of(spec),
            choice));
    supervisor(id).up(Plan.of(id, owner, choice, index.path(id)), bundle);
  }
