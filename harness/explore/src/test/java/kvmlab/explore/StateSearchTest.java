// SPDX-License-Identifier: MIT
package kvmlab.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import kvmlab.machine.Engine;
import kvmlab.machine.Location;
import kvmlab.machine.Order;
import kvmlab.machine.Program;
import kvmlab.machine.Setup;
import kvmlab.machine.Violation;
import org.junit.jupiter.api.Test;

/// The search through states: what it tells apart, what it does not claim.
class StateSearchTest {

  private static Explorer states(Program program) {
    return new Explorer(program).reduction(Reduction.STATES).goOn();
  }

  private static Location cell(String name) {
    return Engine.current().location(name, 0);
  }

  /// Each of `tasks` tasks adds 1 to a cell three times.
  private static Program counting(int tasks, boolean forgetting) {
    return setup -> {
      Location cell = cell("x");
      for (int i = 0; i < tasks; i++) {
        setup.task(
            "t" + i,
            () -> {
              for (int k = 1; k <= 3; k++) {
                int before = (int) cell.read(Order.RELAXED);
                cell.write(before + 1, Order.RELAXED);
                if (forgetting) {
                  Engine.current().boundary(k);
                }
              }
            });
      }
    };
  }

  private static Set<Object> finals(Explorer explorer, Location[] cell) {
    Set<Object> finals = new TreeSet<>();
    explorer.onComplete((execution, violation) -> finals.add(cell[0].latest())).explore();
    return finals;
  }

  @Test
  void boundaryLeavesFewerStatesAndTheSameOutcomes() {
    Explored remembering = states(counting(3, false)).explore();
    Explored forgetting = states(counting(3, true)).explore();

    assertThat(remembering.exhausted()).isTrue();
    assertThat(forgetting.exhausted()).isTrue();
    assertThat(forgetting.states()).isLessThan(remembering.states() / 4);
    Location[] cell = new Location[1];
    Program seen =
        setup -> {
          counting(2, true).build(setup);
          cell[0] = cell("unused");
        };
    assertThat(finals(states(seen), cell)).isEqualTo(finals(new Explorer(seen).goOn(), cell));
  }

  @Test
  void boundariesRise() {
    Explored explored =
        states(setup ->
                setup.task(
                    "t",
                    () -> {
                      Engine.current().boundary(2);
                      Engine.current().boundary(2);
                    }))
            .explore();

    assertThat(explored.counterexample().violation().seen()).contains("positions of a task rise");
  }

  @Test
  void fullTableIsNamed() {
    Explored explored = states(counting(3, false)).statesMax(100).explore();

    assertThat(explored.exhausted()).isFalse();
    assertThat(explored.bounds()).containsExactly("at most 100 states");
    assertThat(explored.states()).isEqualTo(100);
  }

  @Test
  void valueWithoutAStateIsNamed() {
    Explored explored =
        states(
                setup -> {
                  Location cell = Engine.current().location("x", new StringBuilder("one"));
                  setup.task("reader", () -> cell.read(Order.RELAXED));
                  setup.task("writer", () -> cell.write(new StringBuilder("two"), Order.RELAXED));
                })
            .explore();

    assertThat(explored.exhausted()).isFalse();
    assertThat(explored.bounds())
        .containsExactly("nothing tells the state of a java.lang.StringBuilder: it is no Stateful");
  }

  @Test
  void questionOfOrderIsNamed() {
    Explored explored =
        states(setup -> setup.task("t", () -> Engine.current().precedes(Engine.current().now())))
            .explore();

    assertThat(explored.exhausted()).isFalse();
    assertThat(explored.bounds()).containsExactly("no search for what happens before what");
  }

  @Test
  void plainDataHandedOverByAFlagIsNotRaceChecked() {
    Explored explored = states(setup -> handOver(setup, cell("data"))).explore();

    assertThat(explored.counterexample()).isNull();
    assertThat(explored.exhausted()).isFalse();
    assertThat(explored.bounds()).containsExactly("no search for data races on data");
  }

