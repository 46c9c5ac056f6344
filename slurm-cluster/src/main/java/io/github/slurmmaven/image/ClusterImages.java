/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.DirectoryLock;
import io.github.slurmmaven.common.Sha256;
import io.github.slurmmaven.common.UserCache;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineProgress;
import io.github.slurmmaven.engine.ImageBuild;
import io.github.slurmmaven.resource.Resources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The images that are built from this project's Dockerfile. The tag of an image is a digest of its
 * build context: a plugin version with another Dockerfile has another tag, and the same content is
 * never built twice.
 */
public final class ClusterImages {

  /** Repository of the built images. */
  public static final String REPOSITORY = "slurm-cluster";

  private static final String ROOT = "/io/github/slurmmaven/images/";
  private static final String DOCKERFILE = "Dockerfile";
  private static final String TARGET = "node";
  private static final String PYXIS_TARGET = "pyxis";

  /** Part of the name of an image whose Slurm is compiled. */
  private static final String SOURCE = "source";

  /** The stages of a target's build, which the engine keeps as its cache. */
  private static final Map<String, List<String>> STAGES =
      Map.of(
          TARGET,
          List.of("base"),
          PYXIS_TARGET,
          List.of("base", TARGET, "pyxis-build", "pyxis-base"));

  private static final int TAG_DIGITS = 12;
  private static final int LONGEST_LINE = 100;

  /** References of images for which archives are fetched. */
  private static final Pattern FETCHED =
      Pattern.compile(REPOSITORY + ":.*-(" + SOURCE + "|" + PYXIS_TARGET + ")-.*");

  private final Map<String, byte[]> context = context();
  private final Downloads downloads;
  private final PyxisArchives archives;
  private final PublishedImages published;
  private final Optional<Path> locks;

  /**
   * @param environment variables with the place of the user's cache
   */
  public ClusterImages(Map<String, String> environment) {
    this(environment, PublishedImages.ofThisVersion());
  }

  ClusterImages(Map<String, String> environment, PublishedImages published) {
    this.published = published;
    downloads = new Downloads(environment);
    archives = new PyxisArchives(downloads);
    locks = UserCache.directory(environment).map(cache -> cache.resolve("images"));
  }

  /**
   * Returns the reference of the image of a cluster's nodes, whether the image exists or not.
   * Fetched archives are part of its content.
   *
   * @param architecture the engine's architecture, by Debian's name
   */
  public String reference(ClusterDefinition definition, String architecture) {
    String slurm = content(definition, source(definition), architecture).reference();
    String whole =
        definition.accounting().isPresent() ? ImageAddition.ACCOUNTING.reference(slurm) : slurm;
    return PackagesImage.reference(
        definition.pbsCommands() ? ImageAddition.PBS.reference(whole) : whole,
        definition.packages());
  }

  private Optional<SourceImage> source(ClusterDefinition definition) {
    return definition.isCompiled()
        ? Optional.of(SourceImage.fetch(definition, downloads))
        : Optional.empty();
  }

  private Content content(
      ClusterDefinition definition, Optional<SourceImage> source, String architecture) {
    SlurmVersion version = definition.slurmVersion();
    Map<String, byte[]> files = new TreeMap<>(context);
    definition.pyxis().ifPresent(pyxis -> files.putAll(archives.fetch(pyxis, architecture)));
    return new Content(
        version,
        source.map(SourceImage::reference).or(version::baseImage).orElseThrow(),
        definition.pyxis().isPresent() ? PYXIS_TARGET : TARGET,
        files);
  }

  /**
   * Makes sure that the engine has an image. An image of this project is pulled if it is published,
   * and otherwise built; any other image is pulled.
   *
   * @param repository repository of this project's images, or {@value
   *     ClusterDefinition#NO_REPOSITORY}; empty for this version's default
   * @param definition the cluster, which names the content of an image with more than Slurm
   * @throws SlurmClusterException when a registry sends an image other than the published one
   */
  public void ensure(
      ContainerEngine engine,
      String reference,
      Optional<String> repository,
      Supplier<ClusterDefinition> definition,
      Progress progress) {
    ensure(
        engine,
        reference,
        new ImagePull(engine, published, repository, progress),
        definition,
        progress);
  }

