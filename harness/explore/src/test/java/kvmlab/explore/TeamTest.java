// SPDX-License-Identifier: MIT
package kvmlab.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import kvmlab.machine.Engine;
import kvmlab.machine.Fence;
import kvmlab.machine.Location;
import kvmlab.machine.Order;
import kvmlab.machine.Program;
import kvmlab.machine.Setup;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Several threads find, count and say what one does. Here they share work that is not worth it:
/// every other execution, so that small programs have all that large ones have.
class TeamTest {
  private static final int PROGRAMS = 50;
  private static final int EXECUTIONS_MAX = 500;

  private record Op(int kind, int cell, int value) {}

  @ParameterizedTest
  @EnumSource(MemoryModel.class)
  void sayWhatOneSays(MemoryModel model) {
    int shared = 0;
    for (int seed = 0; seed < PROGRAMS; seed++) {
      Program program = generate(new Random(seed));
      for (boolean goOn : new boolean[] {true, false}) {
        Explored alone = explorer(program, model, goOn).executionsMax(EXECUTIONS_MAX).explore();
        shared += alone.executions() > 100 ? 1 : 0;
        // The budget ends nowhere, in the middle, and near the end.
        for (long most :
            new long[] {EXECUTIONS_MAX, alone.executions() / 2 + 1, alone.executions() - 1}) {
          if (most > 0) {
            Explored one = explorer(program, model, goOn).executionsMax(most).explore();
            Explored several =
                explorer(program, model, goOn)
                    .workers(2 + seed % 2)
                    .sharing(2, 2)
                    .executionsMax(most)
                    .explore();
            assertThat(facts(several)).as("seed " + seed).isEqualTo(facts(one));
          }
        }
      }
    }
    assertThat(shared).as("programs with work to share").isGreaterThan(PROGRAMS / 2);
  }

  private static Explorer explorer(Program program, MemoryModel model, boolean goOn) {
    Explorer explorer = new Explorer(program).model(model);
    return goOn ? explorer.goOn() : explorer;
  }

  /// All of the result, in a form that can be compared.
  private static List<Object> facts(Explored explored) {
    Counterexample wrong = explored.counterexample();
    return List.of(
        explored.executions(),
        explored.complete(),
        explored.redundant(),
        explored.events(),
        explored.exhausted(),
        explored.covered(),
        explored.bounds(),
        wrong == null ? "none" : wrong.schedule() + " " + wrong.violation().seen());
  }

  private static Program generate(Random random) {
    List<List<Op>> code = new ArrayList<>();
    int tasks = 3 + random.nextInt(2);
    for (int i = 0; i < tasks; i++) {
      List<Op> ops = new ArrayList<>();
      for (int k = 0; k < 2 + random.nextInt(2); k++) {
        ops.add(new Op(random.nextInt(11), random.nextInt(2), 1 + random.nextInt(2)));
      }
      code.add(ops);
    }
    int forbidden = random.nextInt(40);
    return setup -> {
      Location[] cells = new Location[2];
      for (int i = 0; i < 2; i++) {
        cells[i] = Engine.current().location("xy".substring(i, i + 1), 0);
      }
      Location watched = Engine.current().location("w", 0);
      watched.watch();
      for (int i = 0; i < tasks; i++) {
        List<Op> ops = code.get(i);
        setup.task("t" + i, () -> ops.forEach(op -> perform(op, cells[op.cell()], watched)));
      }
      setup.atEnd(() -> {
        if ((int) cells[0].latest() * 8 + (int) cells[1].latest() == forbidden) {
          throw new AssertionError("forbidden: " + forbidden);
        }
      });
    };
  }

  private static void perform(Op op, Location cell, Location watched) {
    switch (op.kind()) {
      case 0 -> cell.read(Order.RELAXED);
      case 1 -> cell.write(op.value(), Order.RELAXED);
      case 2 -> cell.update("add", v -> (int) v + op.value(), Order.RELAXED);
      case 3 ->
          cell.update(
              "cmpxchg",
              v -> (int) v == 0 ? (Object) op.value() : Location.UNCHANGED,
              Order.ACQUIRE);
      case 4 -> cell.await(v -> (int) v != op.value(), Order.RELAXED);
      case 5 -> watched.write(op.value(), Order.RELAXED);
      case 6 -> Engine.current().fence(Fence.FULL);
      case 7 -> cell.write(Engine.current().choose("coin", 2), Order.RELEASE);
      case 8 -> {
        if ((int) cell.read(Order.RELAXED) == op.value()) {
          Engine.current().bounded("executions where a cell is " + op.value());
        }
      }
      default -> {
        // Whose child is met first in a search depends on what is read.
        if ((int) cell.read(Order.RELAXED) != op.value()) {
          ((Execution) Engine.current())
              .spawn("child", () -> cell.update("add", v -> (int) v + 1, Order.RELAXED));
        }
      }
    }
  }

  /// Twelve tasks that write to one cell each of three: 4!^3 executions.
  private static void threeTimesFourWriters(Setup setup) {
    for (int c = 0; c < 3; c++) {
      Location cell = Engine.current().location("c" + c, 0);
      for (int i = 0; i < 4; i++) {
        int value = i;
        setup.task("writer " + i + " of " + c, () -> cell.write(value, Order.RELAXED));
      }
    }
  }

  @Test
  void shareTheWork() {
    Thread caller = Thread.currentThread();
    AtomicInteger here = new AtomicInteger();
    AtomicInteger elsewhere = new AtomicInteger();
    Program program =
        setup -> {
          threeTimesFourWriters(setup);
          (Thread.currentThread() == caller ? here : elsewhere).incrementAndGet();
        };
    Explored explored = new Explorer(program).workers(2).sharing(100, 50).explore();
    assertThat(explored.complete()).isEqualTo(24 * 24 * 24);
    assertThat(explored.exhausted()).isTrue();
    assertThat(elsewhere.get()).isPositive();
    assertThat(here.get() + elsewhere.get())
        .as("executions, those that were of no use included")
        .isLessThan((int) explored.executions() * 11 / 10);
  }

  @Test
  void leaveSmallProgramsToOneThread() {
    Thread caller = Thread.currentThread();
    Program program =
        setup -> {
          threeTimesFourWriters(setup);
          assertThat(Thread.currentThread()).isSameAs(caller);
        };
    Explored explored = new Explorer(program).workers(2).executionsMax(2_000).explore();
    assertThat(explored.counterexample()).isNull();
  }

  @Test
  void coveredIsWhatARandomWalkWouldMeet() {
    // Three writers of one cell: each of the six orders is as likely as the others.
    Program writers =
        setup -> {
          Location cell = Engine.current().location("cell", 0);
          for (int i = 0; i < 3; i++) {
            int value = i;
            setup.task("writer " + i, () -> cell.write(value, Order.RELAXED));
          }
        };
    for (int i = 1; i <= 6; i++) {
      Explored explored = new Explorer(writers).executionsMax(i).explore();
      assertThat(explored.covered()).isCloseTo(i / 6.0, within(1e-9));
    }
  }

  @Test
  void coveredValuesCountLikeCoveredTasks() {
    Program chooser =
        setup -> setup.task("chooser", () -> Engine.current().choose("one of four", 4));
    assertThat(new Explorer(chooser).executionsMax(3).explore().covered()).isEqualTo(0.75);
  }

  @Test
  void doNotCallAListenerOutOfTurn() {
    Explorer explorer =
        new Explorer(TeamTest::threeTimesFourWriters).workers(2).onComplete((number, wrong) -> {});
    assertThatThrownBy(explorer::explore).isInstanceOf(IllegalStateException.class);
  }
}
