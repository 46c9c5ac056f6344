/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.hostile;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Texts that mean something to one of the languages that a cluster's files and commands are written
 * in. The same seed gives the same texts; {@code -Dhostile.seed=…} repeats a run.
 */
public final class HostileText {

  /** Each is tried alone in every field, and within other texts. */
  public static final List<String> PIECES =
      List.of(
          // shells
          "$(touch pwned)",
          "`touch pwned`",
          "$HOME",
          "${HOME}",
          "$'\\n'",
          "'; touch pwned; '",
          "\"; touch pwned; \"",
          "a b",
          "a && b",
          "a|b",
          "a;b",
          "a>b",
          "a&",
          "*",
          "?",
          "~",
          "~root",
          "!x",
          "\\",
          "'",
          "\"",
          "-",
          "--",
          "-rf",
          "--help",
          // Maven, Compose, Velocity
          "${project.version}",
          "@project.version@",
          "${SLURM_MAVEN_SUBNET}",
          "${X:-y}",
          "${X:?y}",
          "$$",
          "$",
          "$X",
          "${",
          "#set($x = 1)",
          "#end",
          "#foreach($x in [1..9])x#end",
          "#include('/etc/passwd')",
          "$spec",
          "$spec.name()",
          "$!x",
          "##",
          "#*",
          "*#",
          "#[[x]]#",
          // YAML
          "null",
          "Null",
          "true",
          "yes",
          "on",
          "0x1f",
          "1e3",
          "012",
          "1:00:00",
          "2001-01-01",
          ".inf",
          "- a",
          "a: b",
          "a:",
          ": a",
          "&a",
          "*a",
          "<<",
          "!!python/object:x",
          "!!java.net.URL [x]",
          "!x y",
          "%YAML 1.1",
          "---",
          "...",
          "{a: b}",
          "[a, b]",
          "a #b",
          "# a",
          "@a",
          "|",
          ">",
          ">-",
          "? a",
          // slurm.conf, gres.conf
          "a,b",
          "a=b",
          "a State=DOWN",
          "a Weight=1",
          "x\nEpilog=/tmp/pwned",
          "x\r\nEpilog=/tmp/pwned",
          "x\\",
          "DEFAULT",
          "default",
          "ALL",
          "all",
          "NodeName=x",
          "Include /etc/shadow",
          "gpu:1",
          "no_consume",
          "%n",
          "%%",
          "[0-3]",
          "n[0-3]",
          "n[",
          "n]",
          // lines and characters
          "",
          " ",
          " a",
          "a ",
          "\t",
          "a\tb",
          "\n",
          "\r",
          "a\nb",
          "a\rb",
          "\0",
          "a\0b",
          "\u0007",
          "\u001b[31m",
          "\u007f",
          "\u0085",
          "\u00a0",
          "\u2028",
          "\u2029",
          "\ufeff",
          "\ufffe",
          "\u200b",
          "\u202e",
          "\u00e4\u00df",
          "\ud83d\ude00",
          "\ud83d",
          "\udc00",
          // paths and places
          "..",
          "../..",
          "/..",
          "/a/../b",
          "/a/./b",
          "//a",
          "/",
          "/a/",
          "a/b",
          "/a:b",
          "C:\\x",
          "file:///etc/passwd",
          "file:x",
          "http://u:p@h/x",
          "https://h/x?y=$(z)&w",
          "https://h/{arch}",
          "jar:file:x!/y",
          "a@b",
          "a:b",
          "a:b:c",
          "registry:5000/x",
          "localhost",
          "registry",
          "any4",
          "0",
          "-1",
          "999999999999999999999",
          "127.0.0.1",
          "0.0.0.0",
          "::1",
          "127.0.0.1:22",
          "UNLIMITED");

  private static final int LONG = 100_000;

  private final Random random;

  public HostileText(long seed) {
    this.random = new Random(seed);
  }

  public static long seed() {
    return Long.getLong("hostile.seed", System.nanoTime());
  }

  /** A piece within a text that is allowed, or some pieces in a row, or something very long. */
  public String next(String allowed) {
    int kind = random.nextInt(200);
    if (kind == 0) {
      return piece().repeat(3) + "a".repeat(LONG);
    }
    if (kind < 120) {
      int at = random.nextInt(allowed.length() + 1);
      return allowed.substring(0, at) + piece() + allowed.substring(at);
    }
    List<String> pieces = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      pieces.add(random.nextInt(4) == 0 ? character() : piece());
    }
    return String.join("", pieces);
  }

  /** Whether a file in UTF-8 can hold it. */
  public static boolean isWellFormed(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  /** For a message: short, and without what is invisible. */
  public static String visible(String text) {
    StringBuilder visible = new StringBuilder();
    text.codePoints()
        .limit(300)
        .forEach(
            c -> {
              if (c > ' ' && c < 0x7f || c == ' ') {
                visible.appendCodePoint(c);
              } else {
                visible.append("\\u%04x".formatted(c));
              }
            });
    return visible.toString();
  }

  private String piece() {
    return PIECES.get(random.nextInt(PIECES.size()));
  }

  private String character() {
    return Character.toString(
        random.nextInt(3) == 0 ? random.nextInt(0x3000) : random.nextInt(0x80));
  }
}
