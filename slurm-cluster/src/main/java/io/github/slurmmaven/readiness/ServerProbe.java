/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.SshBanner;
import io.github.slurmmaven.common.Address;
import io.github.slurmmaven.ssh.SshConnection;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Waits until a server, if the cluster has it, answers on its published port by its protocol. */
final class ServerProbe implements Probe {

  /**
   * Short, because a try costs no more than a refused connection, and this probe often passes last.
   */
  private static final Duration POLL = Duration.ofMillis(20);

  /**
   * How long the first try waits for an answer. Each try that gets none doubles the time, so that a
   * slow server gets enough time, and a connection that hangs does not use all of it.
   */
  private static final Duration FIRST_ANSWER = Duration.ofSeconds(2);

  private final String what;
  private final Supplier<Optional<Address>> where;
  private final Look look;
  private final Progress progress;
  private volatile Optional<Address> address = Optional.empty();
  private volatile String waitingFor;

  /** A try. */
  interface Look {
    void at(Address address, Duration limit) throws IOException;
  }

  /** A server will not answer any more. */
  private static final class ServerEndedException extends SlurmClusterException {
    private static final long serialVersionUID = 1L;

    ServerEndedException(SlurmClusterException cause) {
      super(String.valueOf(cause.getMessage()), cause);
    }
  }

  private ServerProbe(
      String what, Supplier<Optional<Address>> where, Look look, Progress progress) {
    this.what = what;
    this.where = where;
    this.look = look;
    this.progress = progress;
    waitingFor = what;
  }

  /**
   * Returns the probe of the cluster's SSH server, which must send its greeting and accept the key.
   *
   * @param hostKey its type and key
   * @param login logs in
   */
  static ServerProbe ssh(
      Supplier<Optional<Address>> where,
      String hostKey,
      Consumer<Address> login,
      Progress progress) {
    return new ServerProbe(
        "SSH",
        where,
        (at, limit) -> {
          SshBanner.expect(at.host(), at.port(), limit, hostKey);
          login.accept(at);
        },
        progress);
  }

  /**
   * Returns the probe of a container registry, which must answer the version check; see the <a
   * href="https://distribution.github.io/distribution/spec/api/">registry API</a>.
   */
  static ServerProbe registry(Supplier<Optional<Address>> where, Progress progress) {
    return new ServerProbe("the registry", where, ServerProbe::checkRegistry, progress);
  }

  /**
   * Returns the probe of slurmrestd.
   *
   * @param check sends its request
   */
  static ServerProbe rest(Supplier<Optional<Address>> where, Look check, Progress progress) {
    return new ServerProbe(
        "slurmrestd",
        where,
        (at, limit) -> {
          try {
            check.at(at, limit);
          } catch (IOException e) {
            requireThere(where);
            throw e;
          }
        },
        progress);
  }

  /**
   * Fails if the server has ended. A server that is not a node of its own has no other such check.
   */
  private static void requireThere(Supplier<Optional<Address>> where) throws IOException {
    try {
      if (where.get().isEmpty()) {
        throw new IOException("its port is no longer published");
      }
    } catch (SlurmClusterException e) {
      throw new ServerEndedException(e);
    }
  }

  private static void checkRegistry(Address address, Duration limit) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection)
            URI.create("http://" + address + "/v2/").toURL().openConnection(Proxy.NO_PROXY);
    connection.setConnectTimeout(Math.toIntExact(limit.toMillis()));
    connection.setReadTimeout(Math.toIntExact(limit.toMillis()));
    try {
      int status = connection.getResponseCode();
      if (status != HttpURLConnection.HTTP_OK) {
        throw new IOException("it answers with HTTP status " + status);
      }
    } finally {
      connection.disconnect();
    }
  }

  @Override
  public void await(Duration timeout) throws InterruptedException {
    address = where.get();
    long deadline = System.nanoTime() + timeout.toNanos();
    OptionalLong otherSince = OptionalLong.empty();
    Duration limit = FIRST_ANSWER;
    while (address.isPresent()) {
      Address at = address.get();
      try {
        look.at(at, limit);
        progress.step("  " + what + " answers on " + at);
        break;
      } catch (SshBanner.OtherServerException e) {
        waitingFor = what + " on " + at + ": " + e.getMessage();
        long now = System.nanoTime();
        if (now - otherSince.orElse(now) >= HopelessWait.LASTING.toNanos()) {
          throw new SlurmClusterException(
              "another program has the SSH port, %s: %s; stop it, or use another port"
                  .formatted(at, e.getMessage()),
              e);
        }
        otherSince = OptionalLong.of(otherSince.orElse(now));
      } catch (SshConnection.LoginRefusedException | ServerEndedException e) {
        // The greeting was this cluster's, so another try would have the same result.
        throw e;
      } catch (SlurmClusterException e) {
        waitingFor = "a login: " + e.getMessage();
        otherSince = OptionalLong.empty();
      } catch (IOException e) {
        waitingFor = what + " on " + at + ": " + e.getMessage();
        otherSince = OptionalLong.empty();
        if (e instanceof SocketTimeoutException) {
          limit = limit.multipliedBy(2);
        }
      }
      if (System.nanoTime() > deadline) {
        throw new SlurmClusterException(
            "%s did not answer within %d s (timeout), still waiting for %s: slurm:logs shows what it wrote"
                .formatted(what, timeout.toSeconds(), waitingFor));
      }
      Thread.sleep(POLL.toMillis());
    }
    waitingFor = "";
  }

  @Override
  public String waitingFor() {
    return waitingFor;
  }

  /** Returns the address at which the server answered; empty when the cluster has none. */
  Optional<Address> address() {
    return address;
  }
}
