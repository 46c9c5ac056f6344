/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Access to a cluster's slurmrestd: its address, and users with their tokens.
 *
 * <pre>{@code
 * HttpResponse<String> jobs =
 *     HttpClient.newHttpClient()
 *         .send(rest.request("/slurm/{version}/jobs").build(), BodyHandlers.ofString());
 * }</pre>
 *
 * @param url address of slurmrestd, for example {@code http://127.0.0.1:6820}
 * @param user the user who logs in
 * @param token that user's token, which is valid as long as the cluster's key
 * @param userTokens tokens of the other users, by name
 * @param versions API versions of this Slurm, the oldest first
 */
public record RestAccess(
    URI url, String user, String token, Map<String, String> userTokens, List<String> versions) {

  /** The header with the user's name. */
  public static final String USER_HEADER = "X-SLURM-USER-NAME";

  /** The header with the token. */
  public static final String TOKEN_HEADER = "X-SLURM-USER-TOKEN";

  private static final String VERSION = "{version}";

  public RestAccess {
    userTokens = Map.copyOf(userTokens);
    versions = List.copyOf(versions);
    if (versions.isEmpty()) {
      throw new IllegalArgumentException("a slurmrestd speaks at least one API version");
    }
  }

  /** Returns the newest API version of this Slurm, for example {@code v0.0.42}. */
  public String version() {
    return versions.get(versions.size() - 1);
  }

  /**
   * Returns the access of another user of the cluster.
   *
   * @throws UserMistakeException when the cluster has no such user
   */
  public RestAccess as(String other) {
    if (other.equals(user)) {
      return this;
    }
    String theirs = userTokens.get(other);
    if (theirs == null) {
      throw new UserMistakeException(
          "The cluster has no token of user '%s': name one of %s, or add the user to the cluster (users)"
              .formatted(other, users()));
    }
    Map<String, String> others = new TreeMap<>(userTokens);
    others.remove(other);
    others.put(user, token);
    return new RestAccess(url, other, theirs, others, versions);
  }

  private String users() {
    Map<String, String> all = new TreeMap<>(userTokens);
    all.put(user, token);
    return String.join(", ", all.keySet());
  }

  /**
   * Returns a request with the headers of slurmrestd, in HTTP/1.1. Java's client offers HTTP/2 by
   * default, and slurmrestd then closes the connection in the middle of its response.
   *
   * @param path path from the root, in which {@code {version}} is the newest API version: for
   *     example {@code /slurm/{version}/jobs}
   */
  public HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(url.resolve(path.replace(VERSION, version())))
        .version(HttpClient.Version.HTTP_1_1)
        .header(USER_HEADER, user)
        .header(TOKEN_HEADER, token);
  }

  /** Returns everything except the tokens, which must not be in any log. */
  @Override
  public String toString() {
    return "RestAccess[url=%s, user=%s, versions=%s]".formatted(url, user, versions);
  }
}
