/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import io.github.slurmmaven.compose.ComposeService.Port;
import io.github.slurmmaven.compose.Node.Mapping;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the ports that a service publishes. */
final class PortReader {

  private static final Pattern PORT =
      Pattern.compile(
          "(?:(?<address>\\[[^\\[\\]]+]|[^:\\[\\]/]+):(?<free>(?<bound>[0-9-]+)?):"
              + "|(?<host>[0-9-]+):)?(?<container>[0-9-]+)(?:/(?<protocol>.+))?");
  private static final Pattern RANGE = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");
  private static final int MAX_PORT = 65_535;

  private PortReader() {}

  static List<Port> read(Mapping service) {
    Set<Port> ports = new LinkedHashSet<>();
    for (Node node : service.list("ports")) {
      if (node instanceof Mapping mapping) {
        ports.add(longPort(mapping));
      } else {
        ports.addAll(shortPorts(node));
      }
    }
    return List.copyOf(ports);
  }

  private static Port longPort(Mapping node) {
    return new Port(
        node.get("host_ip")
            .filter(address -> !address.asString().isEmpty())
            .map(address -> Values.address(address, address.asString())),
        node.get("published")
            .filter(port -> !port.asWritten().isEmpty())
            .map(port -> Values.integer(port, 0, MAX_PORT))
            .orElse(0),
        Values.integer(node.required("target"), 1, MAX_PORT),
        node.get("protocol")
            .map(protocol -> protocol(protocol, protocol.asString()))
            .orElse("tcp"));
  }

  private static List<Port> shortPorts(Node node) {
    String text = node.asWritten();
    Matcher port = PORT.matcher(text);
    if (!port.matches()) {
      throw badPort(node, text);
    }
    String address = port.group("address");
    String host = port.group(address == null ? "host" : "bound");
    int[] container = range(node, text, port.group("container"), 1);
    int[] published = host == null ? new int[] {0, 0} : range(node, text, host, 0);
    int count = container[1] - container[0];
    if (host != null && published[1] - published[0] != count) {
      throw node.at()
          .mistake(
              text,
              "has ranges of different lengths for the host and the container: give both the same length, or leave out the host's for any free ports");
    }
    Optional<String> hostAddress =
        Optional.ofNullable(address)
            .map(a -> Values.address(node, a.startsWith("[") ? a.substring(1, a.length() - 1) : a));
    String protocol = port.group("protocol");
    List<Port> ports = new ArrayList<>();
    for (int i = 0; i <= count; i++) {
      ports.add(
          new Port(
              hostAddress,
              host == null ? 0 : published[0] + i,
              container[0] + i,
              protocol == null ? "tcp" : protocol(node, protocol)));
    }
    return ports;
  }

  /** Returns the first and last port of {@code 80} or {@code 80-90}. */
  private static int[] range(Node node, String text, String range, int min) {
    Matcher matcher = RANGE.matcher(range);
    if (matcher.matches()) {
      int first = Integer.parseInt(matcher.group(1));
      int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
      if (min <= first && first <= last && last <= MAX_PORT) {
        return new int[] {first, last};
      }
    }
    throw badPort(node, text);
  }

  private static RuntimeException badPort(Node node, String text) {
    return node.at()
        .mistake(
            text,
            "is not a port: use [[address:]host:]container[/protocol] with ports from 1 to 65535,"
                + " for example 127.0.0.1:8080:80");
  }

  private static String protocol(Node node, String protocol) {
    if (!protocol.equals("tcp") && !protocol.equals("udp")) {
      throw node.at().mistake(protocol, "is not a supported protocol: use tcp or udp");
    }
    return protocol;
  }
}
