/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

record ProcessIdentity(long pid, long start) {
  static ProcessIdentity current() {
    return of(ProcessHandle.current().pid()).orElseThrow();
  }

  static Optional<ProcessIdentity> of(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return Optional.of(new ProcessIdentity(pid, Long.parseLong(words[19])));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  boolean lives() {
    return of(pid).filter(this::equals).isPresent();
  }
}
