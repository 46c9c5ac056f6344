/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.operations;

import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.common.ParallelActions;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Reads the logs of a cluster's nodes. */
public final class NodeLogs {

  private final ClusterBackend backend;
  private final ClusterId id;

  public NodeLogs(ClusterBackend backend, ClusterId id) {
    this.backend = backend;
    this.id = id;
  }

  /**
   * Checks the number of lines.
   *
   * @throws InvalidParameterException when it is negative
   */
  public static void check(LogRequest request) {
    request
        .tail()
        .ifPresent(
            tail -> {
              if (tail < 0) {
                throw new InvalidParameterException(
                    "tail", tail, "is too small: use 0 or more lines, or leave it out for all");
              }
            });
  }

  /**
   * Reads logs; with follow, until the nodes end or the thread is interrupted.
   *
   * @param node the node; empty for all nodes
   * @param lines receives node and line; from several threads when it follows several nodes
   * @throws io.github.slurmmaven.client.UserMistakeException when there is no such node
   */
  public void read(Optional<String> node, LogRequest request, BiConsumer<String, String> lines) {
    Nodes all = new Nodes(backend.inventory(), id);
    List<String> nodes = node.map(all::existing).map(List::of).orElseGet(all::all);
    Consumer<String> read =
        each -> backend.nodeAccess().logs(id, each, request, line -> lines.accept(each, line));
    if (request.follow()) {
      ParallelActions.forEach(nodes, "the logs of cluster " + id.name(), read);
    } else {
      nodes.forEach(read);
    }
  }
}
