/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files;

import io.github.slurmmaven.client.ClockFile;
import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.FileContent;
import io.github.slurmmaven.common.FileTrees;
import io.github.slurmmaven.definition.ClusterDefinition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The directory of a cluster: its state, creation, removal and lock. It contains rendered files,
 * secrets, and connection files.
 */
public final class ClusterDirectory {

  static final String DEFINITION = "cluster.yaml";
  private static final String IGNORED = ".gitignore";
  private static final String EVERYTHING = "*\n";

  /** Characters that are special in ssh_config(5) even in quotes. */
  private static final Pattern UNUSABLE = Pattern.compile("\\p{Cntrl}|\\$\\{");

  private final Path root;
  private final FileStore store;
  private final RenderedFiles rendered;
  private final ClusterSecrets secrets;
  private final ConnectionFiles connectionFiles;
  private final ClockFile clock;

  public ClusterDirectory(Path root) {
    this.root = root;
    store = new FileStore(root);
    rendered = new RenderedFiles(store);
    secrets = new ClusterSecrets(store);
    connectionFiles = new ConnectionFiles(store, secrets);
    clock = new ClockFile(root);
  }

  /** Returns the file from which Slurm's programs read the time. */
  public ClockFile clock() {
    return clock;
  }

  /** Returns the rendered files. */
  public RenderedFiles rendered() {
    return rendered;
  }

  /** Returns the keys and accounts. */
  public ClusterSecrets secrets() {
    return secrets;
  }

  /** Returns the files that say how to reach the cluster. */
  public ConnectionFiles connectionFiles() {
    return connectionFiles;
  }

  /** Returns the backend that the cluster was created for. */
  public BackendKind backend() {
    return rendered.backend();
  }

  /** Whether the cluster was created. */
  public boolean exists() {
    return isOurs() && !store.isGone(DEFINITION);
  }

  /**
   * Whether the directory was made for a cluster, even if it is incomplete or its list of digests
   * was lost.
   */
  private boolean isOurs() {
    return store.exists(RenderedFiles.DIGESTS)
        || store.exists(ClusterSecrets.MUNGE_KEY)
        || (store.exists(DEFINITION) && store.read(IGNORED).equals(Optional.of(EVERYTHING)));
  }

  /**
   * Takes the cluster's lock, a file beside the directory.
   *
   * @param onWait run before a wait for another process
   */
  public ClusterLock lock(Runnable onWait) {
    try {
      return ClusterLock.of(lockFile(), onWait);
    } catch (IOException e) {
      throw store.unwritable(e);
    }
  }

  /** Whether a build works on the cluster at the moment. */
  public boolean isWorkedOn() {
    return ClusterLock.isHeld(lockFile());
  }

  private Path lockFile() {
    return root.resolveSibling("." + root.getFileName() + ".lock");
  }

  /**
   * Writes rendered files, and removes those that are no longer rendered. A file that was edited by
   * hand is kept if its rendered content has not changed. Otherwise nothing is written.
   *
   * @param backend the backend of the files
   * @param definition the cluster, whose accounts need keys
   * @param force whether hand edits are overwritten
   * @return whether anything changed
   * @throws UserMistakeException naming the edited files
   */
  public boolean write(
      BackendKind backend,
      Map<String, FileContent> files,
      ClusterDefinition definition,
      boolean force) {
    if (UNUSABLE.matcher(root.toString()).find()) {
      throw new InvalidParameterException(
          "outputDirectory",
          root,
          "has a character that an ssh_config cannot contain: use a path without line breaks and ${");
    }
    try {
      if (Files.exists(root) && !isOurs() && !isEmpty(root)) {
        throw new UserMistakeException(
            root
                + " contains files that are not a cluster's: empty it, or use another name or outputDirectory");
      }
      RenderedFiles.Change change = rendered.compare(files, force);
      boolean first = !Files.exists(root);
      FileStore.createPrivateDirectory(root);
      if (!isOurs()) {
        rendered.begin(backend, change);
      }
      store.write(IGNORED, EVERYTHING.getBytes(StandardCharsets.US_ASCII), false);
      secrets.write(definition);
      rendered.write(backend, change);
      clock.create(definition.clockSpeed());
      return first || !change.isEmpty();
    } catch (IOException e) {
      throw store.unwritable(e);
    }
  }

  /**
   * Returns the missing or empty files without which no start succeeds. {@link #write} makes them
   * again.
   *
   * @param definition the cluster, whose accounts have keys
   */
  public List<String> damaged(ClusterDefinition definition) {
    List<String> damaged = rendered.damaged();
    damaged.addAll(secrets.damaged(definition));
    return damaged;
  }

  /** Whether nodes read this file of {@link #damaged} only when they start. */
  public static boolean isKey(String name) {
    return name.startsWith("secrets/") || name.startsWith("ssh/");
  }

  /**
   * Removes the directory. It is renamed first, so that a build that is killed meanwhile does not
   * leave half a cluster. The next removal finishes the work.
   *
   * @return whether it existed
   */
  public boolean delete() {
    Path removed = removed();
    boolean isThere = Files.exists(root, LinkOption.NOFOLLOW_LINKS);
    try {
      FileTrees.delete(removed);
      if (!isThere) {
        return false;
      }
      // A killed build may leave an empty directory.
      if (!isOurs() && !isEmpty(root)) {
        throw new UserMistakeException(
            root
                + " contains files that are not a cluster's, so nothing was removed. Remove the directory yourself if you need none of them");
      }
      Files.move(root, removed, StandardCopyOption.ATOMIC_MOVE);
      FileTrees.delete(removed);
      return true;
    } catch (IOException e) {
      throw new UserMistakeException(
          "The cluster's files in "
              + (Files.exists(removed) ? removed : root)
              + " cannot all be removed: "
              + FileFailure.of(e)
              + ". Remove them and run slurm:destroy again",
          e);
    }
  }

  /** Removes what an interrupted removal has left under the other name. */
  public void finishRemoval() {
    Path removed = removed();
    try {
      FileTrees.delete(removed);
    } catch (IOException e) {
      throw new UserMistakeException(
          "What is left of a removed cluster in %s cannot be removed: %s. Remove it yourself"
              .formatted(removed, FileFailure.of(e)),
          e);
    }
  }

  /** Returns the directory's name during a removal. supervisor.c has the same name. */
  private Path removed() {
    return root.resolveSibling("." + root.getFileName() + ".removed");
  }

  /** Removes the directory if it is still a cluster's, and what an interrupted removal has left. */
  public void deleteIfOurs() {
    if (isOurs()) {
      delete();
    } else {
      finishRemoval();
    }
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.findAny().isEmpty();
    }
  }
}
