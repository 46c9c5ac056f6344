/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import io.github.slurmmaven.client.InvalidParameterException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The ports of this machine. */
public final class LocalPorts {

  private static final int LAST = 65535;

  private LocalPorts() {}

  /**
   * Whether no process listens on a port. A port that this user may not bind counts as free,
   * because an engine may bind it.
   */
  public static boolean isFree(String address, int port) {
    return switch (bind(address, port)) {
      case DONE -> true;
      case REFUSED -> listeningInodes(port).findAny().isEmpty();
      case TAKEN -> false;
    };
  }

  /**
   * Refuses a port that this user may not bind.
   *
   * @param parameter what the user calls the port
   */
  public static void requirePermission(String parameter, String address, int port) {
    if (port != 0 && bind(address, port) == Binding.REFUSED) {
      throw new InvalidParameterException(
          parameter,
          port,
          "needs a privilege that this user does not have: use 1024 or higher, or 0 for any free"
              + " port");
    }
  }

  private enum Binding {
    DONE,
    TAKEN,
    REFUSED
  }

  private static Binding bind(String address, int port) {
    try (ServerSocket socket = new ServerSocket()) {
      // As the engine's proxy does; without it, a port in TIME_WAIT would look taken.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(address), port));
      return Binding.DONE;
    } catch (IOException e) {
      return isRefusal(e) ? Binding.REFUSED : Binding.TAKEN;
    }
  }

  /**
   * Whether a port is forbidden, not taken. The JDK throws the same exception for both, with the
   * system's message.
   */
  static boolean isRefusal(IOException failure) {
    return String.valueOf(failure.getMessage()).contains("Permission denied");
  }

  /** Returns a free port that the system chooses. */
  public static int anyFree(String address) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByName(address), 0));
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new InvalidParameterException(
          "bindAddress", address, "cannot be bound on this machine: " + e.getMessage());
    }
  }

  /** Returns the first free port from {@code port} on; if there is none, any free port. */
  public static int freeFrom(String address, int port) {
    for (int candidate = port; candidate <= LAST; candidate++) {
      if (isFree(address, candidate)) {
        return candidate;
      }
    }
    return anyFree(address);
  }

  /**
   * Describes the process that listens on a port, if this user may see it. On Linux, /proc/net/tcp
   * has the inode of the listening socket, and /proc has the process that has it open.
   */
  public static Optional<String> holder(int port) {
    return listeningInodes(port).flatMap(inode -> holder(inode).stream()).findFirst();
  }

  /** Whether a process of this user listens on a port. Linux, as {@link #holder}. */
  public static boolean listens(long pid, int port) {
    return listeningInodes(port).anyMatch(inode -> hasOpen(pid, link(inode)));
  }

  private static Stream<String> listeningInodes(int port) {
    return Stream.of("/proc/net/tcp", "/proc/net/tcp6")
        .flatMap(table -> listeningInodes(Path.of(table), port).stream());
  }

  private static List<String> listeningInodes(Path table, int port) {
    String suffix = ":%04X".formatted(port);
    try (Stream<String> lines = Files.lines(table)) {
      return lines
          .map(line -> line.strip().split("\\s+"))
          .filter(f -> f.length > 9 && f[1].endsWith(suffix) && f[3].equals("0A"))
          .map(fields -> fields[9])
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static String link(String inode) {
    return "socket:[" + inode + "]";
  }

  private static Optional<String> holder(String inode) {
    return ProcessHandle.allProcesses()
        .filter(process -> hasOpen(process.pid(), link(inode)))
        .map(
            process ->
                "the process "
                    + process.info().command().map(c -> Path.of(c).getFileName() + " ").orElse("")
                    + "with id "
                    + process.pid())
        .findFirst();
  }

  private static boolean hasOpen(long pid, String link) {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
      return descriptors.anyMatch(
          descriptor -> {
            try {
              return Files.readSymbolicLink(descriptor).toString().equals(link);
            } catch (IOException e) {
              return false;
            }
          });
    } catch (IOException e) {
      // Another user's process: its sockets are not visible.
      return false;
    }
  }
}
