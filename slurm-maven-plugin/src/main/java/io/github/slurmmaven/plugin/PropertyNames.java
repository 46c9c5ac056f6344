/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import java.util.Optional;
import java.util.Set;

/** The user properties: what can be given as {@code -D…} on the command line. */
final class PropertyNames {

  private static final String PREFIX = "slurm.";

  static final String NAME = PREFIX + "name";
  static final String OUTPUT_DIRECTORY = PREFIX + "outputDirectory";
  static final String ENGINE = PREFIX + "engine";
  static final String PRESET = PREFIX + "preset";
  static final String DEFINITION = PREFIX + "definition";
  static final String CPU_NODES = PREFIX + "cpuNodes";
  static final String GPU_NODES = PREFIX + "gpuNodes";
  static final String GPUS_PER_NODE = PREFIX + "gpusPerNode";
  static final String WITH_REGISTRY = PREFIX + "withRegistry";
  static final String REGISTRY_PORT = PREFIX + "registryPort";
  static final String REGISTRY_IMAGE = PREFIX + "registryImage";
  static final String IMAGES = PREFIX + "images";
  static final String WITH_PYXIS = PREFIX + "withPyxis";
  static final String PYXIS_URL = PREFIX + "pyxisUrl";
  static final String PYXIS_SHA256 = PREFIX + "pyxisSha256";
  static final String ENROOT_URL = PREFIX + "enrootUrl";
  static final String ENROOT_SHA256 = PREFIX + "enrootSha256";
  static final String PYXIS_HELPERS = PREFIX + "pyxisHelpers";
  static final String USERS = PREFIX + "users";
  static final String PACKAGES = PREFIX + "packages";
  static final String MOUNTS = PREFIX + "mounts";
  static final String FILES = PREFIX + "files";
  static final String SLURM_FILES = PREFIX + "slurmFiles";
  static final String SLURM_CONF = PREFIX + "slurmConf";
  static final String CGROUP_CONF = PREFIX + "cgroupConf";
  static final String SLURM_SOURCE = PREFIX + "slurmSource";
  static final String SLURM_SOURCE_SHA256 = PREFIX + "slurmSourceSha256";
  static final String SLURM_VERSION = PREFIX + "slurmVersion";
  static final String CPUS_PER_NODE = PREFIX + "cpusPerNode";
  static final String MEMORY_PER_NODE = PREFIX + "memoryPerNode";
  static final String PORT = PREFIX + "port";
  static final String BIND_ADDRESS = PREFIX + "bindAddress";
  static final String PASSWORD_LOGIN = PREFIX + "passwordLogin";
  static final String IMAGE = PREFIX + "image";
  static final String START = PREFIX + "start";
  static final String TIMEOUT = PREFIX + "timeout";
  static final String FORCE = PREFIX + "force";
  static final String KEEP = PREFIX + "keep";
  static final String REUSE = PREFIX + "reuse";
  static final String COMPUTE_NODES = PREFIX + "computeNodes";

  /** Not {@code slurm.partition}, which {@code start} exports. */
  static final String PARTITION = PREFIX + "scale.partition";

  static final String FORMAT = PREFIX + "format";
  static final String OUTPUT = PREFIX + "output";
  static final String NODE = PREFIX + "node";
  static final String ON = PREFIX + "on";
  static final String USER = PREFIX + "user";
  static final String COMMAND = PREFIX + "command";
  static final String FOLLOW = PREFIX + "follow";
  static final String TAIL = PREFIX + "tail";
  static final String SINCE = PREFIX + "since";
  static final String EXPORT = PREFIX + "export";
  static final String SOURCE = PREFIX + "source";
  static final String TARGET = PREFIX + "target";
  static final String SCRIPT = PREFIX + "script";
  static final String OPTIONS = PREFIX + "options";
  static final String ARGUMENTS = PREFIX + "arguments";
  static final String JOBS = PREFIX + "jobs";
  static final String ALL = PREFIX + "all";
  static final String SKIP = PREFIX + "skip";
  static final String SKIP_CREATE = PREFIX + "create.skip";
  static final String SKIP_START = PREFIX + "start.skip";
  static final String SKIP_STOP = PREFIX + "stop.skip";
  static final String SKIP_DESTROY = PREFIX + "destroy.skip";

  /** Parameters that are structures. */
  private static final Set<String> IN_POM_ONLY =
      Set.of("configuration", "nodes", "partitions", "setup");

  private PropertyNames() {}

  /** The user property of a parameter that the core knows too; some have none. */
  static Optional<String> of(String parameter) {
    if (parameter.equals("partition")) {
      return Optional.of(PARTITION);
    }
    return parameter.indexOf('.') < 0 && !IN_POM_ONLY.contains(parameter)
        ? Optional.of(PREFIX + parameter)
        : Optional.empty();
  }
}
