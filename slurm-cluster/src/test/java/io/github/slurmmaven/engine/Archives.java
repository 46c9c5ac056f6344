/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Tar archives as names to contents; the names of directories end with a slash. */
public final class Archives {

  private Archives() {}

  public static InputStream tar(Map<String, byte[]> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> each : new TreeMap<>(entries).entrySet()) {
        TarArchiveEntry entry = new TarArchiveEntry(each.getKey());
        if (!entry.isDirectory()) {
          entry.setSize(each.getValue().length);
        }
        tar.putArchiveEntry(entry);
        tar.write(each.getValue());
        tar.closeArchiveEntry();
      }
    }
    return new ByteArrayInputStream(bytes.toByteArray());
  }

  @SuppressWarnings("resource") // the archive is closed by whoever opened it
  public static Map<String, byte[]> entries(InputStream archive) throws IOException {
    Map<String, byte[]> entries = new TreeMap<>();
    TarArchiveInputStream tar = new TarArchiveInputStream(archive);
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      entries.put(entry.getName(), tar.readAllBytes());
    }
    return entries;
  }
}
