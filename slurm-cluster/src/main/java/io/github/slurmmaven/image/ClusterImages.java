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
 * The images that are built from our own Dockerfile, each named by the content that it is built
 * from: another plugin version with another Dockerfile has another tag, and the same content is
 * never built twice.
 */
public final class ClusterImages {

  /** Repository of the built images. */
  public static final String REPOSITORY = "slurm-cluster";

  private static final String ROOT = "/io/github/slurmmaven/images/";
  private static final String DOCKERFILE = "Dockerfile";
  private static final String TARGET = "node";
  private static final String PYXIS_TARGET = "pyxis";

  /** In the name of an image whose Slurm is compiled. */
  private static final String SOURCE = "source";

  /** The stages that a target is built from, which the engine keeps as its cache. */
  private static final Map<String, List<String>> STAGES =
      Map.of(
          TARGET,
          List.of("base"),
          PYXIS_TARGET,
          List.of("base", TARGET, "pyxis-build", "pyxis-base"));

  private static final int TAG_DIGITS = 12;
  private static final int LONGEST_LINE = 100;

  /** Images of ours that have something that is fetched for them. */
  private static final Pattern FETCHED =
      Pattern.compile(REPOSITORY + ":.*-(" + SOURCE + "|" + PYXIS_TARGET + ")-.*");

  private final Map<String, byte[]> context = context();
  private final Downloads downloads;
  private final PyxisArchives archives;
  private final PublishedImages published;
  private final Optional<Path> locks;

  /**
   * @param environment variables that say where a user's cache is
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
   * The reference of the image that a cluster's nodes have, whether it exists or not. What is
   * fetched for it is part of its content.
   *
   * @param architecture of the engine, in Debian's words
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
   * Makes sure that the engine has an image. One of ours is pulled where it is published, and built
   * otherwise; any other is pulled.
   *
   * @param repository where ours are pulled from, or {@value ClusterDefinition#NO_REPOSITORY};
   *     empty for where this version published them
   * @param definition the cluster, asked for the content of an image that has more than Slurm
   * @throws SlurmClusterException when a registry sends another image than was published
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
      // The compiler and what it made are nowhere needed again.
      engine.buildImage(image.compileStage(), progress::detail);
      engine.removeImage(image.compileStage().tag());
    } catch (EngineException e) {
      progress.detail("The stage that compiled Slurm is still there: " + e.getMessage());
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
      // A home that cannot be written to has no lock; two builds then do the same work.
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
   * A Debian release that is not yet stable has one release line of Slurm today, and another next
   * year.
   */
  private static UserMistakeException otherRelease(
      Content content, String found, EngineException e) {
    return new UserMistakeException(
        "Image '%s' cannot be built: it is for Slurm %s, and %s has Slurm %s by now. Set slurmVersion to a release that can be run (%s), or image to one that has Slurm %2$s"
            .formatted(
                content.reference(),
                content.version(),
                content.base(),
                found,
                SlurmVersion.packagedInWords()),
        e);
  }

  /**
   * What an image is built from.
   *
   * @param version Slurm's release line or release
   * @param base image that has packages of it
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
   * Gives the stages names, and removes those of other content: without a name they would fill the
   * disk as {@code <none>}, and nobody could see whose they are. They are built already, so that
   * this takes no time.
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
      // The image itself is there; another build may be at the same.
      progress.detail("The stages of the image's build keep no name: " + e.getMessage());
    }
  }

  /** A line a step, and in it the pull of the base; all else is a detail. */
  private static final class BuildShown implements EngineProgress {

    private static final String STEP = "Step ";

    /** Before the version of Slurm that the Dockerfile finds. */
    private static final String SLURM = "slurm-version: ";

    /** Before what the compilation of Slurm does next. */
    private static final String PHASE = "slurm-source: ";

    private final Progress progress;
    private @Nullable String slurm;

    BuildShown(Progress progress) {
      this.progress = progress;
    }

    /** The version of Slurm in the image; empty when the engine's cache had it. */
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
