/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.InvalidParameterException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Jobs in containers: the sources of Pyxis and enroot, which no Debian release packages, and the
 * programs that merge an image's layers.
 *
 * @param source Pyxis' sources, which are compiled against the image's own Slurm
 * @param enroot enroot's Debian package
 * @param helpers the programs that merge an image's layers
 */
public record PyxisDefinition(Archive source, Archive enroot, Helpers helpers) {

  /** Placeholder in a URL for the engine's architecture by Debian's name: amd64 or arm64. */
  public static final String ARCHITECTURE = "{arch}";

  /** Release 0.24.0 by its commit, because a tag could be moved to other content. */
  public static final String DEFAULT_URL =
      "https://github.com/NVIDIA/pyxis/archive/"
          + "107519944221822ea1dace4db8e7234b2eaa4cd5.tar.gz";

  /** Release 4.1.2. */
  public static final String DEFAULT_ENROOT_URL =
      "https://github.com/NVIDIA/enroot/releases/download/v4.1.2/enroot_4.1.2-1_"
          + ARCHITECTURE
          + ".deb";

  /** The default archives. */
  public static final PyxisDefinition DEFAULT =
      new PyxisDefinition(
          new Archive(DEFAULT_URL, Optional.empty()),
          new Archive(DEFAULT_ENROOT_URL, Optional.empty()),
          Helpers.USERLAND);

  /** The programs that merge an image's layers into one file system. */
  public enum Helpers {
    /** This project's programs, which need no privilege. */
    USERLAND,
    /** enroot's own, which mount the layers and so need the capability SYS_ADMIN. */
    STOCK;

    /** The name in parameters and files. */
    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Helpers of(String parameter, String id) {
      return Arrays.stream(values())
          .filter(helpers -> helpers.id().equals(id))
          .findFirst()
          .orElseThrow(
              () ->
                  new InvalidParameterException(
                      parameter,
                      id,
                      "is not a choice of helpers: use "
                          + Arrays.stream(values())
                              .map(Helpers::id)
                              .collect(Collectors.joining(" or "))));
    }
  }

  PyxisDefinition withSource(Archive newSource) {
    return new PyxisDefinition(newSource, enroot, helpers);
  }

  PyxisDefinition withEnroot(Archive newEnroot) {
    return new PyxisDefinition(source, newEnroot, helpers);
  }

  PyxisDefinition withHelpers(Helpers newHelpers) {
    return new PyxisDefinition(source, enroot, newHelpers);
  }
}