  @Test
  void guardedPlainDataNeedsNoRaceCheck() {
    Explored explored =
        states(
                setup -> {
                  Location data = cell("data");
                  data.guard(cell("lock"));
                  handOver(setup, data);
                })
            .explore();

    assertThat(explored.exhausted()).isTrue();
  }

  @Test
  void guardedPlainDataWithAMarkedReaderMayRace() {
    Explored explored =
        states(
                setup -> {
                  Location data = cell("data");
                  data.guard(cell("lock"));
                  handOver(setup, data);
                  setup.task("looker", () -> {});
                  setup.task(
                      "reader",
                      () -> {
                        if ((int) cell("own").read(Order.RELAXED) != 0) {
                          data.read(Order.RELAXED);
                        }
                      });
                })
            .explore();
    assertThat(explored.exhausted()).as("nobody reads it marked").isTrue();

    explored =
        states(
                setup -> {
                  Location data = cell("data");
                  Location flag = cell("flag");
                  data.guard(cell("lock"));
                  setup.task(
                      "writer",
                      () -> {
                        data.plainWrite(1);
                        flag.write(1, Order.RELEASE);
                      });
                  setup.task(
                      "reader",
                      () -> {
                        flag.await(value -> (int) value == 1, Order.ACQUIRE);
                        data.read(Order.RELAXED);
                      });
                })
            .explore();
    assertThat(explored.bounds()).containsExactly("no search for data races on data");
  }

  @Test
  void plainDataOfOneTaskNeedsNoRaceCheck() {
    Explored explored =
        states(
                setup -> {
                  Location mine = cell("mine");
                  setup.task("t", () -> mine.plainWrite((int) mine.plainRead() + 1));
                  setup.task("u", () -> {});
                })
            .explore();

    assertThat(explored.exhausted()).isTrue();
  }

  private static void handOver(Setup setup, Location data) {
    Location flag = cell("flag");
    setup.task(
        "writer",
        () -> {
          data.plainWrite(1);
          flag.write(1, Order.RELEASE);
        });
    setup.task(
        "reader",
        () -> {
          flag.await(value -> (int) value == 1, Order.ACQUIRE);
          data.plainRead();
        });
  }

  @Test
  void wrongExecutionReplays() {
    Explorer explorer =
        new Explorer(
                setup -> {
                  Location cell = cell("x");
                  for (int i = 0; i < 2; i++) {
                    setup.task(
                        "t" + i,
                        () -> {
                          int before = (int) cell.read(Order.RELAXED);
                          cell.write(before + 1, Order.RELAXED);
                        });
                  }
                  setup.atEnd(() -> {
                    if ((int) cell.latest() != 2) {
                      throw new AssertionError("an increment is lost");
                    }
                  });
                })
            .reduction(Reduction.STATES);

    Explored explored = explorer.explore();
    Counterexample found = explored.counterexample();
    assertThat(found.violation().kind()).isEqualTo(Violation.Kind.ASSERTION);
    assertThat(explorer.replay(found.schedule()).violation().seen())
        .isEqualTo(found.violation().seen());
  }

  /// What a task may still do is learnt as the search goes: here the conflict shows only in a
  /// branch that the first executions do not take.
  @Test
  void conflictThatShowsLateIsNotMissed() {
    Program program =
        setup -> {
          Location gate = cell("gate");
          Location data = cell("data");
          setup.task(
              "a",
              () -> {
                data.write(1, Order.RELAXED);
                gate.write(1, Order.RELAXED);
              });
          setup.task(
              "b",
              () -> {
                if ((int) gate.read(Order.RELAXED) == 0) {
                  data.write(2, Order.RELAXED);
                }
              });
          setup.atEnd(() -> {
            if ((int) data.latest() == 2) {
              throw new AssertionError("b wrote last");
            }
            if ((int) data.latest() == 1 && (int) gate.latest() == 1) {
              throw new IllegalStateException("a wrote last");
            }
          });
        };
    Set<Violation.Kind> kinds = new TreeSet<>();
    states(program).onComplete((execution, violation) -> kinds.add(violation.kind())).explore();

    assertThat(kinds).containsExactly(Violation.Kind.ASSERTION, Violation.Kind.EXCEPTION);
  }
}
