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
 * Makes servers of Apache MINA SSHD behave like OpenSSH in a cluster of containers: the accepted
 * variables of a client, the targets of tunnels, and the error codes of SFTP.
 */
public final class OpenSsh {

  private OpenSsh() {}

  /**
   * Makes a server that has not started behave like OpenSSH. Its channels for commands and shells
   * are {@link SessionChannel}s.
   *
   * @param isNode whether a host name is a node's; all nodes are this machine
   */
  public static void imitate(SshServer server, Predicate<String> isNode) {
    server.setChannelFactories(List.of(new SessionChannels(), Tunnels.channels(isNode)));
    Tunnels.allow(server);
    SftpModuleProperties.SFTP_VERSION.set(server, SftpConstants.SFTP_V3);
  }

  /** Returns the factory of SFTP servers. */
  public static SubsystemFactory sftp() {
    return new SftpSubsystemFactory.Builder()
        .withSftpErrorStatusDataHandler(new SftpErrors())
        .withFileSystemAccessor(new SftpFiles())
        .build();
  }

  /** Creates channels for commands and shells. */
  private static final class SessionChannels extends ChannelSessionFactory {

    @Override
    public Channel createChannel(Session session) {
      return new SessionChannel();
    }
  }
}
