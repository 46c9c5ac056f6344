/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.backend.embedded.bundle.BundleFile;
import io.github.slurmmaven.backend.embedded.bundle.ElfInterpreter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** A small bundle with all kinds of files, none of which can run. */
public final class TestBundle {

  static final String VERSION = "24.11.5";

  /** As long as build-bundle.sh makes it. */
  public static final int LONGEST_INTERPRETER = 1000;

  /** The C library is also a program, which is never run. */
  public static final String SYSTEM_LOADER = "/lib64/ld-linux-x86-64.so.2";

  private TestBundle() {}

  /** The path that waits to be overwritten. */
  static String placeholder(int length, String loader) {
    return "/".repeat(length - loader.length()) + loader;
  }

  /** The head of a program that needs a loader. */
  static byte[] program(String interpreter) {
    int offset = 64 + 2 * 56;
    ByteBuffer elf =
        ByteBuffer.allocate(offset + interpreter.length() + 1 + 8).order(ByteOrder.LITTLE_ENDIAN);
    elf.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1});
    elf.putLong(32, 64);
    elf.putShort(54, (short) 56);
    elf.putShort(56, (short) 2);
    elf.putInt(64, 6); // PT_PHDR
    elf.putInt(64 + 56, 3); // PT_INTERP
    elf.putLong(64 + 56 + 8, offset);
    elf.putLong(64 + 56 + 32, interpreter.length() + 1);
    elf.position(offset);
    elf.put(interpreter.getBytes(StandardCharsets.US_ASCII)).put((byte) 0);
    elf.put("the rest".getBytes(StandardCharsets.US_ASCII));
    return elf.array();
  }

  public static byte[] archive() {
    return archive(LONGEST_INTERPRETER);
  }

  public static byte[] archive(int longestInterpreter) {
    return archive(longestInterpreter, "ld-linux-x86-64.so.2");
  }

  /**
   * @param loader the name of the processor's loader
   */
  public static byte[] archive(int longestInterpreter, String loader) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar =
        new TarArchiveOutputStream(new XZOutputStream(bytes, new LZMA2Options(0)), "UTF-8")) {
      for (String directory : new String[] {"./", "./bin/", "./lib/", "./lib/slurm/"}) {
        tar.putArchiveEntry(new TarArchiveEntry(directory));
        tar.closeArchiveEntry();
      }
      file(tar, "./PACKAGES", 0644, "slurmd".getBytes(StandardCharsets.US_ASCII));
      file(tar, "./bin/slurmctld", 0755, program(placeholder(longestInterpreter, loader)));
      file(tar, "./bin/mariadbd", 0755, program(placeholder(longestInterpreter, loader)));
      file(tar, "./bin/script", 0755, "#!/bin/sh\n".getBytes(StandardCharsets.US_ASCII));
      file(tar, "./lib/libc.so.6", 0755, program(SYSTEM_LOADER));
      file(tar, "./lib/slurm/auth_munge.so", 0644, new byte[] {0x7f, 'E', 'L', 'F'});
      TarArchiveEntry link = new TarArchiveEntry("./lib/libc.so", TarConstants.LF_SYMLINK);
      link.setLinkName("libc.so.6");
      tar.putArchiveEntry(link);
      tar.closeArchiveEntry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  public static void file(TarArchiveOutputStream tar, String name, int mode, byte[] content)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setMode(mode);
    entry.setSize(content.length);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }

  public static String sha256(byte[] archive) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(archive));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  public static BundleFile file(byte[] archive) {
    return new BundleFile(VERSION, sha256(archive), 10_000, "test.tar.xz", () -> archive);
  }

  public static String description(byte[] archive) {
    return """
        release=24.11
        version=%s
        platform=linux-x86_64
        sha256=%s
        unpackedSize=10000
        """
        .formatted(VERSION, sha256(archive));
  }

  /** The path of the loader that a program has. */
  public static String interpreter(Path program) throws IOException {
    byte[] file = Files.readAllBytes(program);
    ElfInterpreter interpreter = ElfInterpreter.of(file).orElseThrow();
    int end = interpreter.offset();
    while (file[end] != 0) {
      end++;
    }
    return new String(
        file, interpreter.offset(), end - interpreter.offset(), StandardCharsets.UTF_8);
  }
}
