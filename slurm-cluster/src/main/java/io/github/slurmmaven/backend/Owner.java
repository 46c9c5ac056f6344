/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The owner of a cluster: a build, which destroys it when it ends, or a person, who destroys it by
 * hand.
 *
 * @param value what the owner label says: {@code hand}, or {@code build:<pid>:<start of the process
 *     in milliseconds since 1970>:<host>}
 */
public record Owner(String value) {

  private static final Pattern BUILD =
      Pattern.compile("build:(?<pid>\\d{1,18}):(?<start>\\d{1,18}):(?<host>.*)");

  /**
   * Milliseconds. A process's start is counted from the machine's boot, whose time moves when the
   * machine's clock is set.
   */
  private static final long CLOCK_TOLERANCE = 2000;

  /** The initial PID namespace of Linux. */
  private static final String OF_THE_MACHINE = "pid:[4026531836]";

  /** A person at a terminal. */
  public static Owner byHand() {
    return new Owner("hand");
  }

  /** No owner, as when Compose created the cluster. */
  public static Owner nobody() {
    return new Owner("");
  }

  /** Whether there is no owner. */
  public boolean isNobody() {
    return value.isEmpty();
  }

  /** The build that runs in this process. */
  public static Owner thisBuild() {
    ProcessHandle self = ProcessHandle.current();
    long start = self.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    return new Owner("build:" + self.pid() + ":" + start + ":" + localHost());
  }

  /** Returns the kind of owner, for messages, without process and machine. */
  public String kind() {
    return value.split(":", 2)[0];
  }

  /** The process id of a build on its machine; empty when this is no build. */
  public Optional<Long> pid() {
    Matcher build = BUILD.matcher(value);
    return build.matches() ? Optional.of(Long.parseLong(build.group("pid"))) : Optional.empty();
  }

  /** Whether this is a build, on this machine or another. */
  public boolean isBuild() {
    return BUILD.matcher(value).matches();
  }

  /**
   * Returns whether this is a build of this machine whose process is gone. A later process with the
   * same id has another start time.
   */
  public boolean isDeadBuild() {
    Optional<Matcher> build = buildHere();
    return build.isPresent() && build.flatMap(Owner::process).isEmpty();
  }

  /** Returns the process of a build of this machine, while it runs. */
  public Optional<ProcessHandle> process() {
    return buildHere().flatMap(Owner::process);
  }

  private Optional<Matcher> buildHere() {
    Matcher build = BUILD.matcher(value);
    return build.matches() && build.group("host").equals(localHost())
        ? Optional.of(build)
        : Optional.empty();
  }

  private static Optional<ProcessHandle> process(Matcher build) {
    long start = Long.parseLong(build.group("start"));
    return ProcessHandle.of(Long.parseLong(build.group("pid")))
        .filter(ProcessHandle::isAlive)
        .filter(
            process ->
                process
                    .info()
                    .startInstant()
                    .filter(at -> Math.abs(at.toEpochMilli() - start) <= CLOCK_TOLERANCE)
                    .isPresent());
  }

  /**
   * Returns this machine's name from the kernel, because a name server may not answer. A container
   * that shares the name sees other processes; its PID namespace shows that.
   */
  private static String localHost() {
    Path kernel = Path.of("/proc/sys/kernel/hostname");
    try {
      return Files.isReadable(kernel)
          ? Files.readString(kernel).strip() + processes()
          : InetAddress.getLocalHost().getHostName();
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static String processes() throws IOException {
    String namespace = Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
    return namespace.equals(OF_THE_MACHINE) ? "" : "/" + namespace;
  }
}
