// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import kvmlab.press.Run.Step;
import org.jspecify.annotations.Nullable;

/// Draws a run as lanes: time goes down, a lane for each task, the watched cells to the right.
///
/// Steps between two context switches share a panel; a lock that is held is a bar at the lane's
/// edge, dashed while its taker waits. The colours are the style sheet's, by class, so that the
/// drawing goes dark with the page.
final class SwimLanes {

  /// How to read the drawing.
  static final String KEY =
      "A bar at the edge is a lock that is held, a dotted one a lock that is waited for. On the"
          + " right, a filled value is written, a ring is a read, and red is a read of an old value.";

  private static final int WIDTH = 920;
  private static final int GUTTER = 34;
  private static final int CELL = 98;
  private static final int LANE_MIN = 210;
  private static final int LINE = 19;
  private static final int PAD = 7;
  private static final int SWITCH = 16;

  /// Advance of the monospaced face, half an em at the size the style sheet gives it.
  private static final double ADVANCE = 6.75;

  private final Run run;
  private final List<String> cells;
  private final int lane;
  private final int head;
  private final List<Row> rows = new ArrayList<>();
  private final StringBuilder out = new StringBuilder();

  /// @param cells objects whose values are shown, at most a few
  SwimLanes(Run run, List<String> cells) {
    this.run = run;
    this.cells = cells;
    int left = WIDTH - GUTTER - cells.size() * CELL;
    this.lane = Math.max(LANE_MIN, left / run.tasks().size());
    this.head = 30 + 14 * cells.stream().mapToInt(c -> label(c).size()).max().orElse(1);
  }

  private record Row(int index, Step step, List<String> words, int top, boolean first) {
    int height() {
      return words.size() * LINE + 4;
    }

    int middle() {
      return top + LINE / 2 + 2;
    }
  }

  String svg() {
    int bottom = place() + PAD;
    int width = x(run.tasks().size()) + cells.size() * CELL;
    put("<svg viewBox='0 0 %d %d' width='%d' aria-hidden='true'>", width, bottom + 8, width);
    for (int task = 0; task < run.tasks().size(); task++) {
      int x = x(task);
      put("<g class='lane lane%d'>", task);
      put(
          "<rect class='track' x='%d' y='%d' width='%d' height='%d'/>",
          x, head, lane - 14, bottom - head);
      text("task", x, head - 12, run.tasks().get(task));
      put("<path class='rail' d='M%d %dh%d'/></g>", x, head - 4, lane - 14);
    }
    panels();
    rows.forEach(this::row);
    locks(bottom);
    for (int i = 0; i < cells.size(); i++) {
      cell(i, bottom);
    }
    return out.append("</svg>").toString();
  }

  /// Gives each step its place, and returns where the last one ends.
  private int place() {
    int y = head + PAD;
    Step before = null;
    for (int i = 0; i < run.steps().size(); i++) {
      Step step = run.steps().get(i);
      boolean first = before == null || before.task() != step.task();
      y += first && before != null ? SWITCH + 2 * PAD : 0;
      int room = (int) ((lane - 14 - 30) / ADVANCE) - indent(step);
      Row row = new Row(i, step, Wrap.at(step.line(), room), y, first);
      rows.add(row);
      y += row.height();
      before = step;
    }
    return y;
  }

  /// The panels of the steps between two context switches, and the way from each to the next.
  private void panels() {
    int from = 0;
    for (int i = 1; i <= rows.size(); i++) {
      if (i < rows.size() && !rows.get(i).first) {
        continue;
      }
      Row start = rows.get(from);
      Row last = rows.get(i - 1);
      int x = x(start.step.task());
      int top = start.top - PAD;
      int end = last.top + last.height() + PAD;
      put(
          "<g class='lane%d'><rect class='panel' x='%d' y='%d' width='%d' height='%d' rx='3'/>",
          start.step.task(), x, top, lane - 14, end - top);
      put("<path class='edge' d='M%d %dv%d'/></g>", x + 1, top, end - top);
      if (i < rows.size()) {
        int to = x(rows.get(i).step.task());
        put(
            "<path class='switch' d='M%d %dv%dH%dv%d'/>",
            x + 18, end, SWITCH / 2, to + 18, SWITCH / 2 - 4);
        put("<path class='tip' d='M%d %dl-4 -6h8z'/>", to + 18, end + SWITCH);
      }
      from = i;
    }
  }

