// SPDX-License-Identifier: MIT
package kvmlab.lab;

import java.util.ArrayList;
import java.util.List;
import kvmlab.machine.Trace;
import kvmlab.machine.TraceEvent;

/// A trace as a table with a column for each CPU, time running down. A number stands where another
/// task takes over.
final class TraceTable {
  private static final int WIDTH = 98;
  private static final int COLUMN_MIN = 24;

  private final List<Walk.Line> lines = new ArrayList<>();
  private final int column;
  private int stop = -1;

  private TraceTable(int tasks, int width) {
    this.column = Math.max(COLUMN_MIN, (width - 2 * tasks) / tasks);
  }

  static List<String> of(Trace trace) {
    return lines(trace.tasks(), Essentials.of(trace), WIDTH).stream().map(Walk.Line::text).toList();
  }

  static List<Walk.Line> lines(List<String> tasks, List<TraceEvent> events, int width) {
    TraceTable table = new TraceTable(tasks.size(), width);
    table.row(tasks);
    table.row(tasks.stream().map(task -> "-".repeat(table.column)).toList());
    int number = 0;
    int last = -1;
    for (TraceEvent event : events) {
      boolean takesOver = event.task() != last;
      last = event.task();
      table.stop++;
      String head = takesOver ? String.format("%-3d", ++number) : "   ";
      table.add(event.task(), tasks.size(), head, event.depth(), line(event));
    }
    return table.lines;
  }

  /// Returns the line of an event: its spelling, and what came of it.
  static String line(TraceEvent event) {
    String value = event.value();
    return switch (event.kind()) {
      case READ -> event.text() + " -> " + value + (event.stale() ? ", stale" : "");
      case SYNC ->
          "waits".equals(value) || "granted".equals(value) || "busy".equals(value)
              ? event.text() + "  [" + value + "]"
              : event.text();
      case CALL, RETURN, WRITE, FENCE, NOTE -> event.text();
    };
  }

  private void add(int task, int tasks, String head, int depth, String text) {
    String indent = "  ".repeat(depth);
    int room = Math.max(8, column - head.length() - indent.length());
    String prefix = head + indent;
    for (String part : wrap(text, room)) {
      List<String> cells = new ArrayList<>();
      for (int i = 0; i < tasks; i++) {
        cells.add(i == task ? prefix + part : "");
      }
      row(cells);
      prefix = "   " + indent + "  ";
    }
  }

  private static List<String> wrap(String text, int room) {
    List<String> parts = new ArrayList<>();
    String rest = text;
    while (rest.length() > room) {
      int space = rest.lastIndexOf(' ', room);
      int cut = space > 0 ? space : room;
      parts.add(rest.substring(0, cut));
      rest = rest.substring(cut).strip();
      room = Math.max(8, room - (parts.size() == 1 ? 2 : 0));
    }
    parts.add(rest);
    return parts;
  }

  private void row(List<String> cells) {
    StringBuilder line = new StringBuilder();
    for (String cell : cells) {
      String shown = cell.length() > column ? cell.substring(0, column) : cell;
      line.append("  ").append(shown).append(" ".repeat(column - shown.length()));
    }
    lines.add(new Walk.Line(stop, line.toString().stripTrailing()));
  }
}
