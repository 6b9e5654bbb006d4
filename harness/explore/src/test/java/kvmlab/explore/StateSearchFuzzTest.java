// SPDX-License-Identifier: MIT
package kvmlab.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import kvmlab.machine.Engine;
import kvmlab.machine.Fence;
import kvmlab.machine.Location;
import kvmlab.machine.Order;
import kvmlab.machine.Program;
import kvmlab.machine.Setup;
import kvmlab.machine.Violation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Generated programs: a search through the states sees what the naive enumeration sees, whether
/// tasks remember all that they have read or forget it between their operations.
class StateSearchFuzzTest {
  private static final int PROGRAMS = 250;
  private static final int NAIVE_MAX = 8_000;
  private static final int CELLS = 2;

  /// One operation: it keeps nothing for the next one.
  private record Op(int kind, int cell, int value) {}

  /// What an exploration saw: the outcomes, and the values that watched cells had together.
  private record Seen(Set<String> outcomes, Set<String> together, Explored explored) {}

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void seesWhatTheNaiveEnumerationSees(boolean forgetting) {
    int compared = 0;
    long executions = 0;
    long fewer = 0;
    for (int seed = 0; seed < PROGRAMS; seed++) {
      List<List<Op>> code = generate(new Random(seed));
      Seen naive = explore(code, Reduction.NONE, forgetting);
      if (!naive.explored().exhausted()) {
        continue;
      }
      compared++;
      Seen states = explore(code, Reduction.STATES, forgetting);
      String what = "seed " + seed + ": " + code;
      assertThat(states.outcomes()).as(what).isEqualTo(naive.outcomes());
      assertThat(states.together()).as(what).isEqualTo(naive.together());
      assertThat(states.explored().exhausted()).as(what).isTrue();
      executions += naive.explored().executions();
      fewer += states.explored().executions();
    }
    assertThat(compared).as("programs small enough to enumerate").isGreaterThan(PROGRAMS / 2);
    assertThat(fewer).as("executions").isLessThan(executions / 4);
  }

  private static List<List<Op>> generate(Random random) {
    int tasks = 2 + random.nextInt(2);
    int[] kinds =
        switch (random.nextInt(3)) {
          case 0 -> new int[] {0, 0, 1, 1, 2, 6, 7, 8};
          case 1 -> new int[] {0, 1, 2, 3, 4, 5, 10};
          default -> new int[] {0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
        };
    List<List<Op>> code = new ArrayList<>();
    for (int i = 0; i < tasks; i++) {
      List<Op> ops = new ArrayList<>();
      int count = 1 + random.nextInt(tasks == 2 ? 4 : 2);
      for (int k = 0; k < count; k++) {
        int kind = kinds[random.nextInt(kinds.length)];
        ops.add(new Op(kind, random.nextInt(CELLS), 1 + random.nextInt(2)));
      }
      code.add(ops);
    }
    return code;
  }

  /// @param forgetting whether tasks are at a boundary after each operation; what they have read is
  ///   then no part of the outcome
  private static Seen explore(List<List<Op>> code, Reduction reduction, boolean forgetting) {
    Set<String> outcomes = new TreeSet<>();
    Set<String> together = new TreeSet<>();
    StringBuilder[] none = {};
    StringBuilder[] results = new StringBuilder[code.size()];
    Location[] cells = new Location[2 * CELLS];
    Program program =
        setup -> {
          declare(setup, cells, together);
          for (int i = 0; i < code.size(); i++) {
            StringBuilder result = new StringBuilder();
            List<Op> ops = code.get(i);
            results[i] = result;
            setup.task("t" + i, () -> run(ops, cells, forgetting, result));
          }
        };
    Explored explored =
        new Explorer(program)
            .reduction(reduction)
            .executionsMax(reduction == Reduction.NONE ? NAIVE_MAX : Long.MAX_VALUE)
            .goOn()
            .onComplete((execution, violation) ->
                outcomes.add(outcome(violation, forgetting ? none : results, cells)))
            .explore();
    return new Seen(outcomes, together, explored);
  }

  private static void declare(Setup setup, Location[] cells, Set<String> together) {
    for (int i = 0; i < cells.length; i++) {
      cells[i] = Engine.current().location("xyvw".substring(i, i + 1), 0);
    }
    cells[2].watch();
    cells[3].watch();
    setup.afterEachEvent(() -> together.add(cells[2].latest() + " " + cells[3].latest()));
  }

  private static String outcome(Violation violation, StringBuilder[] results, Location[] cells) {
    StringBuilder outcome = new StringBuilder();
    for (Location cell : cells) {
      outcome.append(cell.latest()).append(' ');
    }
    return violation == null
        ? outcome + String.join("|", results)
        : outcome.append(violation.kind()).toString();
  }

  private static void run(
      List<Op> ops, Location[] cells, boolean forgetting, StringBuilder result) {
    for (int i = 0; i < ops.size(); i++) {
      Op op = ops.get(i);
      result.append(perform(op, cells[op.cell()], cells[1 - op.cell()], cells[2 + op.cell()]));
      if (forgetting) {
        Engine.current().boundary(i + 1);
      }
    }
  }

  private static Object perform(Op op, Location cell, Location other, Location watched) {
    switch (op.kind()) {
      case 0 -> {
        return cell.read(Order.RELAXED);
      }
      case 1 -> cell.write(op.value(), Order.RELAXED);
      case 2 -> {
        int read = (int) cell.read(Order.RELAXED);
        other.write((read + op.value()) % 3, Order.RELAXED);
      }
      case 3 -> {
        return cell.update(
            "cmpxchg", v -> (int) v == 0 ? (Object) op.value() : Location.UNCHANGED, Order.ACQUIRE);
      }
      case 4 -> cell.await(v -> (int) v == op.value(), Order.RELAXED);
      case 5 -> watched.write(op.value(), Order.RELAXED);
      case 6 -> Engine.current().fence(Fence.FULL);
      case 7 -> {
        return cell.read(Order.ACQUIRE);
      }
      case 8 -> cell.write(op.value(), Order.RELEASE);
      case 9 -> {
        int chosen = Engine.current().choose("coin", 2);
        cell.write(chosen, Order.RELAXED);
        return chosen;
      }
      default -> {
        if ((int) cell.update("add", v -> (int) v + op.value(), Order.RELAXED) == 0) {
          watched.write(3, Order.RELAXED);
        }
      }
    }
    return "";
  }
}
