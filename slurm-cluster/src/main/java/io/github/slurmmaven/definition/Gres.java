/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A generic resource in the notation of a NodeName line of slurm.conf: {@code gpu:a100:4(S:0-1)},
 * {@code nvme:2}, {@code gpu}.
 *
 * @param name its name
 * @param type its type, if it has one
 * @param count how many there are, in Slurm's notation
 */
public record Gres(String name, Optional<String> type, String count) {

  /** The name of GPUs. */
  public static final String GPU = "gpu";

  private static final Pattern COMMA_OUTSIDE_PARENTHESES = Pattern.compile(",(?![^()]*\\))");
  private static final Pattern PARENTHESES = Pattern.compile("\\([^()]*\\)");
  private static final Pattern WORD = Pattern.compile("[\\w.-]+");
  private static final Pattern COUNT = Pattern.compile("\\d{1,12}[KkMmGgTtPp]?");

  /**
   * Reads the value of Gres.
   *
   * @throws IllegalArgumentException saying what is wrong, to be read after the value
   */
  public static List<Gres> parse(String value) {
    List<Gres> all = new ArrayList<>();
    for (String part : COMMA_OUTSIDE_PARENTHESES.split(value, -1)) {
      List<String> words =
          new ArrayList<>(List.of(PARENTHESES.matcher(part.strip()).replaceAll("").split(":", -1)));
      words.removeIf("no_consume"::equalsIgnoreCase);
      String last = words.get(words.size() - 1);
      String count =
          words.size() > 1 && COUNT.matcher(last).matches() ? words.remove(words.size() - 1) : "1";
      if (words.size() > 2 || !words.stream().allMatch(word -> WORD.matcher(word).matches())) {
        throw new IllegalArgumentException(
            "is not a list of generic resources: write NAME:TYPE:COUNT, as in gpu:a100:4");
      }
      all.add(
          new Gres(
              words.get(0),
              words.size() > 1 ? Optional.of(words.get(1)) : Optional.empty(),
              count));
    }
    return all;
  }

  public boolean isGpu() {
    return name.equals(GPU);
  }
}
