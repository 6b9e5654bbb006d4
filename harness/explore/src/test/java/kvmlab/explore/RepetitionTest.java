// SPDX-License-Identifier: MIT
package kvmlab.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import kvmlab.machine.Engine;
import kvmlab.machine.Location;
import kvmlab.machine.Order;
import kvmlab.machine.Program;
import kvmlab.machine.Setup;
import kvmlab.machine.TraceEvent;
import org.junit.jupiter.api.Test;

class RepetitionTest {
  private static final AtomicInteger BUILDS = new AtomicInteger();

  /// The second event of the reader, inside a call, has an operand from `source`.
  private static Program writing(IntSupplier source) {
    return setup -> {
      Location x = Engine.current().location("x", 0);
      setup.task(
          "reader",
          () -> {
            Engine engine = Engine.current();
            x.read(Order.RELAXED);
            engine.note(TraceEvent.Kind.CALL, () -> "handle_fault()");
            x.write(source.getAsInt(), Order.RELAXED);
            engine.note(TraceEvent.Kind.RETURN, () -> "handle_fault()");
          });
    };
  }

  private static Divergence difference(Program program) {
    return new Explorer(program).repeat(10).orElseThrow();
  }

  @Test
  void staticStateIsNamed() {
    BUILDS.set(0);
    Divergence found = difference(writing(BUILDS::incrementAndGet));
    assertThat(found)
        .isEqualTo(
            new Divergence(
                2,
                "reader: WRITE_ONCE(x, 1) -> 1",
                "reader: WRITE_ONCE(x, 2) -> 2",
                "handle_fault()"));
    assertThat(found.inWords())
        .isEqualTo(
            "the same schedule does not lead to the same execution: at step 2, in handle_fault(),"
                + " first came `reader: WRITE_ONCE(x, 1) -> 1`, then `reader: WRITE_ONCE(x, 2) -> 2`;"
                + " look for time, chance, identity hash codes and the order of a HashMap or HashSet"
                + " that goes by them, and for state that outlives an execution: a static field, or"
                + " a field of the scenario");
  }

  @Test
  void timeAndIdentityAreNamed() {
    assertThat(difference(writing(() -> (int) System.nanoTime())).call())
        .isEqualTo("handle_fault()");
    assertThat(difference(writing(() -> System.identityHashCode(new Object()))).step())
        .isEqualTo(2);
  }

  @Test
  void orderByIdentityIsNamed() {
    Program program =
        setup -> {
          Set<Location> cells = new HashSet<>();
          for (int i = 0; i < 20; i++) {
            cells.add(Engine.current().location("cell " + i, 0));
          }
          setup.task("walker", () -> cells.forEach(cell -> cell.read(Order.RELAXED)));
        };
    assertThat(difference(program).expected()).startsWith("walker: READ_ONCE(cell ");
  }

  @Test
  void plainValuesAndTasksAndVerdictsAreCompared() {
    BUILDS.set(0);
    Divergence plain =
        difference(setup -> {
          Location x = Engine.current().location("x", 0);
          setup.task("writer", () -> x.plainWrite(BUILDS.incrementAndGet()));
        });
    assertThat(plain.came()).isEqualTo("writer: x = 2 -> 2");
    Divergence tasks =
        difference(setup -> {
          Location x = Engine.current().location("x", 0);
          setup.task("task " + BUILDS.incrementAndGet(), () -> x.read(Order.RELAXED));
        });
    assertThat(tasks.expected()).isEqualTo("task 3: READ_ONCE(x) -> 0");
    BUILDS.set(0);
    Divergence verdict =
        difference(setup ->
            setup.atEnd(() -> {
              if (BUILDS.incrementAndGet() % 2 == 0) {
                throw new AssertionError("even");
              }
            }));
    assertThat(verdict.expected()).isEqualTo("the end");
    assertThat(verdict.came()).isEqualTo("the end: even");
  }

  @Test
  void differenceOnASecondScheduleIsFound() {
    // Nothing differs unless b comes first.
    BUILDS.set(0);
    Program program =
        setup -> {
          Location x = Engine.current().location("x", 0);
          setup.task("a", () -> x.write(1, Order.RELAXED));
          setup.task(
              "b",
              () -> {
                if ((int) x.read(Order.RELAXED) == 0) {
                  x.write(BUILDS.incrementAndGet(), Order.RELAXED);
                }
              });
        };
    assertThat(new Explorer(program).repeat(1)).isEmpty();
    assertThat(new Explorer(program).repeat(10)).isPresent();
  }

  @Test
  void programsThatOnlyPrintDifferentlyAreTheSame() {
    Program program =
        setup -> {
          Location x = Engine.current().location("x", new Object());
          setup.task("a", () -> x.write(new Object(), Order.RELAXED));
          setup.task("b", () -> x.read(Order.RELAXED));
        };
    assertThat(new Explorer(program).repeat(20)).isEmpty();
    assertThat(new Explorer(program).model(MemoryModel.LKMM).repeat(20)).isEmpty();
  }

  /// The program does something else after some executions, in the middle of a search.
  private static void changing(Setup setup) {
    Location x = Engine.current().location("x", 0);
    Location y = Engine.current().location("y", 0);
    boolean late = BUILDS.incrementAndGet() > 3;
    for (int i = 0; i < 3; i++) {
      setup.task("task " + i, () -> (late ? y : x).write(1, Order.RELAXED));
    }
  }

  @Test
  void searchThatComesAcrossADifferenceSaysWhere() {
    BUILDS.set(0);
    assertThatThrownBy(() -> new Explorer(RepetitionTest::changing).explore())
        .isInstanceOf(NondeterministicProgram.class)
        .hasMessageContaining("at step 1 first came `task 1: WRITE_ONCE(x)`")
        .hasMessageContaining("then `task 1: WRITE_ONCE(y)`");
  }

  @Test
  void threadsSayItToo() {
    BUILDS.set(0);
    assertThatThrownBy(() -> new Explorer(RepetitionTest::changing).onThreads().explore())
        .isInstanceOf(NondeterministicProgram.class);
  }
}
