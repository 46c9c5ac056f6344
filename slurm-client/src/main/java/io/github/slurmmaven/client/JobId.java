/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Identifies a job: {@code 12}, task 3 of a job array {@code 12_3}, or component 1 of a
 * heterogeneous job {@code 12+1}. A whole job array, or a whole heterogeneous job, is a plain
 * number.
 *
 * @param number job id; for an array or a heterogeneous job, the id of the whole
 * @param arrayTask index of the task in its array
 * @param component offset of the component in its heterogeneous job
 */
public record JobId(long number, OptionalInt arrayTask, OptionalInt component)
    implements Comparable<JobId> {

  private static final Pattern FORM = Pattern.compile("(\\d{1,18})(?:_(\\d{1,9})|\\+(\\d{1,9}))?");

  /** Returns the id of a job that is neither a task nor a component. */
  public static JobId of(long number) {
    return new JobId(number, OptionalInt.empty(), OptionalInt.empty());
  }

  /**
   * Reads an id as Slurm writes it.
   *
   * @throws IllegalArgumentException if the text is not a job id
   */
  public static JobId of(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a job id: write 12, 12_3 (task of an array) or 12+1 (component)");
    }
    return new JobId(Long.parseLong(form.group(1)), number(form, 2), number(form, 3));
  }

  public static JobId task(long number, int task) {
    return new JobId(number, OptionalInt.of(task), OptionalInt.empty());
  }

  public static JobId component(long number, int component) {
    return new JobId(number, OptionalInt.empty(), OptionalInt.of(component));
  }

  private static OptionalInt number(Matcher form, int group) {
    String digits = form.group(group);
    return digits == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(digits));
  }

  /** Returns whether {@code other} is this job, or a task or component of it. */
  public boolean covers(JobId other) {
    boolean whole = arrayTask.isEmpty() && component.isEmpty();
    return whole ? number == other.number : equals(other);
  }

  @Override
  public int compareTo(JobId other) {
    int byNumber = Long.compare(number, other.number);
    return byNumber != 0 ? byNumber : Integer.compare(part(), other.part());
  }

  private int part() {
    return arrayTask.orElse(component.orElse(-1));
  }

  @Override
  public String toString() {
    if (arrayTask.isPresent()) {
      return number + "_" + arrayTask.getAsInt();
    }
    return component.isPresent() ? number + "+" + component.getAsInt() : Long.toString(number);
  }
}
