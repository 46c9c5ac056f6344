/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Tables as squeue and sinfo print them, by {@code -o} and {@code -O}. */
final class Columns<T> {

  /** A column: its header and its value. */
  record Field<T>(String header, Function<T, String> value) {}

  private record Column<T>(String header, Function<T, String> value, int width, boolean right) {

    String show(String text) {
      if (width == 0) {
        return text;
      }
      String cut = text.length() > width ? text.substring(0, width) : text;
      return (right ? "%" + width + "s" : "%-" + width + "s").formatted(cut);
    }
  }

  private final List<Column<T>> columns = new ArrayList<>();
  private final List<String> unknown = new ArrayList<>();

  private Columns() {}

  /** {@code -o}: {@code %.18i %P|…}. */
  static <T> Columns<T> ofFormat(String format, Map<Character, Field<T>> fields) {
    Columns<T> columns = new Columns<>();
    StringBuilder literal = new StringBuilder();
    int i = 0;
    while (i < format.length()) {
      if (format.charAt(i) != '%') {
        literal.append(format.charAt(i++));
        continue;
      }
      int begin = i++;
      boolean right = i < format.length() && format.charAt(i) == '.';
      i += right ? 1 : 0;
      int digits = i;
      while (i < format.length() && Character.isDigit(format.charAt(i))) {
        i++;
      }
      int width = i > digits ? Integer.parseInt(format.substring(digits, i)) : 0;
      Field<T> field = i < format.length() ? fields.get(format.charAt(i)) : null;
      if (field == null) {
        if (i < format.length()) {
          columns.unknown.add(format.substring(i, i + 1));
          i++;
        }
        literal.append(format, begin, i);
        continue;
      }
      i++;
      columns.text(literal);
      columns.columns.add(new Column<>(field.header, field.value, width, right));
    }
    columns.text(literal);
    return columns;
  }

  private void text(StringBuilder literal) {
    if (literal.length() > 0) {
      String text = literal.toString();
      columns.add(new Column<>(text, row -> text, 0, false));
      literal.setLength(0);
    }
  }

  /** {@code -O}: {@code jobid,name:30,state:.10}. */
  static <T> Columns<T> ofNames(String names, Map<String, Field<T>> fields) {
    Columns<T> columns = new Columns<>();
    for (String each : names.split(",", -1)) {
      String[] parts = each.split(":", 2);
      Field<T> field = fields.get(parts[0].strip().toLowerCase(java.util.Locale.ROOT));
      if (field == null) {
        columns.unknown.add(parts[0]);
        continue;
      }
      String size = parts.length > 1 ? parts[1] : "20";
      boolean right = size.startsWith(".");
      String digits = size.replaceAll("^\\.?(\\d*).*$", "$1");
      String suffix = size.replaceAll("^\\.?\\d*", "");
      int width = digits.isEmpty() ? 0 : Integer.parseInt(digits);
      columns.columns.add(new Column<>(field.header, field.value, width, right));
      columns.text(new StringBuilder(suffix));
    }
    return columns;
  }

  /** Returns the names in the format that do not exist. */
  List<String> unknown() {
    return unknown;
  }

  String header() {
    return join(column -> column.show(column.header));
  }

  String row(T row) {
    return join(column -> column.show(column.value.apply(row)));
  }

  private String join(Function<Column<T>, String> each) {
    StringBuilder line = new StringBuilder();
    columns.forEach(column -> line.append(each.apply(column)));
    return line.toString();
  }
}
