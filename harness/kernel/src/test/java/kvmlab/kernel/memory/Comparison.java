// SPDX-License-Identifier: MIT
package kvmlab.kernel.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/// What the machine makes of a program, beside what the model allows.
///
/// @param allowed by the kernel's model
/// @param expected by the model when tasks run in order: what the machine should do
/// @param seen what the machine does
record Comparison(
    LitmusProgram program,
    SortedSet<String> allowed,
    SortedSet<String> expected,
    SortedSet<String> seen) {

  static Comparison of(LitmusProgram program) {
    CatOracle.Outcomes outcomes = CatOracle.outcomes(program);
    return new Comparison(
        program, outcomes.kernel(), outcomes.strengthened(), Machine.outcomes(program));
  }

  /// What the machine should do and does not: bugs that it hides.
  SortedSet<String> missed() {
    return without(expected, seen);
  }

  /// What the machine does and should not: false alarms.
  SortedSet<String> invented() {
    return without(seen, expected);
  }

  /// What the kernel's model allows and the machine does not do because tasks run in order.
  SortedSet<String> reordered() {
    return without(allowed, expected);
  }

  private static SortedSet<String> without(SortedSet<String> all, SortedSet<String> some) {
    SortedSet<String> rest = new TreeSet<>(all);
    rest.removeAll(some);
    return rest;
  }

  /// Returns the comparison of a smallest part of this program that still `differs`.
  Comparison shrink(Predicate<Comparison> differs) {
    for (LitmusProgram smaller : smaller(program)) {
      Comparison comparison = of(smaller);
      if (differs.test(comparison)) {
        return comparison.shrink(differs);
      }
    }
    return this;
  }

  /// The programs that lack one instruction of `program`, or a lock and its unlock.
  private static List<LitmusProgram> smaller(LitmusProgram program) {
    List<LitmusProgram> smaller = new ArrayList<>();
    for (int task = 0; task < program.tasks().size(); task++) {
      List<Instruction> code = program.tasks().get(task);
      for (int i = 0; i < code.size(); i++) {
        Instruction opening = code.get(i);
        if (opening.closes()) {
          continue;
        }
        List<Instruction> shorter = new ArrayList<>(code);
        for (int close = i + 1; close < code.size(); close++) {
          if (code.get(close).closes(opening)) {
            shorter.remove(close);
            break;
          }
        }
        shorter.remove(i);
        List<List<Instruction>> tasks = new ArrayList<>(program.tasks());
        tasks.set(task, shorter);
        smaller.add(new LitmusProgram(tasks));
      }
    }
    return smaller;
  }

  @Override
  public String toString() {
    return "%s%nmissed: %s%ninvented: %s".formatted(program, missed(), invented());
  }
}
