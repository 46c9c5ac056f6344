/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.ClockFile;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Quoted;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Checks single values of parameters and documents. A value that passes keeps its meaning in YAML,
 * slurm.conf and a shell.
 */
final class Checks {

  /** Megabytes that munged, slurmctld, slurmd, sshd and a job need together. */
  private static final int MINIMAL_MEMORY = 128;

  /** Slurm stores CPUs in 16 bits, whose last values have special meanings. */
  private static final int MOST_CPUS = 65_533;

  /** Linux limits an argument to 128 KiB, including the final NUL. */
  private static final int LONGEST_COMMAND = 100_000;

  /** PATH_MAX of Linux. */
  private static final int LONGEST_PATH = 4096;

  private static final int LONGEST_IMAGE = 255;

  /** The root directory, and paths with the parts . and .. */
  private static final Pattern NO_PATH = Pattern.compile("^/+$|(^|/)\\.{1,2}(/|$)");

  /** A project name of the Compose specification that is also valid as Slurm's ClusterName. */
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,39}");

  /** The name of a node, valid in slurm.conf, /etc/hosts and Compose. */
  static final Pattern HOST_NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?");

  private static final Pattern PARTITION = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.+@-]{0,62}");

  /** In slurm.conf, a line with this name sets defaults for the nodes or partitions after it. */
  private static final String DEFAULTS = "default";

  /** The name of a user that sacctmgr accepts and does not change. */
  static final Pattern ACCOUNT_USER = Pattern.compile("[a-z0-9_][a-z0-9_.@-]{0,63}");

  /** The name of an account or QOS that sacctmgr accepts and does not change. */
  private static final Pattern SLURM_NAME = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,39}");

  private static final Pattern USER_NAME = Pattern.compile("[a-z_][a-z0-9_-]{0,30}");

  /** Accounts and groups that Debian already has. */
  private static final Set<String> SYSTEM_USERS =
      Set.of(
          "root",
          "slurm",
          "slurmrestd",
          "munge",
          "sshd",
          "nobody",
          "daemon",
          "bin",
          "sys",
          "sync",
          "games",
          "man",
          "lp",
          "mail",
          "news",
          "uucp",
          "proxy",
          "www-data",
          "backup",
          "list",
          "irc",
          "_apt",
          "adm",
          "tty",
          "disk",
          "kmem",
          "dialout",
          "fax",
          "voice",
          "cdrom",
          "floppy",
          "tape",
          "sudo",
          "audio",
          "dip",
          "operator",
          "enroot",
          "src",
          "shadow",
          "utmp",
          "video",
          "sasl",
          "plugdev",
          "staff",
          "users",
          "nogroup",
          "crontab",
          "messagebus");

  /**
   * The name of a Debian package, without a final hyphen, with which apt would remove the package.
   */
  private static final Pattern PACKAGE = Pattern.compile("[a-z0-9][a-z0-9+.-]{0,99}[a-z0-9+.]");

  private static final Pattern GPU_TYPE =
      Pattern.compile("(?!no_consume$)[A-Za-z0-9][A-Za-z0-9_.-]{0,62}");

  private static final Pattern OPTION = Pattern.compile("[A-Za-z]{2,40}");

  /** No white space, no comment, no control character. */
  private static final Pattern WORD = Pattern.compile("[\\p{Graph}&&[^#\"'\\\\]]{1,1023}");

  /** A word that Slurm does not read as a list of words. */
  private static final Pattern FEATURE = Pattern.compile("[\\p{Graph}&&[^#\"'\\\\,]]{1,255}");

  private static final Pattern LINE = Pattern.compile("[\\P{Cntrl}\\t]{0,1023}[^\\p{Cntrl}\\\\]");

  /** Slurm's time notations: https://slurm.schedmd.com/sbatch.html#OPT_time. */
  private static final Pattern TIME =
      Pattern.compile("UNLIMITED|INFINITE|(\\d{1,5}-)?\\d{1,9}(:\\d{1,9}){0,2}");

  private static final Pattern IPV4 =
      Pattern.compile("((25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.(?!$)|$)){4}");

  /**
   * An image reference by the grammar of the distribution project, except the digest's own grammar.
   */
  private static final Pattern IMAGE =
      Pattern.compile(
          "[a-zA-Z0-9][a-zA-Z0-9.-]*(:\\d{1,5})?(/[a-z0-9][a-z0-9._-]*)*"
              + "(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@[a-z0-9]+:[0-9a-f]{32,})?");

  private static final Pattern REPOSITORY =
      Pattern.compile(
          "([a-zA-Z0-9][a-zA-Z0-9.-]*(:\\d{1,5})?/)?"
              + "[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*");

  private static final String NOT_AN_ARCHIVE =
      "is not where a file can be fetched: use an http or https URL without a password, a file: URL"
          + " or a path";

  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

  private static final Pattern WEB = Pattern.compile("(?i)https?://.*");

  private Checks() {}

  static String name(String parameter, String name) {
    return matching(
        NAME,
        parameter,
        name,
        "is not a name: use 1 to 40 lower-case letters, digits, '-' and '_', beginning with a"
            + " letter or digit");
  }

  static String hostName(String parameter, String name) {
    return matching(
        HOST_NAME,
        parameter,
        ofNobodyElse(parameter, name),
        "is not a name: use letters, digits, '-', '_' and '.', beginning and ending with a letter"
            + " or digit, 63 at most");
  }

  static String partition(String parameter, String name) {
    return matching(
        PARTITION,
        parameter,
        ofNobodyElse(parameter, name),
        "is not a name: use letters, digits, '-', '_', '.', '+' and '@', beginning with a letter or"
            + " digit, 63 at most");
  }

  private static String ofNobodyElse(String parameter, String name) {
    if (name.equalsIgnoreCase(DEFAULTS)) {
      throw new InvalidParameterException(
          parameter, name, "means something else to Slurm: use another name");
    }
    return name;
  }

  static String userName(String parameter, String name) {
    if (SYSTEM_USERS.contains(name)) {
      throw new InvalidParameterException(
          parameter, name, "is an account of every node already: use another name");
    }
    return matching(
        USER_NAME,
        parameter,
        name,
        "is not a user name: use lower-case letters, digits, '-' and '_', beginning with a letter,"
            + " 31 at most, and a uid behind a colon, as in ci:1001");
  }

  /** Checks the name of a user in slurmdbd, who need not exist on the nodes. */
  static String accountUser(String parameter, String name) {
    return matching(
        ACCOUNT_USER,
        parameter,
        name,
        "is not the name of a user in accounting: use lower-case letters, digits, '-', '_', '.' and"
            + " '@', beginning with a letter, digit or '_', 64 at most");
  }

  /** Checks the name of an account or of a quality of service. */
  static String slurmName(String parameter, String name) {
    return matching(
        SLURM_NAME,
        parameter,
        name,
        "is not a name: use lower-case letters, digits, '-', '_' and '.', beginning with a letter"
            + " or digit, 40 at most");
  }

  static String gpuType(String parameter, String type) {
    return matching(
        GPU_TYPE, parameter, type, "is not a GPU type: use letters and digits, as in a100");
  }

  static String time(String parameter, String time) {
    return matching(
        TIME,
        parameter,
        time,
        "is not a time limit: use minutes, [days-]hours:minutes:seconds or UNLIMITED");
  }

  static String word(String parameter, String word) {
    return matching(WORD, parameter, word, "is not one word: leave out white space, quotes and #");
  }

  static String feature(String parameter, String feature) {
    return matching(
        FEATURE,
        parameter,
        feature,
        "is not one feature: leave out white space, quotes, commas and #");
  }

  static String line(String parameter, String line) {
    return text(
        parameter, matching(LINE, parameter, line, "is not one line of a configuration file"));
  }

  /** Checks a command, which bash gets as one argument. */
  static String command(String parameter, String command) {
    if (command.getBytes(StandardCharsets.UTF_8).length > LONGEST_COMMAND) {
      throw new InvalidParameterException(
          parameter,
          command,
          "is longer than " + LONGEST_COMMAND + " bytes: copy a script with files, and run that");
    }
    return text(parameter, command);
  }

  /** Checks a text for a file or an argument of a program. */
  private static String text(String parameter, String text) {
    if (text.indexOf('\0') >= 0 || !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new InvalidParameterException(parameter, text, "has a character that no text can have");
    }
    return text;
  }

  static Map<String, String> options(String parameter, Map<String, String> options) {
    options.forEach(
        (key, value) -> {
          matching(OPTION, parameter, key, "is not an option of slurm.conf");
          word(parameter + "." + key, value);
        });
    return options;
  }

  /** Returns an existing path of the host as an absolute path. */
  static String absolutePath(String parameter, String path, Path directory) {
    try {
      return directory.resolve(path).toAbsolutePath().normalize().toString();
    } catch (InvalidPathException e) {
      throw new InvalidParameterException(parameter, path, "is not a path of this machine");
    }
  }

  static String hostPath(String parameter, String path, Path directory) {
    String absolute = absolutePath(parameter, path, directory);
    if (!Files.exists(Path.of(absolute))) {
      throw new InvalidParameterException(
          parameter,
          path,
          "does not exist on this machine (" + Quoted.plain(absolute) + "): create it first");
    }
    return absolute;
  }

  static String nodePath(String parameter, String path) {
    if (!path.startsWith("/")
        || path.chars().anyMatch(Character::isISOControl)
        || path.contains(":")
        || path.length() > LONGEST_PATH
        || NO_PATH.matcher(path).find()) {
      throw new InvalidParameterException(
          parameter, path, "is not an absolute path of a node, as in /data");
    }
    return text(parameter, path);
  }

  static int clockSpeed(String parameter, int speed) {
    if (speed < 1 || speed > ClockFile.FASTEST) {
      throw new InvalidParameterException(
          parameter,
          speed,
          "is not a speed: use 1 to %d seconds of the cluster for each of the machine"
              .formatted(ClockFile.FASTEST));
    }
    return speed;
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

  /** Checks a number of nodes, before they are created. */
  static int nodes(String parameter, int count, int minimum) {
    if (count > ClusterDefinition.MOST_NODES) {
      throw new InvalidParameterException(
          parameter,
          count,
          "is too large: a cluster can have %d nodes".formatted(ClusterDefinition.MOST_NODES));
    }
    return atLeast(parameter, count, minimum);
  }

  /** Checks the processors of a node. */
  static int cpus(String parameter, int cpus) {
    if (cpus > MOST_CPUS) {
      throw new InvalidParameterException(
          parameter, cpus, "is too large: use " + MOST_CPUS + " or fewer, as Slurm does");
    }
    return atLeast(parameter, cpus, 1);
  }

  /** Checks the megabytes of a node. */
  static int memory(String parameter, int megabytes) {
    if (megabytes < MINIMAL_MEMORY) {
      throw new InvalidParameterException(
          parameter, megabytes, "is too small: use " + MINIMAL_MEMORY + " MB or more");
    }
    return megabytes;
  }

  static String bindAddress(String parameter, String address) {
    return matching(
        IPV4,
        parameter,
        address,
        "is not an IPv4 address: use 127.0.0.1 (this machine only) or an address of this machine");
  }

  static String image(String parameter, String reference) {
    if (reference.length() > LONGEST_IMAGE) {
      throw new InvalidParameterException(
          parameter, reference, "is longer than the name of an image can be");
    }
    return matching(
        IMAGE, parameter, reference, "is not an image reference: use [registry/]name[:tag]");
  }

  /** Checks the repository of published images, or the word for none. */
  static String imageRepository(String parameter, String name) {
    if (name.length() > LONGEST_IMAGE) {
      throw new InvalidParameterException(
          parameter, name, "is longer than the name of a repository can be");
    }
    return matching(
        REPOSITORY,
        parameter,
        name,
        "is not a repository of images: use [registry/]name without a tag, or "
            + ClusterDefinition.NO_REPOSITORY
            + " to build images and never pull them");
  }

  static String packageName(String parameter, String name) {
    return matching(
        PACKAGE,
        parameter,
        name,
        "is not the name of a Debian package: use lower-case letters, digits, +, - and ., for"
            + " example openmpi-bin");
  }

  /**
   * Returns an http(s) URL, or a file of the host as an absolute path. The file need not exist yet.
   */
  static String archive(String parameter, String place, Path directory) {
    try {
      if (WEB.matcher(place).matches()) {
        URI url = new URI(place.replace(PyxisDefinition.ARCHITECTURE, ""));
        if (url.getHost() != null && url.getRawUserInfo() == null) {
          return place;
        }
      } else if (place.startsWith("file:")) {
        return Path.of(new URI(place)).toString();
      } else if (!place.isBlank() && !place.contains("://")) {
        return directory.resolve(place).toAbsolutePath().normalize().toString();
      }
    } catch (URISyntaxException | IllegalArgumentException | FileSystemNotFoundException e) {
      throw new InvalidParameterException(parameter, place, NOT_AN_ARCHIVE);
    }
    throw new InvalidParameterException(parameter, place, NOT_AN_ARCHIVE);
  }

  static String sha256(String parameter, String digest) {
    return matching(
        SHA_256,
        parameter,
        digest,
        "is not a SHA-256 digest: use 64 lower-case hexadecimal digits");
  }

  private static String matching(Pattern pattern, String parameter, String value, String problem) {
    if (!pattern.matcher(value).matches()) {
      throw new InvalidParameterException(parameter, value, problem);
    }
    return value;
  }
}
