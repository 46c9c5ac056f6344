/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands between client and engine until it is cut. */
public final class SocketProxy {

  private final List<Channel> channels = new CopyOnWriteArrayList<>();
  private volatile boolean isCut;

  private SocketProxy() {}

  static SocketProxy start(Path listen, Path target) throws IOException {
    return start(
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            .bind(UnixDomainSocketAddress.of(listen)),
        UnixDomainSocketAddress.of(target));
  }

  /** A socket that leads to a port of this machine. */
  static SocketProxy start(Path listen, int port) throws IOException {
    return start(
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            .bind(UnixDomainSocketAddress.of(listen)),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  /**
   * The engine of these tests at an address of the loopback interface that is not this machine's
   * usual one: what is there counts as another machine's.
   *
   * @param host the address
   */
  public static SocketProxy elsewhere(String host) throws IOException {
    return start(
        ServerSocketChannel.open().bind(new InetSocketAddress(host, 0)),
        UnixDomainSocketAddress.of(RawClient.SOCKET.getPath()));
  }

  /** A tunnel from one port to another. */
  public static SocketProxy between(InetSocketAddress listen, InetSocketAddress target)
      throws IOException {
    return start(ServerSocketChannel.open().bind(listen), target);
  }

  private static SocketProxy start(ServerSocketChannel server, SocketAddress target) {
    SocketProxy proxy = new SocketProxy();
    proxy.channels.add(server);
    run(
        () -> {
          while (true) {
            SocketChannel client = server.accept();
            SocketChannel engine = SocketChannel.open(target);
            proxy.channels.add(client);
            proxy.channels.add(engine);
            if (proxy.isCut) {
              // It came in while the others were closed.
              proxy.cut();
            }
            run(() -> copy(client, engine));
            run(() -> copy(engine, client));
          }
        });
    return proxy;
  }

  /** Where it listens, when that is a port. */
  public int port() throws IOException {
    return ((InetSocketAddress) ((ServerSocketChannel) channels.get(0)).getLocalAddress())
        .getPort();
  }

  /** Closes all connections, and takes no more. */
  public void cut() {
    isCut = true;
    for (Channel channel : channels) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static void copy(SocketChannel from, SocketChannel to) throws IOException {
    try (from;
        to) {
      ByteBuffer buffer = ByteBuffer.allocate(8192);
      while (from.read(buffer) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
        buffer.clear();
      }
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void run(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                // Cut, or closed by one of the two ends.
              }
            },
            "socket-proxy");
    thread.setDaemon(true);
    thread.start();
  }
}
