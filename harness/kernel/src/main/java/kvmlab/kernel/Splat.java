// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import java.util.ArrayList;
import java.util.List;
import kvmlab.machine.Task;

/// The lines of a sanitizer's report, in the shape in which the kernel prints it.
final class Splat {
  private final List<String> lines = new ArrayList<>();

  private Splat() {}

  /// Opens a report with a title between two rules, as lockdep does.
  static Splat warning(String title) {
    return new Splat()
        .line("=".repeat(title.length()))
        .line(title)
        .line("-".repeat(title.length()));
  }

  /// Opens a report with a title below a rule, as KASAN and KCSAN do.
  static Splat bug(String title) {
    return new Splat().line("=".repeat(Math.max(50, title.length()))).line(title);
  }

  Splat line(String line) {
    lines.add(line);
    return this;
  }

  Splat lines(List<String> more) {
    lines.addAll(more);
    return this;
  }

  /// Adds what a task did, and the traced calls in which it did so, innermost first.
  Splat call(String what, List<String> calls) {
    line(" " + what);
    calls.reversed().forEach(call -> line("  in " + call));
    return this;
  }

  /// Adds every lock that a task holds.
  Splat locks(Task task) {
    List<String> held = task.held();
    return line("").lines(held.isEmpty() ? List.of("no locks held by " + task + ".") : held);
  }

  /// Returns where something happened, for the end of a line; empty where that is not known.
  static String in(List<String> calls) {
    return calls.isEmpty() ? "" : ", in " + calls.getLast();
  }

  List<String> lines() {
    return lines;
  }
}