  private void row(Row row) {
    Step step = row.step;
    put(
        "<g class='step is-%s lane%d' data-step='%d'>",
        step.kind().toLowerCase(Locale.ROOT), step.task(), row.index);
    text("no", GUTTER - 12, row.top + LINE - 5, String.valueOf(row.index + 1));
    int x = x(step.task()) + 12 + (int) (indent(step) * ADVANCE);
    for (int i = 0; i < row.words.size(); i++) {
      text("line", x + (i == 0 ? 0 : 14), row.top + LINE - 5 + i * LINE, row.words.get(i));
    }
    put("</g>");
  }

  private static int indent(Step step) {
    return 2 * Math.min(step.depth(), 4);
  }

  /// The bars of locks, innermost lock nearest to the text.
  private void locks(int bottom) {
    Map<String, Row> held = new HashMap<>();
    Map<Integer, List<String>> slots = new HashMap<>();
    for (Row row : rows) {
      Step step = row.step;
      if (!step.is("SYNC") || step.object() == null || step.value() == null) {
        continue;
      }
      String key = step.task() + " " + step.object();
      List<String> taken = slots.computeIfAbsent(step.task(), t -> new ArrayList<>());
      Row since = held.remove(key);
      if (since != null) {
        bar(since, taken.indexOf(key), row.middle());
      }
      if (step.value().equals("released")) {
        taken.remove(key);
      } else {
        held.put(key, row);
        if (!taken.contains(key)) {
          taken.add(key);
        }
      }
    }
    held.forEach((key, since) -> {
      List<String> taken = slots.getOrDefault(since.step.task(), List.of());
      bar(since, taken.indexOf(key), bottom);
    });
  }

  private void bar(Row since, int slot, int end) {
    int x = x(since.step.task()) + lane - 14 - 9 - 8 * Math.max(slot, 0);
    String kind = Objects.equals(since.step.value(), "waits") ? "waits" : "holds";
    put(
        "<path class='lock %s lane%d' d='M%d %dV%d'><title>%s %s</title></path>",
        kind, since.step.task(), x, since.middle(), end, kind, escape(since.step.object()));
  }

  /// The column of one cell: a value where it is written, a ring where it is read.
  private void cell(int column, int bottom) {
    String name = cells.get(column);
    int x = x(run.tasks().size()) + column * CELL + CELL / 2;
    List<String> label = label(name);
    for (int i = 0; i < label.size(); i++) {
      text("cell", x, head - 12 - 14 * (label.size() - 1 - i), label.get(i));
    }
    put("<path class='line' d='M%d %dV%d'/>", x, head, bottom);
    boolean known = false;
    for (Row row : rows) {
      Step step = row.step;
      String value = step.value();
      if (!name.equals(step.object()) || value == null) {
        continue;
      }
      boolean stale = step.stale();
      if (step.is("WRITE") || !known || stale) {
        String kind = stale ? "stale" : step.is("WRITE") ? "written" : "known";
        int half = Math.max(15, (int) (value.length() * ADVANCE / 2) + 8);
        put(
            "<g class='value %s lane%d'><rect x='%d' y='%d' width='%d' height='20' rx='10'/>",
            kind, step.task(), x - half, row.middle() - 10, 2 * half);
        text("", x, row.middle() + 4, value);
        put("</g>");
      } else if (step.is("READ")) {
        put("<circle class='look lane%d' cx='%d' cy='%d' r='4'/>", step.task(), x, row.middle());
      }
      known = true;
    }
  }

  /// The name of a cell, without the path to it, in lines that fit its column.
  private static List<String> label(String object) {
    String name = object.replaceFirst("^.*(?:->|\\.)", "");
    return Wrap.at(name, 15);
  }

  private int x(int task) {
    return GUTTER + task * lane;
  }

  private void text(String css, int x, int y, String words) {
    put("<text class='%s' x='%d' y='%d'>%s</text>", css, x, y, escape(words));
  }

  private void put(String format, Object... values) {
    out.append(format.formatted(values)).append('\n');
  }

  private static String escape(@Nullable String words) {
    return words == null ? "" : words.replace("&", "&amp;").replace("<", "&lt;");
  }
}