  private void ensure(
      ContainerEngine engine,
      String reference,
      ImagePull pull,
      Supplier<ClusterDefinition> definition,
      Progress progress) {
    if (engine.findImage(reference).isPresent()) {
      return;
    }
    Optional<String> base = PackagesImage.base(reference);
    if (base.isPresent() && isOurs(reference)) {
      ensure(engine, base.get(), pull, definition, progress);
      once(
          engine,
          reference,
          progress,
          () -> addPackages(engine, reference, base.get(), definition.get().packages(), progress));
      return;
    }
    if (isOurs(reference) && pull.pull(reference)) {
      return;
    }
    for (ImageAddition addition : ImageAddition.ALL) {
      Optional<String> below = addition.base(reference);
      if (below.isPresent() && isOurs(reference)) {
        ensure(engine, below.get(), pull, definition, progress);
        once(
            engine,
            reference,
            progress,
            () -> add(engine, addition, reference, below.get(), progress));
        return;
      }
    }
    for (SlurmVersion version : SlurmVersion.packaged()) {
      Content plain = new Content(version, version.baseImage().orElseThrow(), TARGET, context);
      if (plain.reference().equals(reference)) {
        once(engine, reference, progress, () -> build(engine, plain, progress));
        return;
      }
    }
    if (FETCHED.matcher(reference).matches()) {
      buildFetched(engine, reference, definition.get(), progress);
      return;
    }
    progress.step("Pulling image " + reference);
    try {
      engine.pullImage(reference, new PullShown(progress));
    } catch (EngineException e) {
      throw new SlurmClusterException(
          "Image '%s' is not on the engine and cannot be pulled; is its name (image, registryImage) right, and its registry reachable? %s"
              .formatted(reference, e.getMessage()),
          e);
    }
  }

  private void buildFetched(
      ContainerEngine engine, String reference, ClusterDefinition definition, Progress progress) {
    Optional<SourceImage> source = source(definition);
    Content content = content(definition, source, engine.info().architecture());
    if (!content.reference().equals(reference)) {
      throw new UserMistakeException(
          "Image '%s' is not on the engine, and %s has changed since the cluster was created: run slurm:create to render it anew"
              .formatted(
                  reference,
                  source.isPresent()
                      ? "what slurmSource names"
                      : "what pyxisUrl and enrootUrl name"));
    }
    source
        .filter(image -> engine.findImage(image.reference()).isEmpty())
        .ifPresent(
            image ->
                once(engine, image.reference(), progress, () -> compile(engine, image, progress)));
    once(engine, reference, progress, () -> build(engine, content, progress));
  }

  private static void compile(ContainerEngine engine, SourceImage image, Progress progress) {
    ImageBuild build = image.build();
    progress.step(
        "Building image %s: compiles Slurm from %s, which takes some minutes, once for this archive"
            .formatted(image.reference(), image.origin()));
    long start = System.nanoTime();
    engine.buildImage(build, new BuildShown(progress));
    progress.step("Image built in %.0f s".formatted(secondsSince(start)));
    try {
      // The compiler and its output are not needed again.
      engine.buildImage(image.compileStage(), progress::detail);
      engine.removeImage(image.compileStage().tag());
    } catch (EngineException e) {
      progress.detail("The stage that compiled Slurm could not be removed: " + e.getMessage());
    }
  }

  /** Builds an image that another process of this user may be building at the same time. */
  private void once(ContainerEngine engine, String reference, Progress progress, Runnable build) {
    if (locks.isEmpty()) {
      build.run();
      return;
    }
    try {
      Files.createDirectories(locks.get());
    } catch (IOException e) {
      // There is no lock in a read-only home directory; two builds may then do the same work.
      build.run();
      return;
    }
    try (DirectoryLock lock =
        DirectoryLock.of(
            locks.get(),
            () ->
                progress.step(
                    "Waiting for another build of an image, before that of " + reference))) {
      if (engine.findImage(reference).isEmpty()) {
        build.run();
      }
    } catch (IOException e) {
      throw new SlurmClusterException(
          "Image '%s' was not built: %s".formatted(reference, FileFailure.of(e)), e);
    }
  }

  private static boolean isOurs(String reference) {
    return reference.startsWith(REPOSITORY + ":");
  }

  private static void addPackages(
      ContainerEngine engine,
      String reference,
      String base,
      List<String> packages,
      Progress progress) {
    if (!PackagesImage.reference(base, packages).equals(reference)) {
      throw new UserMistakeException(
          "Image '%s' is not on the engine, and packages has changed since the cluster was created: run slurm:create to render it anew"
              .formatted(reference));
    }
    progress.step(
        "Building image %s with %s: once for these packages"
            .formatted(reference, String.join(", ", packages)));
    long start = System.nanoTime();
    PackagesImage.build(engine, reference, base, packages, new BuildShown(progress));
    progress.step("Image built in %.1f s".formatted(secondsSince(start)));
  }

