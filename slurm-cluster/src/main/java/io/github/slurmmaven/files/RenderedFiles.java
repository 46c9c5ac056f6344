/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files;

import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.FileContent;
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
 * The ledger of rendered files. {@code .rendered} has their backend and a digest of each, which
 * shows whether a file was edited by hand.
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
   * Returns the backend in {@code .rendered}. If that line is missing, a cluster with a {@code
   * docker-compose.yml} runs in containers.
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
   * The changes of a rendering.
   *
   * @param digests digests of the previous rendering
   * @param changed files to write
   * @param adopted existing files that the ledger does not have
   * @param removed files that are no longer rendered
   */
  record Change(
      Map<String, String> digests,
      Map<String, FileContent> changed,
      Map<String, FileContent> adopted,
      List<String> removed) {

    boolean isEmpty() {
      return changed.isEmpty() && removed.isEmpty();
    }
  }

  /**
   * Compares rendered files with the existing ones.
   *
   * @param force whether hand edits are overwritten
   * @throws UserMistakeException naming files that would change and were edited by hand
   */
  Change compare(Map<String, FileContent> files, boolean force) {
    Map<String, String> digests = digests();
    List<String> edited = new ArrayList<>();
    List<String> removed = new ArrayList<>();
    Map<String, FileContent> adopted = new LinkedHashMap<>();
    Map<String, FileContent> changed = new LinkedHashMap<>();
    files.forEach(
        (name, content) -> {
          String before = digests.get(name);
          String now = content.digest();
          Optional<FileContent> there = store.content(name);
          if (there.isEmpty() || (there.get().isEmpty() && !content.isEmpty())) {
            changed.put(name, content);
          } else if (!there.get().digest().equals(now)) {
            boolean byHand = !there.get().digest().equals(before);
            if (!byHand || force) {
              changed.put(name, content);
            } else if (!now.equals(before)) {
              edited.add(name);
            }
          } else if (content.isProgram() && !there.get().isProgram()) {
            changed.put(name, content);
          } else if (before == null) {
            // Written by an interrupted run.
            adopted.put(name, content);
          }
        });
    digests.keySet().stream()
        .filter(name -> !files.containsKey(name))
        .forEach(name -> (isEdited(name) && !force ? edited : removed).add(name));
    if (!edited.isEmpty()) {
      throw new UserMistakeException(
          "In "
              + store.root()
              + ", "
              + String.join(", ", edited)
              + (edited.size() == 1 ? " was" : " were")
              + " edited by hand, and the parameters now ask for something else: undo the edit, or overwrite it with -Dslurm.force");
    }
    return new Change(digests, changed, adopted, removed);
  }

  /** Marks the directory as a cluster's, before any other file is written. */
  void begin(BackendKind backend, Change change) throws IOException {
    writeDigests(backend, change.digests());
  }

  /**
   * Writes and removes changed files. The definition comes last, because it makes the cluster
   * exist.
   */
  void write(BackendKind backend, Change change) throws IOException {
    Map<String, FileContent> files = new LinkedHashMap<>(change.changed());
    Optional<FileContent> definition =
        Optional.ofNullable(files.remove(ClusterDirectory.DEFINITION));
    for (Map.Entry<String, FileContent> file : files.entrySet()) {
      write(file.getKey(), file.getValue());
    }
    for (String name : change.removed()) {
      store.delete(name);
    }
    if (definition.isPresent()) {
      store.write(ClusterDirectory.DEFINITION, definition.get());
    }
    Map<String, String> digests = new TreeMap<>(change.digests());
    digests.keySet().removeAll(change.removed());
    change.adopted().forEach((name, content) -> digests.put(name, content.digest()));
    change.changed().forEach((name, content) -> digests.put(name, content.digest()));
    writeDigests(backend, digests);
  }

  /** Writes a file. slurmdbd refuses a configuration that others can read. */
  private void write(String name, FileContent content) throws IOException {
    store.write(name, content, name.equals("config/slurmdbd.conf"));
  }

  /** Returns the ledger and rendered files that are missing, or were emptied. */
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

  /** Returns the files that differ from what was rendered. */
  public List<String> edited() {
    return digests().keySet().stream().filter(this::isEdited).toList();
  }

  /** Whether a file differs from what was rendered. */
  private boolean isEdited(String name) {
    return store
        .content(name)
        .map(content -> !content.digest().equals(digests().get(name)))
        .orElse(false);
  }

  /**
   * Writes the rendered files that differ from the ledger, as after a new allocation.
   *
   * @param files all rendered files
   * @throws UserMistakeException naming a file that would change and was edited by hand
   */
  public void writeAllocation(Map<String, FileContent> files) {
    BackendKind backend = backend();
    Map<String, String> digests = digests();
    Map<String, FileContent> changed = new LinkedHashMap<>();
    files.forEach(
        (name, content) -> {
          if (!content.digest().equals(digests.get(name))) {
            changed.put(name, content);
          }
        });
    changed.keySet().stream()
        .filter(this::isEdited)
        .findFirst()
        .ifPresent(
            name -> {
              throw new UserMistakeException(
                  "%s was edited by hand, and asks for a port or network that is taken"
                      .formatted(store.path(name)));
            });
    try {
      for (Map.Entry<String, FileContent> file : changed.entrySet()) {
        write(file.getKey(), file.getValue());
        digests.put(file.getKey(), file.getValue().digest());
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
        .filter(parts -> parts.length == 2 && isBelowRoot(parts[1]))
        .forEach(parts -> digests.put(parts[1], parts[0]));
    return digests;
  }

  /**
   * Whether a file is below the directory. The ledger can be edited, too, and must not cause the
   * removal of other files.
   */
  private boolean isBelowRoot(String name) {
    return store.path(name).normalize().startsWith(store.root().normalize());
  }
}
