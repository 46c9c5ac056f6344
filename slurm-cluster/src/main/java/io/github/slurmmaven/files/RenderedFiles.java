/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files;

import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The ledger of rendered files: {@code .rendered} says for which backend they were rendered, and
 * holds a digest of each. By it, what was edited by hand is told apart.
 */
public final class RenderedFiles {

  static final String DIGESTS = ".rendered";
  private static final String BACKEND = "# backend: ";
  private static final String COMPOSE = "docker-compose.yml";

  private final FileStore store;

  RenderedFiles(FileStore store) {
    this.store = store;
  }

  /**
   * The backend that the cluster was created for: it stands in {@code .rendered}. Where that was
   * lost, the files that each backend has tell.
   */
  BackendKind backend() {
    return store.read(DIGESTS).stream()
        .flatMap(String::lines)
        .filter(line -> line.startsWith(BACKEND))
        .flatMap(line -> BackendKind.of(line.substring(BACKEND.length()).strip()).stream())
        .findFirst()
        .orElseGet(() -> store.exists(COMPOSE) ? BackendKind.DOCKER : BackendKind.EMBEDDED);
  }

  /**
   * What a rendering changes.
   *
   * @param digests of what was rendered before
   * @param changed files to write
   * @param adopted files that are there and do not stand in the ledger
   */
  record Change(
      Map<String, String> digests, Map<String, String> changed, Map<String, String> adopted) {}

  /**
   * Compares what was rendered now with what is there.
   *
   * @param force whether hand edits are overwritten
   * @throws UserMistakeException naming files that would change and were edited by hand
   */
  Change compare(Map<String, String> files, boolean force) {
    Map<String, String> digests = digests();
    List<String> edited = new ArrayList<>();
    Map<String, String> adopted = new LinkedHashMap<>();
    Map<String, String> changed = new LinkedHashMap<>();
    files.forEach(
        (name, content) -> {
          String before = digests.get(name);
          Optional<String> there = store.read(name);
          if (there.isEmpty() || (there.get().isEmpty() && !content.isEmpty())) {
            changed.put(name, content);
          } else if (!there.get().equals(content)) {
            boolean byHand = !Sha256.of(there.get()).equals(before);
            if (!byHand || force) {
              changed.put(name, content);
            } else if (!Sha256.of(content).equals(before)) {
              edited.add(name);
            }
          } else if (before == null) {
            // Written by a run that did not come to its end.
            adopted.put(name, content);
          }
        });
    if (!edited.isEmpty()) {
      throw new UserMistakeException(
          "In "
              + store.root()
              + ", "
              + String.join(", ", edited)
              + (edited.size() == 1 ? " was" : " were")
              + " edited by hand, and the parameters now ask for something else: take the edit"
              + " back, or overwrite it with -Dslurm.force");
    }
    return new Change(digests, changed, adopted);
  }

  /** Notes that the directory is a cluster's, before anything else is there. */
  void begin(BackendKind backend, Change change) throws IOException {
    writeDigests(backend, change.digests());
  }

  /** Writes what changed, the definition last: with it, the cluster is there. */
  void write(BackendKind backend, Change change) throws IOException {
    Map<String, String> files = new LinkedHashMap<>(change.changed());
    Optional<String> definition = Optional.ofNullable(files.remove(ClusterDirectory.DEFINITION));
    for (Map.Entry<String, String> file : files.entrySet()) {
      store.write(file.getKey(), file.getValue());
    }
    if (definition.isPresent()) {
      store.write(ClusterDirectory.DEFINITION, definition.get());
    }
    Map<String, String> digests = new TreeMap<>(change.digests());
    change.adopted().forEach((name, content) -> digests.put(name, Sha256.of(content)));
    change.changed().forEach((name, content) -> digests.put(name, Sha256.of(content)));
    writeDigests(backend, digests);
  }

  /** The ledger and rendered files that are missing, or empty and were not. */
  List<String> damaged() {
    Map<String, String> digests = digests();
    List<String> damaged = new ArrayList<>();
    if (digests.isEmpty()) {
      damaged.add(DIGESTS);
    }
    String empty = Sha256.of("");
    digests.forEach(
        (name, digest) -> {
          if (!store.exists(name) || (store.isGone(name) && !digest.equals(empty))) {
            damaged.add(name);
          }
        });
    return damaged;
  }

  /** The files that are not as they were rendered. */
  public List<String> edited() {
    return digests().keySet().stream().filter(this::isEdited).toList();
  }

  /** Whether a file is not as it was rendered. */
  private boolean isEdited(String name) {
    return store
        .read(name)
        .map(content -> !Sha256.of(content).equals(digests().get(name)))
        .orElse(false);
  }

  /**
   * Writes the files that depend on what the backend gives out anew.
   *
   * @param files all that is rendered
   * @throws UserMistakeException naming a file that would change and was edited by hand
   */
  public void writeAllocation(Map<String, String> files) {
    BackendKind backend = backend();
    Map<String, String> digests = digests();
    Map<String, String> changed = new LinkedHashMap<>();
    files.forEach(
        (name, content) -> {
          if (!Sha256.of(content).equals(digests.get(name))) {
            changed.put(name, content);
          }
        });
    changed.keySet().stream()
        .filter(this::isEdited)
        .findFirst()
        .ifPresent(
            name -> {
              throw new UserMistakeException(
                  "%s was edited by hand, and what it asks for is taken"
                      .formatted(store.path(name)));
            });
    try {
      for (Map.Entry<String, String> file : changed.entrySet()) {
        store.write(file.getKey(), file.getValue());
        digests.put(file.getKey(), Sha256.of(file.getValue()));
      }
      writeDigests(backend, digests);
    } catch (IOException e) {
      throw store.unwritable(e);
    }
  }

  private void writeDigests(BackendKind backend, Map<String, String> digests) throws IOException {
    StringBuilder text = new StringBuilder(BACKEND + backend + "\n");
    new TreeMap<>(digests)
        .forEach((name, digest) -> text.append(digest).append("  ").append(name).append('\n'));
    store.write(DIGESTS, text.toString().getBytes(StandardCharsets.UTF_8), false);
  }

  private Map<String, String> digests() {
    Map<String, String> digests = new TreeMap<>();
    store
        .read(DIGESTS)
        .orElse("")
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split(" {2}", 2))
        .filter(parts -> parts.length == 2)
        .forEach(parts -> digests.put(parts[1], parts[0]));
    return digests;
  }
}
