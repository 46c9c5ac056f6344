/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A mistake names file, line, key and value")
class MistakesTest {

  private static final String NOT_SUPPORTED =
      " is not supported by slurm-maven-plugin; remove it, or run this directory with 'docker"
          + " compose up'";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "network_mode: host",
        "build: .",
        "profiles: [debug]",
        "env_file: x.env",
        "expose: [80]",
        "ulimits: {nofile: 10}",
        "pid: host",
        "scale: 3",
        "imagee: typo",
        "tty: true"
      })
  void keysOfServiceThatAreNotRun(String line, @TempDir Path directory) {
    String key = line.substring(0, line.indexOf(':'));
    assertThat(new ProjectDirectory(directory).service(line).mistake())
        .isEqualTo("docker-compose.yml, line 4: services.a." + key + NOT_SUPPORTED);
  }

  static Stream<Arguments> keysElsewhere() {
    return Stream.of(
        arguments("secrets: {}", "line 1: secrets"),
        arguments("include: [other.yml]", "line 1: include"),
        arguments("networks: {n: {internal: true}}", "line 1: networks.n.internal"),
        arguments("networks:\n  n:\n    ipam: {driver: x}", "line 3: networks.n.ipam.driver"),
        arguments("volumes: {v: {driver: local}}", "line 1: volumes.v.driver"),
        arguments(
            "services: {a: {image: i, ports: [{target: 80, mode: host}]}}",
            "line 1: services.a.ports[0].mode"),
        arguments(
            "services: {a: {image: i, deploy: {replicas: 2}}}",
            "line 1: services.a.deploy.replicas"),
        arguments(
            "services: {a: {image: i, healthcheck: {start_interval: 1s}}}",
            "line 1: services.a.healthcheck.start_interval"),
        arguments(
            "services: {a: {image: i, networks: {default: {priority: 1}}}}",
            "line 1: services.a.networks.default.priority"),
        arguments(
            "services: {a: {image: i, depends_on: {b: {restart: true}}}}",
            "line 1: services.a.depends_on.b.restart"),
        arguments(
            "services: {a: {image: i, volumes: [{type: bind, bind: {}}]}}",
            "line 1: services.a.volumes[0].bind"));
  }

  @ParameterizedTest
  @MethodSource
  void keysElsewhere(String yaml, String where, @TempDir Path directory) {
    assertThat(new ProjectDirectory(directory).compose(yaml).mistake())
        .isEqualTo("docker-compose.yml, " + where + NOT_SUPPORTED);
  }

  static Stream<Arguments> values() {
    return Stream.of(
        // What is not the right kind of value.
        arguments("user: 1000", "services.a.user: '1000' is not a string: put it in quotes"),
        arguments(
            "hostname: true", "services.a.hostname: 'true' is not a string: put it in quotes"),
        arguments("hostname: [x]", "services.a.hostname must be a string, not a list"),
        arguments("hostname:", "services.a.hostname has no value: give it one, or remove the key"),
        arguments("ports: 80", "services.a.ports must be a list, not '80'"),
        arguments("ports:", "services.a.ports has no value: give it one, or remove the key"),
        arguments("deploy: x", "services.a.deploy must be a map, not 'x'"),
        arguments(
            "command: [sleep, 5]", "services.a.command[1]: '5' is not a string: put it in quotes"),
        arguments("command: {a: b}", "services.a.command must be a string, not a map"),
        arguments("environment: x", "services.a.environment must be a list or a map, not 'x'"),
        arguments(
            "environment: {A: {b: c}}",
            "services.a.environment.A must be a single value, not a map"),
        arguments("environment: [[A]]", "services.a.environment[0] must be a string, not a list"),
        arguments("privileged: 1", "services.a.privileged: '1' is neither true nor false"),
        arguments("init: maybe", "services.a.init: 'maybe' is neither true nor false"),
        arguments(
            "cpus: many",
            "services.a.cpus: 'many' is not a number of processors: use for example 0.5 or 2"),
        arguments(
            "cpus: -1",
            "services.a.cpus: '-1' is not a number of processors: use for example 0.5 or 2"),
        arguments(
            "pids_limit: -2",
            "services.a.pids_limit: '-2' is not a whole number from -1 to 2147483647"),
        // Sizes and durations.
        arguments(
            "mem_limit: 5x",
            "services.a.mem_limit: '5x' is not a size: use a number with unit b, k, kb, m, mb, g or gb, such as 512m"),
        arguments(
            "mem_limit: 1.5",
            "services.a.mem_limit: '1.5' is not a size: use a number with unit b, k, kb, m, mb, g"
                + " or gb, such as 512m"),
        arguments(
            "mem_limit: -5",
            "services.a.mem_limit: '-5' is not a size: use a number with unit b, k, kb, m, mb, g or gb, such as 512m"),
        arguments(
            "shm_size: 99999999999999999g",
            "services.a.shm_size: '99999999999999999g' is not a size: use a number with unit b, k, kb, m, mb, g or gb, such as 512m"),
        arguments(
            "stop_grace_period: 10",
            "services.a.stop_grace_period: '10' is not a duration: use numbers with units us, ms, s, m or h, such as 1m30s"),
        arguments(
            "stop_grace_period: 1d",
            "services.a.stop_grace_period: '1d' is not a duration: use numbers with units us, ms, s, m or h, such as 1m30s"),
        arguments(
            "healthcheck: {interval: 1s 2}",
            "services.a.healthcheck.interval: '1s 2' is not a duration: use numbers with units us, ms, s, m or h, such as 1m30s"),
        arguments(
            "healthcheck: {retries: 1.5}",
            "services.a.healthcheck.retries: '1.5' is not a whole number from 0 to 2147483647"),
        arguments(
            "healthcheck: {test: [ping, host]}",
            "services.a.healthcheck.test: 'ping' cannot begin the list: begin it with CMD, CMD-SHELL or NONE"),
        arguments(
            "restart: sometimes",
            "services.a.restart: 'sometimes' is not a restart policy: use no, always, unless-stopped, on-failure or on-failure:n"),
        arguments(
            "container_name: a b",
            "services.a.container_name: 'a b' is not a container name: use letters, digits, _, . and -, and begin with a letter or digit"),
        arguments(
            "working_dir: x",
            "services.a.working_dir: 'x' is not an absolute path without . and .."),
        arguments(
            "cpus: 1\n    deploy: {resources: {limits: {cpus: '2'}}}",
            "line 5: services.a.deploy.resources.limits.cpus: '2' differs from cpus in docker-compose.yml, line 4: give only one of them"),
        // Environment and labels.
        arguments(
            "environment: [A=1, A=2]", "services.a.environment[1]: 'A' is given twice in the list"),
        arguments(
            "environment: {A: 0x10}",
            "services.a.environment.A: '0x10' is a number or date that YAML rewrites: put it in quotes to pass it as it is"),
        arguments(
            "environment: {A: 1.10}",
            "services.a.environment.A: '1.10' is a number or date that YAML rewrites: put it in quotes to pass it as it is"),
        arguments(
            "environment: {A: 2024-01-31}",
            "services.a.environment.A: '2024-01-31' is a number or date that YAML rewrites: put it in quotes to pass it as it is"),
        arguments(
            "environment: {A: 010}",
            "services.a.environment.A: '010' is a number or date that YAML rewrites: put it in quotes to pass it as it is"),
        arguments(
            "environment: ['=x']", "services.a.environment[0]: '' is not the name of a variable"),
        arguments("labels: ['=x']", "services.a.labels[0] has a label without a name"),
        // Command lines.
        arguments(
            "command: a | b",
            "services.a.command: 'a | b' has an unquoted |, but no shell reads it: put it in quotes, or use a list such as [sh, -c, \"...\"]"),
        arguments("entrypoint: \"a 'b\"", "services.a.entrypoint: 'a 'b' has no closing '"),
        arguments(
            "command: 'a\\'",
            "services.a.command: 'a\\' ends with a backslash that escapes nothing"),
        // Ports.
        arguments(
            "ports: ['70000:80']",
            "services.a.ports[0]: '70000:80' is not a port: use [[address:]host:]container[/protocol] with ports from 1 to 65535, for example 127.0.0.1:8080:80"),
        arguments(
            "ports: ['0']",
            "services.a.ports[0]: '0' is not a port: use [[address:]host:]container[/protocol] with ports from 1 to 65535, for example 127.0.0.1:8080:80"),
        arguments(
            "ports: ['80:']",
            "services.a.ports[0]: '80:' is not a port: use [[address:]host:]container[/protocol] with ports from 1 to 65535, for example 127.0.0.1:8080:80"),
        arguments(
            "ports: ['90-80']",
            "services.a.ports[0]: '90-80' is not a port: use [[address:]host:]container[/protocol] with ports from 1 to 65535, for example 127.0.0.1:8080:80"),
        arguments(
            "ports: ['8000-8010:80']",
            "services.a.ports[0]: '8000-8010:80' has ranges of different lengths for the host and the container: give both the same length, or leave out the host's for any free ports"),
        arguments(
            "ports: ['80/sctp']",
            "services.a.ports[0]: 'sctp' is not a supported protocol: use tcp or udp"),
        arguments(
            "ports: ['localhost:80:80']", "services.a.ports[0]: 'localhost' is not an IP address"),
        arguments("ports: [{published: 80}]", "services.a.ports[0] has no target"),
        arguments(
            "ports: [{target: 80-81}]",
            "services.a.ports[0].target: '80-81' is not a whole number from 1 to 65535"),
        arguments(
            "ports: [{target: 80, published: 80-81}]",
            "services.a.ports[0].published: '80-81' is not a whole number from 0 to 65535"),
        // Mounts.
        arguments(
            "volumes: [/data]",
            "services.a.volumes[0]: '/data' is an anonymous volume, which is not supported by slurm-maven-plugin: write name:path, with the name under the top-level volumes"),
        arguments(
            "volumes: ['data:/data']",
            "services.a.volumes[0]: 'data' is not a volume of this project: add it under the top-level volumes, or write ./data for a path of the host"),
        arguments(
            "volumes: ['./x:data']",
            "services.a.volumes[0]: 'data' is not an absolute path without . and .."),
        arguments(
            "volumes: ['./x:/data/../y']",
            "services.a.volumes[0]: '/data/../y' is not an absolute path without . and .."),
        arguments(
            "volumes: ['./x:/data', './y:/data/']",
            "services.a.volumes[1]: '/data' is mounted twice; first in line 4"),
        arguments(
            "volumes: ['./x:/data:z']",
            "services.a.volumes[0]: './x:/data:z' is not a volume: use source:target, with :ro or :rw at most"),
        arguments(
            "volumes: ['~other/x:/data']",
            "services.a.volumes[0]: '~other/x' is not a path of the host"),
        arguments(
            "volumes: ['./x:/data', './y:/data']",
            "services.a.volumes[1]: '/data' is mounted twice; first in line 4"),
        arguments(
            "volumes: ['./x:/data']\n    tmpfs: /data",
            "line 5: services.a.tmpfs: '/data' is mounted twice: it is under volumes, too"),
        arguments(
            "volumes: [{type: npipe, source: x, target: /x}]",
            "services.a.volumes[0].type: 'npipe' is not supported: use bind, volume or tmpfs"),
        arguments("volumes: [{type: bind, target: /x}]", "services.a.volumes[0] has no source"),
        arguments(
            "volumes: [{type: tmpfs, source: x, target: /x}]",
            "services.a.volumes[0].source is not possible for a tmpfs; remove it"),
        arguments(
            "tmpfs: /run:size=64m",
            "services.a.tmpfs: '/run:size=64m' has options, which are not supported by slurm-maven-plugin; give only the path"),
        arguments(
            "devices: [vendor.com/gpu=all]",
            "services.a.devices[0]: 'vendor.com/gpu=all' is not a device: use host[:container[:permissions]] with absolute paths, for example /dev/fuse:/dev/fuse:rwm"),
        // Networks and hosts.
        arguments(
            "networks: [front]",
            "services.a.networks[0]: 'front' is not a network of this project: add it under the top-level networks (it has default)"),
        arguments(
            "networks: {default: {ipv4_address: 10.0.0.300}}",
            "services.a.networks.default.ipv4_address: '10.0.0.300' is not an IPv4 address"),
        arguments(
            "networks: {default: {ipv4_address: 10.0.0.3}}",
            "services.a.networks.default.ipv4_address: '10.0.0.3' needs a subnet: set networks.default.ipam.config[0].subnet"),
        arguments(
            "networks: [default, default]",
            "services.a.networks[1]: 'default' is given twice in the list"),
        arguments(
            "extra_hosts: [a]",
            "services.a.extra_hosts[0]: 'a' is not a line for /etc/hosts: use name=address"),
        arguments("extra_hosts: ['a:b']", "services.a.extra_hosts[0]: 'b' is not an IP address"),
        arguments(
            "extra_hosts: ['a:1.1.1.1', 'a:2.2.2.2']",
            "services.a.extra_hosts[1]: 'a:2.2.2.2' gives a a second address after 1.1.1.1: use one"),
        arguments("dns: ns.example", "services.a.dns: 'ns.example' is not an IP address"),
        // Dependencies.
        arguments(
            "depends_on: [b]",
            "services.a.depends_on[0]: 'b' is not a service of this project, which has a"),
        arguments(
            "depends_on: {a: {condition: started}}",
            "services.a.depends_on.a.condition: 'started' is not a condition: use service_started, service_healthy or service_completed_successfully"),
        arguments("depends_on: {a: {}}", "services.a.depends_on.a has no condition"),
        arguments("depends_on: [a]", "line 2: services.a depends on itself: a -> a"));
  }

  @ParameterizedTest
  @MethodSource
  void values(String line, String mistake, @TempDir Path directory) {
    String where = mistake.startsWith("line ") ? "" : "line 4: ";
    assertThat(new ProjectDirectory(directory).service(line).mistake())
        .isEqualTo("docker-compose.yml, " + where + mistake);
  }

  static Stream<Arguments> projects() {
    return Stream.of(
        arguments("", " is empty: a Compose file is a map with the key services"),
        arguments("- a", " is not a map: a Compose file is a map with the key services"),
        arguments("name: x", " has no services: nothing to run"),
        arguments("services: {}", " has no services: nothing to run"),
        arguments("services:", ", line 1: services has no value: give it one, or remove the key"),
        arguments("services: [a]", ", line 1: services must be a map, not a list"),
        arguments("services:\n  a:", ", line 2: services.a must be a map, not empty"),
        arguments(
            "services:\n  a: {}", ", line 2: services.a has no image, which every service needs"),
        arguments(
            "services:\n  a: {image: ''}",
            ", line 2: services.a has no image, which every service needs"),
        arguments(
            "services:\n  a b: {image: i}",
            ", line 2: services.a b: 'a b' is not a name: use letters, digits, ., _ and -"),
        arguments(
            "services: {a: {image: i}, b: {image: i, depends_on: [c]}, c: {image: i, depends_on: [b]}}",
            ", line 1: services.b depends on itself: b -> c -> b"),
        arguments(
            "services: {a: {image: i}}\nnetworks: {n: {external: true, driver: x}}",
            ", line 2: networks.n.driver cannot be given for what is external; remove one of the two"),
        arguments(
            "services: {a: {image: i}}\nnetworks: {n: {external: {name: x}}}",
            ", line 2: networks.n.external must be a single value, not a map"),
        arguments(
            "services: {a: {image: i}}\nnetworks: {n: {name: a b}}",
            ", line 2: networks.n.name: 'a b' is not a name: use letters, digits, _, . and -, and begin with a letter or digit"),
        arguments(
            "services: {a: {image: i}}\nnetworks: {n: {ipam: {config: [{subnet: 10.0.0.0}]}}}",
            ", line 2: networks.n.ipam.config[0].subnet: '10.0.0.0' is not an IPv4 subnet: use for example 172.28.0.0/16"),
        arguments(
            "services: {a: {image: i}}\nnetworks: {n: {ipam: {config: [{subnet: 10.0.0.0/8, gateway: 11.0.0.1}]}}}",
            ", line 2: networks.n.ipam.config[0].gateway: '11.0.0.1' is not an IPv4 address within a subnet given beside it"),
        arguments(
            "services: {a: {image: i}}\nnetworks:\n  n:\n    ipam:\n      config:\n        - subnet: 10.0.0.0/8\n        - subnet: 11.0.0.0/8",
            ", line 7: networks.n.ipam.config[1] is a second subnet, which is not supported by slurm-maven-plugin; remove it"),
        arguments(
            "services: {a: {image: i, networks: {default: {ipv4_address: 11.0.0.1}}}}\nnetworks: {default: {ipam: {config: [{subnet: 10.0.0.0/8}]}}}",
            ", line 1: services.a.networks.default.ipv4_address: '11.0.0.1' is not in the network's subnet 10.0.0.0/8"),
        arguments(
            "services: {a: {image: i, volumes: ['x1:/x']}}\nvolumes: {y1: }",
            ", line 1: services.a.volumes[0]: 'x1' is not a volume of this project: add it under the top-level volumes (it has y1), or write ./x1 for a path of the host"));
  }

  @ParameterizedTest
  @MethodSource
  void projects(String yaml, String mistake, @TempDir Path directory) {
    assertThat(new ProjectDirectory(directory).compose(yaml).mistake())
        .isEqualTo("docker-compose.yml" + mistake);
  }

  @Test
  void aMistakeInTheOverrideFileNamesThatFile(@TempDir Path directory) {
    assertThat(
            new ProjectDirectory(directory)
                .service("user: x")
                .override("services:\n  a:\n    cpus: none\n")
                .mistake())
        .startsWith("docker-compose.override.yml, line 3: services.a.cpus: 'none' is not");
  }
}
