/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;
import org.jspecify.annotations.Nullable;

/**
 * The stand-in for Pyxis and enroot, packaged as they are: see {@code pyxis/README.md} in the test
 * resources. The same sources give the same bytes.
 *
 * <p>Where the environment variable {@code PYXIS_ARCHIVES} names a directory with a {@code
 * pyxis.tar.gz} and an {@code enroot.deb}, as {@code scripts/test-pyxis.sh} does, it is those that
 * the tests get.
 */
public final class PyxisStandIn {

  private static final int PLAIN = 0644;
  private static final int PROGRAM = 0755;

  private static final @Nullable String OTHERS = System.getenv("PYXIS_ARCHIVES");

  private PyxisStandIn() {}

  /** Whether the tests have it, and not Pyxis and enroot themselves. */
  public static boolean isUsed() {
    return OTHERS == null;
  }

  /** Takes the place of Pyxis' source archive. */
  public static byte[] source() {
    if (OTHERS != null) {
      return read(OTHERS, "pyxis.tar.gz");
    }
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("Makefile", resource("source/Makefile"));
    files.put("pyxis.c", resource("source/pyxis.c"));
    return tarGz("pyxis-0.24.0/", files, PLAIN);
  }

  /** Takes the place of enroot's Debian package. */
  public static byte[] enroot() {
    if (OTHERS != null) {
      return read(OTHERS, "enroot.deb");
    }
    Map<String, byte[]> programs = new LinkedHashMap<>();
    programs.put("usr/bin/enroot", resource("enroot/enroot"));
    programs.put("usr/bin/enroot-aufs2ovlfs", resource("enroot/helper"));
    programs.put("usr/bin/enroot-mksquashovlfs", resource("enroot/helper"));
    programs.put("etc/enroot/hooks.d/98-nvidia.sh", resource("enroot/98-nvidia.sh"));
    programs.put(
        "etc/enroot/enroot.conf.d/README", "A stand-in.\n".getBytes(StandardCharsets.US_ASCII));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ArArchiveOutputStream deb = new ArArchiveOutputStream(bytes)) {
      put(deb, "debian-binary", "2.0\n".getBytes(StandardCharsets.US_ASCII));
      put(deb, "control.tar.gz", tarGz("./", Map.of("control", resource("enroot/control")), PLAIN));
      put(deb, "data.tar.gz", tarGz("./", programs, PROGRAM));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] read(String directory, String file) {
    try {
      return Files.readAllBytes(Path.of(directory, file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes both as {@code pyxis.tar.gz} and {@code enroot.deb}. */
  public static void write(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.write(directory.resolve("pyxis.tar.gz"), source());
    Files.write(directory.resolve("enroot.deb"), enroot());
  }

  private static void put(ArArchiveOutputStream deb, String name, byte[] content)
      throws IOException {
    deb.putArchiveEntry(new ArArchiveEntry(name, content.length, 0, 0, 0100000 | PLAIN, 0));
    deb.write(content);
    deb.closeArchiveEntry();
  }

  private static byte[] tarGz(String prefix, Map<String, byte[]> files, int mode) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar =
        new TarArchiveOutputStream(new GzipCompressorOutputStream(bytes, new GzipParameters()))) {
      for (String directory : directories(files.keySet())) {
        TarArchiveEntry entry = new TarArchiveEntry(prefix + directory, TarConstants.LF_DIR);
        entry.setModTime(0);
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
      }
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        TarArchiveEntry entry = new TarArchiveEntry(prefix + file.getKey(), TarConstants.LF_NORMAL);
        entry.setSize(file.getValue().length);
        entry.setMode(mode);
        entry.setModTime(0);
        tar.putArchiveEntry(entry);
        tar.write(file.getValue());
        tar.closeArchiveEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** All parents, each before what is in it: dpkg does not make them by itself. */
  private static Set<String> directories(Set<String> files) {
    Set<String> directories = new TreeSet<>();
    for (String file : files) {
      for (int slash = file.indexOf('/'); slash >= 0; slash = file.indexOf('/', slash + 1)) {
        directories.add(file.substring(0, slash + 1));
      }
    }
    return directories;
  }

  private static byte[] resource(String name) {
    String path = "/pyxis/" + name;
    try (InputStream in =
        Objects.requireNonNull(PyxisStandIn.class.getResourceAsStream(path), path)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
