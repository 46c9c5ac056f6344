/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The TCP sockets on which processes of this machine listen, from /proc. */
final class ListeningSockets {

  private static final String LISTENING = "0A";

  private ListeningSockets() {}

  /** Addresses as 127.0.0.1:22; what is not IPv4 or mapped from it stays hexadecimal. */
  static List<String> of(Collection<Long> processes) throws IOException {
    Set<String> inodes = new HashSet<>();
    for (long process : processes) {
      try (Stream<Path> files = Files.list(Path.of("/proc", Long.toString(process), "fd"))) {
        for (Path file : files.toList()) {
          String target = Files.readSymbolicLink(file).toString();
          if (target.startsWith("socket:[")) {
            inodes.add(target.substring("socket:[".length(), target.length() - 1));
          }
        }
      } catch (java.nio.file.NoSuchFileException e) {
        // It has just ended.
        continue;
      }
    }
    List<String> addresses = new ArrayList<>();
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      for (String line : Files.readAllLines(Path.of(table))) {
        String[] fields = line.strip().split("\\s+", -1);
        if (fields[3].equals(LISTENING) && inodes.contains(fields[9])) {
          addresses.add(address(fields[1]));
        }
      }
    }
    return addresses;
  }

  private static String address(String hexadecimal) {
    String[] parts = hexadecimal.split(":", 2);
    int port = Integer.parseInt(parts[1], 16);
    String mapped = "0000000000000000FFFF0000";
    String ip = parts[0].startsWith(mapped) ? parts[0].substring(mapped.length()) : parts[0];
    if (ip.length() != 8) {
      return parts[0] + ":" + port;
    }
    long value = Long.parseLong(ip, 16);
    return "%d.%d.%d.%d:%d"
        .formatted(value & 255, value >> 8 & 255, value >> 16 & 255, value >> 24 & 255, port);
  }
}
