/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.Disruptions;
import io.github.slurmmaven.backend.Endpoints;
import io.github.slurmmaven.backend.Inventory;
import io.github.slurmmaven.backend.NodeAccess;
import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.backend.Planner;
import io.github.slurmmaven.backend.Provisioner;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.EngineInfo;
import io.github.slurmmaven.engine.NetworkSummary;
import io.github.slurmmaven.image.ClusterImages;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;

/** Runs a cluster's docker-compose.yml on a container engine. Each port has a class of its own. */
public final class ContainerBackend implements ClusterBackend {

  private static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(2);

  private final ContainerEngine engine;
  private final ClusterImages images;
  private final Parallel parallel = new Parallel();
  private final ClusterContainers containers;
  private final ContainerProvisioner provisioner;
  private final ContainerNodeAccess nodeAccess;
  private final ContainerDisruptions disruptions;

  /** A backend on an engine, with the default of {@code timeout}. */
  public ContainerBackend(ContainerEngine engine, Map<String, String> environment) {
    this(engine, environment, DEFAULT_TIMEOUT);
  }

  /**
   * A backend on an engine.
   *
   * @param engine closed with this backend
   * @param environment variables for Compose files, which override {@code .env}
   * @param timeout how long a node may take to read its configuration again, or to start or end a
   *     daemon
   */
  public ContainerBackend(
      ContainerEngine engine, Map<String, String> environment, Duration timeout) {
    this.engine = engine;
    Map<String, String> variables = Map.copyOf(environment);
    images = new ClusterImages(variables);
    containers = new ClusterContainers(engine, parallel);
    ContainerCopies copies = new ContainerCopies(engine);
    disruptions = new ContainerDisruptions(engine, containers, variables, timeout);
    provisioner =
        new ContainerProvisioner(
            engine,
            variables,
            images,
            parallel,
            containers,
            new ServiceContainers(engine, copies, timeout),
            disruptions);
    nodeAccess = new ContainerNodeAccess(engine, containers, copies);
  }

  /**
   * Returns the labels that a container needs beside those of its service if another program
   * creates it: the owner, and that the cluster's files are copied into it.
   */
  public static Map<String, String> labelsOfCopied(Owner owner) {
    return Map.of(Labels.OWNER, owner.value(), Labels.FILES, MountedFiles.COPIED);
  }

  @Override
  public String description() {
    EngineInfo info = engine.info();
    return "%s (API %s) at %s".formatted(info.name(), info.apiVersion(), info.address());
  }

  /** Returns a planner that uses the engine's present state. */
  @Override
  public Planner planner() {
    return new ContainerPlanner(engine.info(), this::usage, containers::ports, images);
  }

  private EngineUsage usage() {
    Future<List<NetworkSummary>> networks = parallel.submit(engine::listNetworks);
    return new EngineUsage(Parallel.get(networks), engine.listContainers(Map.of()));
  }

  @Override
  public Provisioner provisioner() {
    return provisioner;
  }

  @Override
  public Inventory inventory() {
    return containers;
  }

  @Override
  public NodeAccess nodeAccess() {
    return nodeAccess;
  }

  @Override
  public Endpoints endpoints() {
    return containers.endpoints();
  }

  @Override
  public Disruptions disruptions() {
    return disruptions;
  }

  @Override
  public void close() {
    parallel.close();
    engine.close();
  }
}
