/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import java.io.IOException;
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
final class SocketProxy {

  private final List<Channel> channels = new CopyOnWriteArrayList<>();
  private volatile boolean isCut;

  private SocketProxy() {}

  static SocketProxy start(Path listen, Path target) throws IOException {
    SocketProxy proxy = new SocketProxy();
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(listen));
    proxy.channels.add(server);
    run(
        () -> {
          while (true) {
            SocketChannel client = server.accept();
            SocketChannel engine = SocketChannel.open(UnixDomainSocketAddress.of(target));
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

  /** Closes all connections, and takes no more. */
  void cut() {
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
