/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.api.command.BuildImageCmd;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.AuthConfigurations;
import com.github.dockerjava.api.model.Image;
import com.github.dockerjava.api.model.PullResponseItem;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineException.Kind;
import io.github.slurmmaven.engine.EngineProgress;
import io.github.slurmmaven.engine.ImageBuild;
import io.github.slurmmaven.engine.ProjectBuild;
import io.github.slurmmaven.engine.endpoint.DockerCliConfig;
import io.github.slurmmaven.engine.endpoint.RegistryCredentials.Credentials;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Requests about images. */
final class Images {

  private final EngineConnection engine;

  Images(EngineConnection engine) {
    this.engine = engine;
  }

  Optional<String> find(String reference) {
    return engine.ask(
        "cannot look for image " + reference,
        () -> {
          try {
            return Optional.of(engine.client().inspectImageCmd(reference).exec().getId());
          } catch (NotFoundException e) {
            return Optional.empty();
          }
        });
  }

  List<String> list(String repository) {
    return engine.ask(
        "cannot list the images of " + repository,
        () ->
            engine.client().listImagesCmd().withReferenceFilter(repository).exec().stream()
                .map(Image::getRepoTags)
                .filter(Objects::nonNull)
                .flatMap(Arrays::stream)
                .map(Names::familiar)
                .filter(reference -> reference.startsWith(repository + ":"))
                .toList());
  }

  void remove(String reference) {
    engine.change(
        "cannot remove image " + reference,
        () -> Requests.unlessGone(() -> engine.client().removeImageCmd(reference).exec()));
  }

  void tag(String reference, String target) {
    tag("cannot tag image " + reference + " as " + target, reference, target);
  }

  private void tag(String doing, String reference, String target) {
    int colon = target.lastIndexOf(':');
    engine.change(
        doing,
        () ->
            engine
                .client()
                .tagImageCmd(reference, target.substring(0, colon), target.substring(colon + 1))
                .exec());
  }

  void pull(String reference, EngineProgress progress) {
    String doing = "cannot pull image " + reference;
    int tagAt = reference.indexOf(':', reference.lastIndexOf('/') + 1);
    boolean digest = reference.contains("@");
    var pull =
        engine
            .client()
            .pullImageCmd(digest || tagAt < 0 ? reference : reference.substring(0, tagAt))
            .withTag(digest ? "" : tagAt < 0 ? "latest" : reference.substring(tagAt + 1));
    DockerCliConfig.read(engine.environment())
        .credentials()
        .forImage(reference)
        .ifPresent(credentials -> pull.withAuthConfig(authConfig(credentials)));
    try (PullOutput output = new PullOutput(progress)) {
      pull.<EngineStream<PullResponseItem>>exec(output);
      engine.awaitEnd(doing, output);
      output
          .error()
          .ifPresent(
              error -> {
                throw new EngineException(pullKind(error), doing + ": " + error, null);
              });
    }
  }

  private static Kind pullKind(String error) {
    Kind kind = Failures.kind(0, error);
    return kind == Kind.OTHER
            && (error.contains("not found")
                || error.contains("does not exist")
                || error.contains("no matching manifest"))
        ? Kind.NOT_FOUND
        : kind;
  }

  void build(ImageBuild build, EngineProgress progress) {
    build(
        build.tag(),
        engine
            .client()
            .buildImageCmd(new ByteArrayInputStream(TarArchive.of(build.files())))
            .withDockerfilePath(build.dockerfile())
            .withTarget(build.target())
            .withLabels(build.labels()),
        build.buildArgs(),
        progress);
  }

  void build(ProjectBuild build, EngineProgress progress) {
    BuildImageCmd command =
        engine
            .client()
            .buildImageCmd(build.dockerfile().toFile())
            .withBaseDirectory(build.context().toFile());
    build.target().ifPresent(command::withTarget);
    build(build.tag(), command, build.buildArgs(), progress);
  }

  private void build(
      String tag, BuildImageCmd command, Map<String, String> buildArgs, EngineProgress progress) {
    String doing = "cannot build image " + tag;
    DockerCliConfig config = DockerCliConfig.read(engine.environment());
    command.withTags(Set.of(tag)).withRemove(true).withForcerm(true);
    config.proxies(engine.endpoint()).forEach(command::withBuildArg);
    buildArgs.forEach(command::withBuildArg);
    AuthConfigurations registries = new AuthConfigurations();
    config.credentials().all(progress::line).values().stream()
        .map(Images::authConfig)
        .forEach(registries::addConfig);
    command.withBuildAuthConfigs(registries);
    try (BuildOutput output = new BuildOutput(progress)) {
      command.exec(output);
      engine.awaitEnd(doing, output);
      output
          .error()
          .ifPresent(
              error -> {
                throw new EngineException(Kind.BUILD_FAILED, doing + ": " + error, null);
              });
    } catch (EngineException e) {
      // The build was refused before its first step: the Dockerfile is missing or cannot be parsed.
      if (e.getCause() instanceof DockerException) {
        throw new EngineException(Kind.BUILD_FAILED, String.valueOf(e.getMessage()), e.getCause());
      }
      throw e;
    }
  }

  List<String> load(InputStream archive) {
    String doing = "cannot load the images of an archive";
    try (LoadOutput output = new LoadOutput()) {
      engine.client().loadImageAsyncCmd(archive).exec(output);
      engine.awaitEnd(doing, output);
      throwIfSaid(doing, output.error());
      return output.names();
    }
  }

  void save(String reference, OutputStream archive) {
    String doing = "cannot save image " + reference;
    try (InputStream tar = engine.client().saveImageCmd(reference).exec()) {
      tar.transferTo(archive);
    } catch (IOException | DockerException e) {
      throw engine.failures().translate(doing, e);
    }
  }

  void push(String reference, String target, EngineProgress progress) {
    String doing = "cannot push image " + reference + " as " + target;
    tag(doing, reference, target);
    try (PushOutput output = new PushOutput(progress)) {
      engine.client().pushImageCmd(target).exec(output);
      engine.awaitEnd(doing, output);
      throwIfSaid(doing, output.error());
    } finally {
      // This must also run after an interrupt, which is set again for the caller.
      boolean interrupted = Thread.interrupted();
      remove(target);
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void throwIfSaid(String doing, Optional<String> error) {
    error.ifPresent(
        words -> {
          throw new EngineException(Kind.OTHER, doing + ": " + words, null);
        });
  }

  private static AuthConfig authConfig(Credentials credentials) {
    AuthConfig config = new AuthConfig().withRegistryAddress(credentials.registry());
    return credentials.identityToken()
        ? config.withIdentityToken(credentials.password())
        : config.withUsername(credentials.username()).withPassword(credentials.password());
  }
}
