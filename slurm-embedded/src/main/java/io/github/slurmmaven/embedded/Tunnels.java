/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.embedded;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.sshd.client.future.DefaultOpenFuture;
import org.apache.sshd.client.future.OpenFuture;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.channel.Channel;
import org.apache.sshd.common.channel.ChannelFactory;
import org.apache.sshd.common.channel.exception.SshChannelOpenException;
import org.apache.sshd.common.forward.DefaultForwarder;
import org.apache.sshd.common.forward.DefaultForwarderFactory;
import org.apache.sshd.common.forward.Forwarder;
import org.apache.sshd.common.io.IoAcceptor;
import org.apache.sshd.common.session.ConnectionService;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.apache.sshd.common.util.net.SshdSocketAddress;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.forward.AcceptAllForwardingFilter;
import org.apache.sshd.server.forward.TcpForwardingFilter;
import org.apache.sshd.server.forward.TcpipServerChannel;

/**
 * Port forwarding of a cluster whose nodes are all this machine: {@code -L} leads to its loopback
 * interface, by that name or a node's, and {@code -R} listens there.
 */
final class Tunnels {

  private static final String LOOPBACK = "127.0.0.1";
  private static final Pattern LOCAL =
      Pattern.compile("localhost|127(\\.\\d{1,3}){3}|::1", Pattern.CASE_INSENSITIVE);

  private Tunnels() {}

  /** Lets the server listen for {@code -R}; {@code -L} needs {@link #channels}, too. */
  static void allow(SshServer server) {
    // The channel refuses other targets, because it knows the nodes.
    server.setForwardingFilter(new AcceptAllForwardingFilter());
    server.setForwarderFactory(new Listeners());
  }

  /**
   * Returns the factory of channels for {@code -L}.
   *
   * @param isNode whether a host name is a node's
   */
  static ChannelFactory channels(Predicate<String> isNode) {
    return new Channels(isNode);
  }

  private record Channels(Predicate<String> isNode) implements ChannelFactory {

    @Override
    public String getName() {
      return TcpForwardingFilter.Type.Direct.getName();
    }

    @Override
    public Channel createChannel(Session session) {
      return new Outgoing(isNode);
    }
  }

  /** A connection to the client's target. */
  private static final class Outgoing extends TcpipServerChannel {

    private final Predicate<String> isNode;

    Outgoing(Predicate<String> isNode) {
      super(TcpForwardingFilter.Type.Direct, null);
      this.isNode = isNode;
    }

    private Optional<String> target(String host) {
      if (LOCAL.matcher(host).matches()) {
        return Optional.of(host);
      }
      return isNode.test(host) ? Optional.of(LOOPBACK) : Optional.empty();
    }

    @Override
    protected OpenFuture doInit(Buffer buffer) {
      String host = buffer.getString();
      Optional<String> target = target(host);
      if (target.isEmpty()) {
        OpenFuture refused = new DefaultOpenFuture(this, this);
        refused.setException(
            new SshChannelOpenException(
                getChannelId(),
                SshConstants.SSH_OPEN_ADMINISTRATIVELY_PROHIBITED,
                host + " is neither localhost nor a node of this cluster"));
        close(true);
        return refused;
      }
      Buffer request = new ByteArrayBuffer();
      request.putString(target.get());
      request.putBuffer(buffer);
      return super.doInit(request);
    }
  }

  /** Creates the listeners for {@code -R}. */
  private static final class Listeners extends DefaultForwarderFactory {

    @Override
    public Forwarder create(ConnectionService service) {
      Forwarder forwarder = new Loopback(service);
      forwarder.addPortForwardingEventListenerManager(this);
      return forwarder;
    }
  }

  /**
   * Listens on the loopback interface, even if the client names another address, as OpenSSH does.
   */
  private static final class Loopback extends DefaultForwarder {

    Loopback(ConnectionService service) {
      super(service);
    }

    @Override
    protected InetSocketAddress doBind(SshdSocketAddress address, IoAcceptor acceptor)
        throws IOException {
      return super.doBind(new SshdSocketAddress(LOOPBACK, address.getPort()), acceptor);
    }
  }
}