  private static void add(
      ContainerEngine engine,
      ImageAddition addition,
      String reference,
      String base,
      Progress progress) {
    progress.step("Building image %s with %s".formatted(reference, addition.words()));
    long start = System.nanoTime();
    addition.build(engine, reference, base, new BuildShown(progress));
    progress.step("Image built in %.1f s".formatted(secondsSince(start)));
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) / 1_000_000_000.0;
  }

  private static void build(ContainerEngine engine, Content content, Progress progress) {
    String reference = content.reference();
    progress.step(
        "Building image "
            + reference
            + " from "
            + content.base()
            + ": once for this version of the plugin");
    long start = System.nanoTime();
    BuildShown shown = new BuildShown(progress);
    try {
      engine.buildImage(content.stage(reference, content.target()), shown);
    } catch (EngineException e) {
      throw shown
          .slurm()
          .filter(found -> !SlurmVersion.of(found).isOf(content.version()))
          .<RuntimeException>map(found -> otherRelease(content, found, e))
          .orElse(e);
    }
    progress.step(
        "Image built in %.1f s%s"
            .formatted(
                secondsSince(start),
                shown.slurm().map(found -> ", with Slurm " + found).orElse("")));
    nameStages(engine, content, progress);
  }

  /**
   * Returns the exception for another release of Slurm. A Debian release that is not yet stable can
   * change its release line of Slurm.
   */
  private static UserMistakeException otherRelease(
      Content content, String found, EngineException e) {
    return new UserMistakeException(
        "Image '%s' cannot be built: it is for Slurm %s, but %s now has Slurm %s. Set slurmVersion to a release that can be run (%s), or image to one that has Slurm %2$s"
            .formatted(
                content.reference(),
                content.version(),
                content.base(),
                found,
                SlurmVersion.packagedInWords()),
        e);
  }

  /**
   * The content of an image.
   *
   * @param version Slurm's release line or release
   * @param base image with its packages
   * @param target stage of the Dockerfile
   * @param files build context
   */
  private record Content(
      SlurmVersion version, String base, String target, Map<String, byte[]> files) {

    String reference() {
      return REPOSITORY + ":" + version.release() + variant() + "-" + digest();
    }

    private String variant() {
      return (version.baseImage().equals(Optional.of(base)) ? "" : "-" + SOURCE)
          + (target.equals(TARGET) ? "" : "-" + target);
    }

    String digest() {
      MessageDigest digest = Sha256.begin();
      files.forEach(
          (name, content) -> {
            digest.update((name + "\0" + content.length + "\0").getBytes(StandardCharsets.UTF_8));
            digest.update(content);
          });
      digest.update(base.getBytes(StandardCharsets.UTF_8));
      return Sha256.end(digest).substring(0, TAG_DIGITS);
    }

    ImageBuild stage(String tag, String stage) {
      return new ImageBuild(
          tag,
          files,
          DOCKERFILE,
          stage,
          Map.of("BASE_IMAGE", base, "SLURM_RELEASE", version.release()),
          Map.of("io.github.slurmmaven.image", "true"));
    }
  }

  /**
   * Names the stages, and removes those of other content. Without a name they would fill the disk
   * as {@code <none>}, and no user could see what they are. They are already built, so this takes
   * no time.
   */
  private static void nameStages(ContainerEngine engine, Content content, Progress progress) {
    String release = content.version().release() + "-";
    try {
      for (String stage : STAGES.getOrDefault(content.target(), List.of())) {
        String repository = REPOSITORY + "-" + stage;
        String tag = repository + ":" + release + content.digest();
        engine.buildImage(content.stage(tag, stage), progress::detail);
        engine.listImages(repository).stream()
            .filter(other -> other.startsWith(repository + ":" + release))
            .filter(other -> !other.equals(tag))
            .forEach(engine::removeImage);
      }
    } catch (EngineException e) {
      // The image itself exists; another build may name the same stages.
      progress.detail("The stages of the image's build could not be named: " + e.getMessage());
    }
  }

  /** Prints a line for each step, and the pull of the base image; all else is a detail. */
  private static final class BuildShown implements EngineProgress {

    private static final String STEP = "Step ";

    /** Prefix of the version of Slurm that the Dockerfile finds. */
    private static final String SLURM = "slurm-version: ";

    /** Prefix of the next phase of Slurm's compilation. */
    private static final String PHASE = "slurm-source: ";

    private final Progress progress;
    private @Nullable String slurm;

    BuildShown(Progress progress) {
      this.progress = progress;
    }

    /**
     * Returns the version of Slurm in the image; empty if the step came from the engine's cache.
     */
    Optional<String> slurm() {
      return Optional.ofNullable(slurm);
    }

    @Override
    public void line(String line) {
      int found = line.indexOf(SLURM);
      if (found >= 0) {
        slurm = line.substring(found + SLURM.length()).strip();
      }
      if (line.startsWith(PHASE)) {
        progress.step("  " + line.substring(PHASE.length()).strip());
      } else if (line.startsWith(STEP)) {
        progress.step(
            "  " + (line.length() > LONGEST_LINE ? line.substring(0, LONGEST_LINE) + "…" : line));
      } else {
        progress.detail(line);
      }
    }

    @Override
    public void now(String status) {
      if (!status.startsWith(STEP)) {
        progress.now(status);
      }
    }
  }

  private static Map<String, byte[]> context() {
    Map<String, byte[]> files = new TreeMap<>();
    Resources.text(ClusterImages.class, ROOT + "index")
        .lines()
        .filter(line -> !line.isBlank())
        .forEach(name -> files.put(name, Resources.bytes(ClusterImages.class, ROOT + name)));
    return files;
  }
}
