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
import kvmlab.machine.Violation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Generated programs: every reduction sees what the naive enumeration sees, and source sets run as
/// many complete executions as there are classes.
class ReductionFuzzTest {
  private static final int PROGRAMS = 400;
  private static final int NAIVE_MAX = 8_000;

  private record Op(int kind, int cell, int value) {}

  /// What an exploration saw: the outcomes, and the values that watched cells had together.
  private record Seen(Set<String> outcomes, Set<String> together, Explored explored) {}

  @ParameterizedTest
  @EnumSource(MemoryModel.class)
  void reductionsLoseNothing(MemoryModel model) {
    int compared = 0;
    for (int seed = 0; seed < PROGRAMS; seed++) {
      List<List<Op>> program = generate(new Random(seed), model);
      Seen naive = explore(program, model, Reduction.NONE);
      if (!naive.explored().exhausted()) {
        continue;
      }
      compared++;
      Seen sleep = explore(program, model, Reduction.SLEEP_SETS);
      Seen source = explore(program, model, Reduction.SOURCE_SETS);
      String what = "seed " + seed + ": " + program;
      assertThat(sleep.outcomes()).as(what).isEqualTo(naive.outcomes());
      assertThat(source.outcomes()).as(what).isEqualTo(naive.outcomes());
      assertThat(source.together()).as(what).isEqualTo(naive.together());
      assertThat(source.explored().complete()).as(what).isEqualTo(sleep.explored().complete());
    }
    assertThat(compared).as("programs small enough to enumerate").isGreaterThan(PROGRAMS / 2);
  }

  private static List<List<Op>> generate(Random random, MemoryModel model) {
    int tasks = 2 + random.nextInt(2);
    int[] kinds =
        switch (random.nextInt(3)) {
          case 0 -> new int[] {0, 0, 1, 1, 6, 7, 8};
          case 1 -> new int[] {0, 1, 2, 3, 4, 5};
          default -> new int[] {0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9};
        };
    List<List<Op>> program = new ArrayList<>();
    for (int i = 0; i < tasks; i++) {
      List<Op> ops = new ArrayList<>();
      int count = 1 + random.nextInt(tasks == 2 ? 5 : 3);
      for (int k = 0; k < count; k++) {
        ops.add(
            new Op(kinds[random.nextInt(kinds.length)], random.nextInt(2), 1 + random.nextInt(2)));
      }
      program.add(ops);
    }
    return program;
  }

  private static Seen explore(List<List<Op>> code, MemoryModel model, Reduction reduction) {
    Set<String> outcomes = new TreeSet<>();
    Set<String> together = new TreeSet<>();
    StringBuilder[] results = new StringBuilder[code.size()];
    Location[] cells = new Location[2];
    Location[] watched = new Location[2];
    Program program =
        setup -> {
          for (int i = 0; i < 2; i++) {
            cells[i] = Engine.current().location("xy".substring(i, i + 1), 0);
            watched[i] = Engine.current().location("vw".substring(i, i + 1), 0);
            watched[i].watch();
          }
          setup.afterEachEvent(() -> together.add(watched[0].latest() + " " + watched[1].latest()));
          for (int i = 0; i < code.size(); i++) {
            int task = i;
            results[i] = new StringBuilder();
            setup.task(
                "t" + i,
                () -> {
                  for (Op op : code.get(task)) {
                    perform(op, cells[op.cell()], watched[op.cell()], results[task]);
                  }
                });
          }
        };
    Explored explored =
        new Explorer(program)
            .model(model)
            .reduction(reduction)
            .executionsMax(NAIVE_MAX)
            .goOn()
            .onComplete(
                (execution, violation) -> outcomes.add(outcome(violation, results, cells, watched)))
            .explore();
    return new Seen(outcomes, together, explored);
  }

  private static String outcome(
      Violation violation, StringBuilder[] results, Location[] cells, Location[] watched) {
    String state =
        cells[0].latest()
            + " "
            + cells[1].latest()
            + " "
            + watched[0].latest()
            + " "
            + watched[1].latest();
    return violation == null ? String.join("|", results) + state : violation.kind() + state;
  }

  private static void perform(Op op, Location cell, Location watched, StringBuilder result) {
    switch (op.kind()) {
      case 0 -> result.append(cell.read(Order.RELAXED));
      case 1 -> cell.write(op.value(), Order.RELAXED);
      case 2 -> result.append(cell.update("add", v -> (int) v + op.value(), Order.RELAXED));
      case 3 ->
          result.append(
              cell.tryUpdate(
                  "cmpxchg",
                  v -> (int) v == 0 ? (Object) op.value() : Location.UNCHANGED,
                  op.value() == 1 ? Order.ACQUIRE : Order.FULL));
      case 4 -> cell.await(v -> (int) v == op.value(), Order.RELAXED);
      case 5 -> watched.write(op.value(), Order.RELAXED);
      case 6 -> Engine.current().fence(Fence.FULL);
      case 7 -> result.append(cell.read(Order.ACQUIRE));
      case 8 -> cell.write(op.value(), Order.RELEASE);
      default -> result.append(Engine.current().choose("coin", 2));
    }
  }
}
