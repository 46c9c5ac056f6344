/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.spec;

import io.github.slurmmaven.report.InvalidParameterException;
import java.util.regex.Pattern;

/** What single values must look like, whether they come as a parameter or from a file. */
final class Checks {

  /** Below this, munged, slurmctld, slurmd, sshd and a job do not fit together. */
  static final int MINIMAL_MEMORY = 128;

  /** The Compose specification's project name, within what a host name can hold. */
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,39}");

  private static final Pattern IPV4 =
      Pattern.compile("((25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.(?!$)|$)){4}");

  /** A reference as the distribution project's grammar has it, less the digest's own grammar. */
  private static final Pattern IMAGE =
      Pattern.compile(
          "[a-zA-Z0-9][a-zA-Z0-9.-]*(:\\d{1,5})?(/[a-z0-9][a-z0-9._-]*)*"
              + "(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@[a-z0-9]+:[0-9a-f]{32,})?");

  private Checks() {}

  static String name(String parameter, String name) {
    if (!NAME.matcher(name).matches()) {
      throw new InvalidParameterException(
          parameter,
          name,
          "is not a name: use 1 to 40 lower-case letters, digits, '-' and '_', beginning with a"
              + " letter or digit");
    }
    return name;
  }

  static int port(String parameter, int port) {
    if (port < 0 || port > 65535) {
      throw new InvalidParameterException(
          parameter, port, "is not a port: use 1 to 65535, or 0 for any free port");
    }
    return port;
  }

  static int atLeast(String parameter, int value, int minimum) {
    if (value < minimum) {
      throw new InvalidParameterException(
          parameter, value, "is too small: use " + minimum + " or more");
    }
    return value;
  }

  static String bindAddress(String parameter, String address) {
    if (!IPV4.matcher(address).matches()) {
      throw new InvalidParameterException(
          parameter,
          address,
          "is not an IPv4 address: use 127.0.0.1 (this machine only) or an address of this machine");
    }
    return address;
  }

  static String image(String parameter, String reference) {
    if (!IMAGE.matcher(reference).matches()) {
      throw new InvalidParameterException(
          parameter, reference, "is not an image reference: use [registry/]name[:tag]");
    }
    return reference;
  }
}
