/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** Counts how often this process reads each file of a directory, as the JVM itself reports it. */
final class FileReads {

  private static final String EVENT = "jdk.FileRead";

  private FileReads() {}

  /**
   * Runs an action.
   *
   * @return how often each file was read, by its name; of files that are smaller than a buffer
   */
  static Map<String, Integer> during(Path directory, Runnable action) throws IOException {
    Path file = Files.createTempFile("reads", ".jfr");
    try (Recording recording = new Recording()) {
      recording.enable(EVENT).withoutThreshold().withoutStackTrace();
      recording.start();
      action.run();
      recording.stop();
      recording.dump(file);
      Map<String, Integer> reads = new TreeMap<>();
      for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
        if (!event.getEventType().getName().equals(EVENT) || event.getString("path") == null) {
          continue;
        }
        Path read = Path.of(event.getString("path"));
        // Each reader also looks for what comes after the end.
        if (event.getLong("bytesRead") > 0 && directory.equals(read.getParent())) {
          reads.merge(read.getFileName().toString(), 1, Integer::sum);
        }
      }
      return reads;
    } finally {
      Files.delete(file);
    }
  }
}
