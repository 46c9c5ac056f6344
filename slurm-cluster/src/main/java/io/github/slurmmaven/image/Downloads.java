/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.Sha256;
import io.github.slurmmaven.common.UserCache;
import io.github.slurmmaven.definition.Archive;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * Fetches archives for images. A download is kept in {@code ~/.cache/slurm-maven-plugin/downloads}
 * and not fetched again.
 */
final class Downloads {

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

  /** How long a server may send nothing. A whole archive has no time limit. */
  private static final Duration SILENCE_LIMIT = Duration.ofMinutes(2);

  private static final int OK = 200;

  private final Optional<Path> kept;
  private final Duration silenceLimit;

  /**
   * @param environment variables with the place of the user's cache
   */
  Downloads(Map<String, String> environment) {
    this(environment, SILENCE_LIMIT);
  }

  Downloads(Map<String, String> environment, Duration silenceLimit) {
    this.silenceLimit = silenceLimit;
    kept = UserCache.directory(environment).map(cache -> cache.resolve("downloads"));
  }

  /**
   * Returns the content of an archive.
   *
   * @param digestParameter the parameter with its digest
   * @param isRight whether content is such an archive; other content is returned, but not kept
   * @throws IOException whose message follows "could not be fetched from …:"
   * @throws UserMistakeException when the digest differs
   */
  byte[] fetch(Archive archive, String digestParameter, Predicate<byte[]> isRight)
      throws IOException {
    try {
      return checked(archive, digestParameter, content(archive, isRight));
    } catch (HttpTimeoutException e) {
      // The exception of the JDK's client has no message.
      throw new IOException("no answer in time", e);
    } catch (ConnectException e) {
      throw new IOException("the server cannot be reached", e);
    } catch (IOException e) {
      throw new IOException(FileFailure.of(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlurmClusterException("Interrupted while fetching " + archive.url(), e);
    }
  }

  private byte[] content(Archive archive, Predicate<byte[]> isRight)
      throws IOException, InterruptedException {
    if (!archive.url().matches("(?i)https?://.*")) {
      return read(Path.of(archive.url()));
    }
    Optional<Path> file = kept.map(directory -> directory.resolve(Sha256.of(archive.url())));
    if (file.isPresent() && Files.exists(file.get())) {
      byte[] before = Files.readAllBytes(file.get());
      if (hasDigest(archive, before)) {
        return before;
      }
    }
    byte[] content = get(archive.url());
    // A proxy may answer with a page, which must not be kept instead of the archive.
    if (file.isPresent() && hasDigest(archive, content) && isRight.test(content)) {
      keep(file.get(), content);
    }
    return content;
  }

  private static byte[] read(Path file) throws IOException {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new IOException("the file does not exist", e);
    }
  }

  private byte[] get(String url) throws IOException, InterruptedException {
    HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT_LIMIT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .proxy(ProxySelector.getDefault())
            .build();
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    AtomicLong heard = new AtomicLong(System.nanoTime());
    CompletableFuture<HttpResponse<Void>> answer =
        client.sendAsync(
            HttpRequest.newBuilder(URI.create(url)).timeout(silenceLimit).build(),
            HttpResponse.BodyHandlers.ofByteArrayConsumer(
                part -> {
                  heard.set(System.nanoTime());
                  part.ifPresent(content::writeBytes);
                }));
    int status = awaited(answer, heard).statusCode();
    if (status != OK) {
      throw new IOException("the server answers with status " + status);
    }
    return content.toByteArray();
  }

  /** Waits for a response. The request's own limit covers only the headers. */
  private HttpResponse<Void> awaited(CompletableFuture<HttpResponse<Void>> answer, AtomicLong heard)
      throws IOException, InterruptedException {
    while (true) {
      long rest = heard.get() + silenceLimit.toNanos() - System.nanoTime();
      try {
        return answer.get(Math.max(rest, 0), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        if (System.nanoTime() - heard.get() >= silenceLimit.toNanos()) {
          answer.cancel(true);
          throw new HttpTimeoutException("stalled");
        }
      } catch (ExecutionException e) {
        throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
      }
    }
  }

  /**
   * Keeps an archive. Two builds may do so at the same time: each moves a complete file there. If
   * it cannot be kept, the next build fetches the archive again.
   */
  private static void keep(Path file, byte[] content) {
    try {
      Path directory = Files.createDirectories(file.toAbsolutePath().getParent());
      Path part = Files.createTempFile(directory, file.getFileName().toString(), ".part");
      try {
        Files.write(part, content);
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      // The archive itself was fetched, so a read-only home directory is not a failure.
    }
  }

  private static boolean hasDigest(Archive archive, byte[] content) {
    return archive.sha256().isEmpty() || archive.sha256().get().equals(Sha256.of(content));
  }

  private static byte[] checked(Archive archive, String digestParameter, byte[] content) {
    if (!hasDigest(archive, content)) {
      throw new UserMistakeException(
          "%s has the SHA-256 %s, not %s, the value of %s: is it another version?"
              .formatted(
                  archive.url(),
                  Sha256.of(content),
                  archive.sha256().orElseThrow(),
                  digestParameter));
    }
    return content;
  }
}
