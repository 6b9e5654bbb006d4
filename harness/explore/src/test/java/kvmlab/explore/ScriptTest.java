// SPDX-License-Identifier: MIT
package kvmlab.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import kvmlab.machine.Engine;
import kvmlab.machine.Location;
import kvmlab.machine.Order;
import kvmlab.machine.Program;
import kvmlab.machine.Trace;
import kvmlab.machine.Violation;
import org.junit.jupiter.api.Test;

class ScriptTest {
  /// Each of two tasks writes `x`, then `y`.
  private static final Program WRITERS =
      setup -> {
        Location x = Engine.current().location("x", 0);
        Location y = Engine.current().location("y", 0);
        for (int i = 1; i <= 2; i++) {
          int value = i;
          setup.task(
              "CPU " + value,
              () -> {
                x.write(value, Order.RELAXED);
                y.write(value, Order.RELAXED);
              });
        }
      };

  /// The first task waits until the second has written.
  private static final Program WAITS =
      setup -> {
        Location x = Engine.current().location("x", 0);
        setup.task("CPU 1", () -> x.await(value -> !value.equals(0), Order.ACQUIRE));
        setup.task("CPU 2", () -> x.write(1, Order.RELAXED));
      };

  @Test
  void tasksRunAsWritten() {
    Script script =
        Script.begin().after("CPU 2", "(x").before("CPU 1", "(y").toEnd("CPU 2").toEnd("CPU 1");
    Replayed replayed = new Explorer(WRITERS).follow(script);
    assertThat(replayed.missed()).isNull();
    assertThat(lines(replayed.trace()))
        .containsExactly(
            "CPU 2 WRITE_ONCE(x, 2)",
            "CPU 1 WRITE_ONCE(x, 1)",
            "CPU 2 WRITE_ONCE(y, 2)",
            "CPU 1 WRITE_ONCE(y, 1)");
  }

  @Test
  void routeLeadsToTheSameExecution() {
    Script script = Script.begin().after("CPU 2", "(x").toEnd("CPU 1");
    Replayed replayed = new Explorer(WRITERS).follow(script);
    assertThat(new Explorer(WRITERS).replay(replayed.route()).trace()).isEqualTo(replayed.trace());
  }

  @Test
  void whoeverIsLeftGoesOnBehindTheLastStep() {
    Replayed replayed = new Explorer(WRITERS).follow(Script.begin().after("CPU 2", "(x"));
    assertThat(lines(replayed.trace())).hasSize(4).startsWith("CPU 2 WRITE_ONCE(x, 2)");
  }

  @Test
  void stepEndsWhereTheTaskWaits() {
    Script script = Script.begin().untilStuck("CPU 1").toEnd("CPU 2").toEnd("CPU 1");
    assertThat(new Explorer(WAITS).follow(script).missed()).isNull();
  }

  @Test
  void stepOfATaskThatWaitsIsMissed() {
    Script script = Script.begin().toEnd("CPU 1");
    assertThat(new Explorer(WAITS).follow(script).missed())
        .isEqualTo(
            "step 1: CPU 1 was to run until it ends, and it waits in smp_cond_load_acquire(x)");
  }

  @Test
  void eventThatNeverComesIsMissed() {
    Script script = Script.begin().toEnd("CPU 2").before("CPU 1", "(z");
    assertThat(new Explorer(WRITERS).follow(script).missed())
        .isEqualTo("step 2: CPU 1 was to run until it comes to (z, and the execution ended before");
  }

  @Test
  void taskThatHasEndedIsMissed() {
    Script script = Script.begin().toEnd("CPU 2").after("CPU 2", "(y");
    assertThat(new Explorer(WRITERS).follow(script).missed())
        .isEqualTo("step 2: CPU 2 was to run until it has done (y, and it has ended");
  }

  @Test
  void taskThatIsNotThereIsMissed() {
    assertThat(new Explorer(WRITERS).follow(Script.begin().toEnd("CPU 3")).missed())
        .isEqualTo("step 1: CPU 3 was to run until it ends, and there is no such task");
  }

  @Test
  void violationIsFoundOnTheWay() {
    Program fails =
        setup ->
            setup.task(
                "CPU 1",
                () ->
                    Engine.current()
                        .fail(Violation.of(Violation.Kind.MISUSE, "I1", "expected", "seen")));
    Violation violation = new Explorer(fails).follow(Script.begin()).violation();
    assertThat(violation).isNotNull();
  }

  private static List<String> lines(Trace trace) {
    return trace.events().stream()
        .map(line -> trace.tasks().get(line.task()) + " " + line.text())
        .toList();
  }
}
