/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import java.util.List;

/** The supported part of the Compose specification: every key that may be in a file. */
public final class SupportedKeys {

  /**
   * A key of a Compose file.
   *
   * @param path its path; {@code *} stands for a name that the user chooses, {@code []} for an
   *     element of a list
   * @param form description of its value
   */
  public record Key(String path, String form) {}

  private static final List<Key> ALL =
      List.of(
          new Key("name", "name of the project"),
          new Key("version", "anything; ignored, as Compose does"),
          new Key("services.*.image", "image reference; required"),
          new Key("services.*.container_name", "name, by default <project>-<service>-1"),
          new Key("services.*.hostname", "host name"),
          new Key("services.*.entrypoint", "command line or list"),
          new Key("services.*.command", "command line or list"),
          new Key("services.*.user", "user[:group]"),
          new Key("services.*.working_dir", "absolute path"),
          new Key("services.*.environment", "map, or list of NAME=value and NAME"),
          new Key("services.*.labels", "map, or list of name=value"),
          new Key("services.*.volumes", "list"),
          new Key("services.*.volumes[]", "source:target[:ro|rw], or the keys below"),
          new Key("services.*.volumes[].type", "bind, volume or tmpfs"),
          new Key("services.*.volumes[].source", "path of the host, or name of a volume"),
          new Key("services.*.volumes[].target", "absolute path"),
          new Key("services.*.volumes[].read_only", "true or false"),
          new Key("services.*.tmpfs", "absolute path or list of them"),
          new Key("services.*.ports", "list"),
          new Key("services.*.ports[]", "[[address:]host:]container[/protocol], or the keys below"),
          new Key("services.*.ports[].target", "port of the container"),
          new Key("services.*.ports[].published", "port of the host; 0 or none for any free one"),
          new Key("services.*.ports[].host_ip", "address of the host"),
          new Key("services.*.ports[].protocol", "tcp or udp"),
          new Key("services.*.networks", "list of names, or map"),
          new Key("services.*.networks.*.aliases", "list of host names"),
          new Key("services.*.networks.*.ipv4_address", "IPv4 address within the subnet"),
          new Key("services.*.extra_hosts", "list of name=address or name:address, or map"),
          new Key("services.*.dns", "address or list of them"),
          new Key("services.*.cap_add", "list of capabilities"),
          new Key("services.*.cap_drop", "list of capabilities"),
          new Key("services.*.security_opt", "list of security options"),
          new Key("services.*.devices", "list of host[:container[:permissions]]"),
          new Key("services.*.cpus", "number of processors"),
          new Key("services.*.mem_limit", "size with unit b, k, kb, m, mb, g or gb"),
          new Key("services.*.pids_limit", "number of processes, -1 for no limit"),
          new Key("services.*.shm_size", "size with unit b, k, kb, m, mb, g or gb"),
          new Key("services.*.deploy.resources.limits.cpus", "number of processors"),
          new Key("services.*.deploy.resources.limits.memory", "size, like mem_limit"),
          new Key("services.*.deploy.resources.limits.pids", "number of processes"),
          new Key("services.*.stop_signal", "signal"),
          new Key("services.*.stop_grace_period", "duration, for example 1m30s"),
          new Key("services.*.restart", "no, always, unless-stopped or on-failure[:n]"),
          new Key("services.*.init", "true or false"),
          new Key("services.*.privileged", "true or false"),
          new Key("services.*.healthcheck.test", "command line, or list that starts with CMD"),
          new Key("services.*.healthcheck.interval", "duration"),
          new Key("services.*.healthcheck.timeout", "duration"),
          new Key("services.*.healthcheck.retries", "number"),
          new Key("services.*.healthcheck.start_period", "duration"),
          new Key("services.*.healthcheck.disable", "true or false"),
          new Key("services.*.depends_on", "list of services, or map"),
          new Key(
              "services.*.depends_on.*.condition",
              "service_started, service_healthy or service_completed_successfully"),
          new Key("networks.*.name", "name at the engine, by default <project>_<key>"),
          new Key("networks.*.external", "true or false"),
          new Key("networks.*.driver", "network driver, by default bridge"),
          new Key("networks.*.labels", "map, or list of name=value"),
          new Key("networks.*.ipam.config", "list of one element"),
          new Key("networks.*.ipam.config[].subnet", "IPv4 subnet, for example 172.28.0.0/16"),
          new Key("networks.*.ipam.config[].gateway", "IPv4 address"),
          new Key("volumes.*.name", "name at the engine, by default <project>_<key>"),
          new Key("volumes.*.external", "true or false"),
          new Key("volumes.*.labels", "map, or list of name=value"));

  private SupportedKeys() {}

  /** All keys, in the order of the documentation. */
  public static List<Key> all() {
    return ALL;
  }
}
