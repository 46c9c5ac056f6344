/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.Archive;
import io.github.slurmmaven.definition.PyxisDefinition;
import java.io.IOException;
import java.util.Map;

/** Pyxis and enroot as files of a build context. */
final class PyxisArchives {

  private final Downloads downloads;

  PyxisArchives(Downloads downloads) {
    this.downloads = downloads;
  }

  /**
   * Fetches both.
   *
   * @param architecture the engine's architecture, by Debian's name
   * @throws UserMistakeException when one cannot be fetched; names it and the parameter that helps
   */
  Map<String, byte[]> fetch(PyxisDefinition pyxis, String architecture) {
    return Map.of(
        "pyxis/archives/pyxis.tar.gz", fetch("Pyxis", "pyxisUrl", pyxis.source(), architecture),
        "pyxis/archives/enroot.deb", fetch("enroot", "enrootUrl", pyxis.enroot(), architecture));
  }

  private byte[] fetch(String what, String parameter, Archive archive, String architecture) {
    String url = archive.url().replace(PyxisDefinition.ARCHITECTURE, architecture);
    try {
      return downloads.fetch(
          new Archive(url, archive.sha256()), parameter.replace("Url", "Sha256"), content -> true);
    } catch (IOException e) {
      throw new UserMistakeException(
          ("Jobs in containers need %s, which could not be fetched from %s: %s. Name a mirror or a"
                  + " file of it with -Dslurm.%s, or a prebuilt image that has Pyxis and enroot with"
                  + " -Dslurm.image; -Dslurm.withPyxis=false makes a cluster without.")
              .formatted(what, url, e.getMessage(), parameter),
          e);
    }
  }
}
