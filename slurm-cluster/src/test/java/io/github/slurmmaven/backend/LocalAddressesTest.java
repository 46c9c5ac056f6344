/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalAddressesTest {

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, true",
    "127.0.0.3, true",
    "0.0.0.0,   true",
    // Reserved for documentation.
    "192.0.2.44, false"
  })
  void knowsWhereThisMachineCanBindPorts(String address, boolean can) {
    assertThat(LocalAddresses.has(address)).isEqualTo(can);
  }

  @Test
  void gatewayIsThatOfTheDefaultRoute() {
    assertThat(
            LocalAddresses.gateway(
                Stream.of(
                    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask",
                    "eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF",
                    "eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000")))
        .hasValue("172.17.0.1");
  }

  @Test
  void aMachineWithoutDefaultRouteHasNoGateway() {
    assertThat(
            LocalAddresses.gateway(
                Stream.of(
                    "Iface\tDestination\tGateway",
                    "eth0\t000011AC\t00000000\t0001",
                    "tun0\t00000000\t00000000\t0001")))
        .isEmpty();
  }
}
