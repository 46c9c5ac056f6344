/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The state of a node: a base, and flags that modify it; see <a
 * href="https://slurm.schedmd.com/node_state_codes.html">Node State Codes</a>.
 *
 * @param base base
 * @param flags Slurm's words for the flags, for example {@code DRAIN} and {@code NOT_RESPONDING}
 */
public record NodeState(Base base, Set<String> flags) {

  /** The state of a node without its flags. */
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

  /** Base states of a working node. */
  private static final Set<Base> WORKING = Set.of(Base.ALLOCATED, Base.IDLE, Base.MIXED);

  /** Flags of a node that nevertheless accepts jobs. */
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

  private static final String NOT_RESPONDING = "NOT_RESPONDING";

  /**
   * Reads the whole state, as {@code scontrol show node} and sinfo's {@code StateComplete} print
   * it: {@code IDLE+DRAIN}, {@code idle+drain}.
   */
  public static NodeState of(String text) {
    List<String> words = List.of(text.toUpperCase(Locale.ROOT).split("\\+"));
    // Slurm before 21.08 and sinfo mark a node that does not respond with a star.
    String first = words.get(0).replace("*", "");
    Base base =
        Arrays.stream(Base.values())
            .filter(each -> each.name().equals(first))
            .findFirst()
            .orElse(Base.UNKNOWN);
    Set<String> flags = new TreeSet<>(words.subList(1, words.size()));
    if (words.get(0).endsWith("*")) {
      flags.add(NOT_RESPONDING);
    }
    return new NodeState(base, flags);
  }

  /** Whether the node accepts jobs, now or when its present jobs have ended. */
  public boolean isWell() {
    return HARMLESS.containsAll(flags) && WORKING.contains(base);
  }

  /**
   * Returns an extended regular expression for the whole states that {@link #isWell} accepts, for
   * scripts that check nodes more often than a command could be sent.
   */
  public static String wellPattern() {
    return "(%s)(\\+(%s))*"
        .formatted(
            WORKING.stream().map(Base::name).sorted().collect(Collectors.joining("|")),
            HARMLESS.stream().sorted().collect(Collectors.joining("|")));
  }

  /** Whether the node gets no jobs until an administrator acts: it is drained or invalid. */
  public boolean needsSomebody() {
    return base == Base.INVAL || flags.contains("INVALID_REG") || flags.contains("DRAIN");
  }

  /** Whether the node's slurmd has registered, answers, and is not down. */
  public boolean isUp() {
    return base != Base.DOWN
        && base != Base.UNKNOWN
        && base != Base.INVAL
        && !flags.contains("INVALID_REG")
        && !flags.contains(NOT_RESPONDING);
  }

  /**
   * Whether an administrator or a failure has made the node unavailable: it is down, drained or
   * failing.
   */
  public boolean isOut() {
    return base == Base.DOWN || flags.contains("DRAIN") || flags.contains("FAIL");
  }

  /** Whether the node is drained, or will be once its jobs have ended. */
  public boolean isDrained() {
    return flags.contains("DRAIN");
  }

  /** Returns the state without the flag for a node that does not respond, which changes often. */
  public NodeState withoutResponse() {
    Set<String> others = new TreeSet<>(flags);
    others.remove(NOT_RESPONDING);
    return new NodeState(base, others);
  }

  /** Returns sinfo's word for the state: {@code idle}, {@code drained}, {@code down*}. */
  @Override
  public String toString() {
    return word() + (flags.contains(NOT_RESPONDING) ? "*" : "");
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
