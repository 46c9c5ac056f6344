/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.embedded;

import java.util.List;
import java.util.function.Predicate;
import org.apache.sshd.common.channel.Channel;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.channel.ChannelSessionFactory;
import org.apache.sshd.server.subsystem.SubsystemFactory;
import org.apache.sshd.sftp.SftpModuleProperties;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;

/**
 * Makes servers of Apache MINA SSHD answer as the OpenSSH of a cluster of containers does: which
 * variables of a client are taken, where its tunnels lead, and the error codes of SFTP.
 */
public final class OpenSsh {

  private OpenSsh() {}

  /**
   * Makes a server that has not started answer as OpenSSH does. Its channels for commands and
   * shells are {@link SessionChannel}s.
   *
   * @param isNode whether a host name is that of a node, all of which are this machine
   */
  public static void imitate(SshServer server, Predicate<String> isNode) {
    server.setChannelFactories(List.of(new SessionChannels(), Tunnels.channels(isNode)));
    Tunnels.allow(server);
    SftpModuleProperties.SFTP_VERSION.set(server, SftpConstants.SFTP_V3);
  }

  /** Makes the SFTP servers. */
  public static SubsystemFactory sftp() {
    return new SftpSubsystemFactory.Builder()
        .withSftpErrorStatusDataHandler(new SftpErrors())
        .withFileSystemAccessor(new SftpFiles())
        .build();
  }

  /** Makes our kind of channel for commands and shells. */
  private static final class SessionChannels extends ChannelSessionFactory {

    @Override
    public Channel createChannel(Session session) {
      return new SessionChannel();
    }
  }
}
