/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.api.model.Network;
import io.github.slurmmaven.engine.NetworkDefinition;
import io.github.slurmmaven.engine.NetworkSummary;
import java.util.List;

/** Requests about networks. */
final class Networks {

  private final EngineConnection engine;

  Networks(EngineConnection engine) {
    this.engine = engine;
  }

  String create(NetworkDefinition network) {
    Network.Ipam.Config addresses = new Network.Ipam.Config();
    network.subnet().ifPresent(addresses::withSubnet);
    network.gateway().ifPresent(addresses::withGateway);
    boolean chosen = network.subnet().isPresent() || network.gateway().isPresent();
    return engine.ask(
        "cannot create network "
            + network.name()
            + network.subnet().map(subnet -> " with subnet " + subnet).orElse(""),
        () -> {
          var create =
              engine
                  .client()
                  .createNetworkCmd()
                  .withName(network.name())
                  .withDriver("bridge")
                  .withCheckDuplicate(true)
                  .withLabels(network.labels());
          if (chosen) {
            create.withIpam(new Network.Ipam().withConfig(addresses));
          }
          return create.exec().getId();
        });
  }

  List<NetworkSummary> list() {
    return engine.ask(
        "cannot list networks",
        () -> engine.client().listNetworksCmd().exec().stream().map(Networks::summary).toList());
  }

  private static NetworkSummary summary(Network network) {
    Network.Ipam ipam = network.getIpam();
    List<Network.Ipam.Config> configs = ipam == null ? null : ipam.getConfig();
    return new NetworkSummary(
        network.getId(),
        network.getName(),
        configs == null
            ? List.of()
            : configs.stream()
                .map(Network.Ipam.Config::getSubnet)
                .filter(subnet -> subnet != null && !subnet.isEmpty())
                .toList(),
        ContainerAnswers.orEmpty(network.getLabels()));
  }

  void remove(String idOrName) {
    engine.change(
        "cannot remove network " + Names.shortId(idOrName),
        () -> Requests.unlessGone(() -> engine.client().removeNetworkCmd(idOrName).exec()));
  }
}
