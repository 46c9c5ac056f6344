/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * State of a node: a base, and flags that change what it means; see <a
 * href="https://slurm.schedmd.com/node_state_codes.html">Node State Codes</a>.
 *
 * @param base base
 * @param flags Slurm's words for the flags, for example {@code DRAIN} and {@code NOT_RESPONDING}
 */
public record NodeState(Base base, Set<String> flags) {

  /** What a node does, but for its flags. */
  public enum Base {
    ALLOCATED,
    DOWN,
    ERROR,
    FUTURE,
    IDLE,
    INVAL,
    MIXED,
    UNKNOWN
  }

  /** Flags of a node that takes jobs all the same. */
  private static final Set<String> HARMLESS =
      Set.of(
          "BLOCKED",
          "CLOUD",
          "COMPLETING",
          "DYNAMIC_FUTURE",
          "DYNAMIC_NORM",
          "PLANNED",
          "RESERVED");

  public NodeState {
    flags = Set.copyOf(flags);
  }

  /** Reads the state as {@code scontrol show node} writes it, for example {@code IDLE+DRAIN}. */
  static NodeState of(String text) {
    List<String> words = List.of(text.split("\\+"));
    // Slurm before 21.08 and sinfo mark a node that does not respond with a star.
    String first = words.get(0).replace("*", "");
    Base base =
        Arrays.stream(Base.values())
            .filter(each -> each.name().equals(first))
            .findFirst()
            .orElse(Base.UNKNOWN);
    Set<String> flags = new TreeSet<>(words.subList(1, words.size()));
    if (words.get(0).endsWith("*")) {
      flags.add("NOT_RESPONDING");
    }
    return new NodeState(base, flags);
  }

  /** Whether the node takes jobs, now or when those that it has are done. */
  public boolean isWell() {
    return HARMLESS.containsAll(flags)
        && (base == Base.IDLE || base == Base.MIXED || base == Base.ALLOCATED);
  }

  /** The word that sinfo has for it: {@code idle}, {@code drained}, {@code down*}. */
  @Override
  public String toString() {
    return word() + (flags.contains("NOT_RESPONDING") ? "*" : "");
  }

  private String word() {
    boolean busy = base == Base.ALLOCATED || base == Base.MIXED || flags.contains("COMPLETING");
    if (flags.contains("INVALID_REG")) {
      return "inval";
    }
    if (flags.contains("MAINTENANCE")) {
      return "maint";
    }
    if (flags.contains("DRAIN")) {
      return busy ? "draining" : "drained";
    }
    if (flags.contains("FAIL")) {
      return busy ? "failing" : "fail";
    }
    if (base == Base.IDLE) {
      for (String flag : List.of("COMPLETING", "RESERVED", "PLANNED", "BLOCKED")) {
        if (flags.contains(flag)) {
          return flag.toLowerCase(Locale.ROOT);
        }
      }
    }
    return base.name().toLowerCase(Locale.ROOT);
  }
}
