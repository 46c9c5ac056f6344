/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import io.github.slurmmaven.client.RestAccess;
import io.github.slurmmaven.common.Address;
import io.github.slurmmaven.readiness.Readiness.RestLogin;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Checks with a user's token which API versions a slurmrestd has, and whether slurmctld accepts the
 * token.
 */
final class RestCheck {

  /** A path of the document, in which slashes may be escaped. */
  private static final Pattern PING =
      Pattern.compile("\"/slurm/(v\\d+\\.\\d+\\.(\\d+))/ping/?\"".replace("/", "\\\\?/"));

  /** Parts of the response to a ping if slurmctld has accepted the token, in all releases. */
  private static final Pattern UP =
      Pattern.compile("\"(?:ping|pinged)\"\\s*:\\s*\"UP\"|\"responding\"\\s*:\\s*true");

  private final Supplier<RestLogin> login;
  private volatile List<String> versions = List.of();

  RestCheck(Supplier<RestLogin> login) {
    this.login = login;
  }

  /**
   * Reads the API versions, which need no slurmctld.
   *
   * @throws IOException when slurmrestd does not answer as expected
   */
  void withoutSlurmctld(Address address, Duration limit) throws IOException {
    versions = versions(get(address, "/openapi/v3", limit));
  }

  /**
   * Pings slurmctld through slurmrestd.
   *
   * @throws IOException when slurmrestd does not answer as expected
   */
  void at(Address address, Duration limit) throws IOException {
    if (versions.isEmpty()) {
      withoutSlurmctld(address, limit);
    }
    String answer = get(address, "/slurm/" + versions.get(versions.size() - 1) + "/ping/", limit);
    if (!UP.matcher(answer).find()) {
      throw new IOException("slurmctld does not answer it");
    }
  }

  /** Returns the API versions, the oldest first; empty before slurmrestd has answered. */
  List<String> versions() {
    return versions;
  }

  static List<String> versions(String document) throws IOException {
    List<String> versions =
        PING.matcher(document)
            .results()
            .sorted(Comparator.comparing((MatchResult found) -> Integer.valueOf(found.group(2))))
            .map(found -> found.group(1))
            .distinct()
            .toList();
    if (versions.isEmpty()) {
      throw new IOException("its OpenAPI document has no API version with a ping");
    }
    return versions;
  }

  private String get(Address address, String path, Duration limit) throws IOException {
    RestLogin user = login.get();
    HttpURLConnection connection =
        (HttpURLConnection)
            URI.create("http://" + address + path).toURL().openConnection(Proxy.NO_PROXY);
    connection.setConnectTimeout(Math.toIntExact(limit.toMillis()));
    connection.setReadTimeout(Math.toIntExact(limit.toMillis()));
    connection.setRequestProperty(RestAccess.USER_HEADER, user.user());
    connection.setRequestProperty(RestAccess.TOKEN_HEADER, user.token());
    try {
      int status = connection.getResponseCode();
      if (status != HttpURLConnection.HTTP_OK) {
        throw new IOException("it answers %s with HTTP status %d".formatted(path, status));
      }
      try (InputStream body = connection.getInputStream()) {
        return new String(body.readAllBytes(), StandardCharsets.UTF_8);
      }
    } finally {
      connection.disconnect();
    }
  }
}
