// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kvmlab.lab.TraceJson;
import kvmlab.lab.Walk;

/// Shows one stop of a walk through an execution at a time: the tasks' columns with the line that
/// has just happened, and how everything stands after it.
final class Stepper {
  /// What a key asks for.
  enum Move {
    ON,
    BACK,
    ON_TO_SWITCH,
    BACK_TO_SWITCH,
    TO_START,
    TO_END,
    HELP,
    STAY,
    QUIT;

    /// Returns what a key means; arrows come as their names.
    static Move of(String key) {
      return switch (key) {
        case "n", " ", "\r", "\n", "right", "down" -> ON;
        case "p", "left", "up" -> BACK;
        case "s" -> ON_TO_SWITCH;
        case "S" -> BACK_TO_SWITCH;
        case "g", "home" -> TO_START;
        case "G", "end" -> TO_END;
        case "?", "h" -> HELP;
        case "q", "\003", "\004", "" -> QUIT;
        default -> STAY;
      };
    }
  }

  static final String KEYS =
      """
      n, space, right   on one step            s   on to the next switch
      p, left           back one step          S   back to the switch before
      g, G              to the start, the end  q   leave\
      """;

  private final Walk walk;
  private final Sources sources;
  private int at;
  private boolean help;

  Stepper(TraceJson trace, Sources sources) {
    this.walk = Walk.of(trace);
    this.sources = sources;
  }

  /// Moves; returns whether the walk goes on.
  boolean move(Move move) {
    int last = walk.stops().size();
    help = move == Move.HELP;
    switch (move) {
      case ON -> at = Math.min(last, at + 1);
      case BACK -> at = Math.max(0, at - 1);
      case ON_TO_SWITCH -> at = toSwitch(1);
      case BACK_TO_SWITCH -> at = toSwitch(-1);
      case TO_START -> at = 0;
      case TO_END -> at = last;
      case HELP, STAY -> {
        // Nothing moves.
      }
      case QUIT -> {
        return false;
      }
    }
    return true;
  }

  private int toSwitch(int direction) {
    int to = at + direction;
    while (to > 0 && to < walk.stops().size() && !walk.stops().get(to - 1).takesOver()) {
      to += direction;
    }
    return Math.max(0, Math.min(walk.stops().size(), to));
  }

  /// Returns the stop as lines for a screen of this size.
  List<String> screen(int width, int height) {
    List<String> below = new ArrayList<>();
    below.add("");
    below.addAll(where());
    state().forEach(line -> below.add("  " + line));
    if (at == walk.stops().size()) {
      below.add("");
      below.addAll(walk.outcome().lines().toList());
    }
    below.add("");
    below.addAll(
        help ? KEYS.lines().toList() : List.of("n on  p back  s next switch  ? keys  q leave"));
    List<String> screen = columns(Math.max(60, width - 2), Math.max(4, height - below.size() - 2));
    screen.addAll(below);
    return screen;
  }

  /// The lines around the current one, which is marked.
  private List<String> columns(int width, int room) {
    List<Walk.Line> table = walk.table(width);
    List<String> lines = new ArrayList<>();
    int head = 0;
    while (head < table.size() && table.get(head).stop() < 0) {
      lines.add("  " + table.get(head++).text());
    }
    List<Walk.Line> body = table.subList(head, table.size());
    int current = 0;
    while (current < body.size() && body.get(current).stop() < at - 1) {
      current++;
    }
    int from = Math.max(0, Math.min(current - room / 2, body.size() - room));
    for (Walk.Line line : body.subList(from, Math.min(from + room, body.size()))) {
      lines.add((line.stop() == at - 1 ? "> " : "  ") + line.text());
    }
    return lines;
  }

  private List<String> where() {
    int last = walk.stops().size();
    if (at == 0) {
      return List.of("at the start, before step 1 of " + last);
    }
    TraceJson.Step step = walk.stops().get(at - 1).step();
    String place = step.place() == null ? "" : "  " + sources.show(step.place());
    return List.of(
        "after step " + at + " of " + last + place,
        walk.trace().tasks().get(step.task()) + ": " + step.line());
  }

  /// How everything stands, what has just changed marked with a star.
  private List<String> state() {
    Map<String, String> state = at == 0 ? walk.start() : walk.stops().get(at - 1).state();
    Set<String> changed = at == 0 ? Set.of() : walk.stops().get(at - 1).changed();
    int width = state.keySet().stream().mapToInt(String::length).max().orElse(0);
    return state.entrySet().stream()
        .map(entry ->
            (changed.contains(entry.getKey()) ? "* " : "  ")
                + entry.getKey()
                + " ".repeat(width - entry.getKey().length())
                + "  "
                + entry.getValue())
        .toList();
  }

  /// Returns the whole walk, for where nobody can press a key.
  String all() {
    StringBuilder text = new StringBuilder();
    move(Move.TO_START);
    text.append("start\n");
    state().forEach(line -> text.append("     ").append(line).append('\n'));
    while (at < walk.stops().size()) {
      move(Move.ON);
      Walk.Stop stop = walk.stops().get(at - 1);
      TraceJson.Step step = stop.step();
      if (stop.takesOver()) {
        text.append('\n').append(walk.trace().tasks().get(step.task())).append('\n');
      }
      String file = step.place() == null ? "" : "  (" + sources.show(step.place()) + ")";
      text.append("%3d  %s%s%s%n".formatted(at, "  ".repeat(step.depth()), step.line(), file));
      state().stream()
          .filter(line -> line.startsWith("*"))
          .forEach(line -> text.append("     ").append(line).append('\n'));
    }
    return text.append('\n').append(walk.outcome()).append('\n').toString();
  }
}
