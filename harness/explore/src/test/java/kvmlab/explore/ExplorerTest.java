// SPDX-License-Identifier: MIT
package kvmlab.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.util.Objects;
import java.util.function.Consumer;
import kvmlab.machine.Engine;
import kvmlab.machine.Location;
import kvmlab.machine.Order;
import kvmlab.machine.Program;
import kvmlab.machine.TraceEvent;
import kvmlab.machine.Violation;
import org.junit.jupiter.api.Test;

class ExplorerTest {

  /// Two tasks increment a counter by reading and writing it.
  private static final Program LOST_UPDATE =
      setup -> {
        Location counter = Engine.current().location("counter", 0);
        for (int i = 0; i < 2; i++) {
          setup.task(
              "CPU " + i,
              () -> counter.write((int) counter.read(Order.RELAXED) + 1, Order.RELAXED));
        }
        setup.atEnd(() -> {
          if ((int) counter.latest() != 2) {
            throw new AssertionError("the counter is " + counter.latest());
          }
        });
      };

  private static Counterexample wrong(Explorer explorer) {
    return Objects.requireNonNull(explorer.explore().counterexample());
  }

  @Test
  void findsTheLostUpdate() {
    Counterexample wrong = wrong(new Explorer(LOST_UPDATE));
    assertThat(wrong.violation().kind()).isEqualTo(Violation.Kind.ASSERTION);
    assertThat(wrong.violation().seen()).isEqualTo("the counter is 1");
  }

  @Test
  void simplestCounterexampleHasOneInterruption() {
    Explorer explorer = new Explorer(LOST_UPDATE);
    Counterexample simplest = explorer.shorten(wrong(explorer));
    Replayed replayed = explorer.replay(simplest.schedule());
    assertThat(replayed.trace().events())
        .extracting(TraceEvent::task, TraceEvent::text)
        .containsExactly(
            tuple(0, "READ_ONCE(counter)"),
            tuple(1, "READ_ONCE(counter)"),
            tuple(1, "WRITE_ONCE(counter, 1)"),
            tuple(0, "WRITE_ONCE(counter, 1)"));
  }

  @Test
  void threadsDoWhatContinuationsDo() {
    assertThat(Explorer.continuations()).as("the JVM flag is set for tests").isTrue();
    for (MemoryModel model : MemoryModel.values()) {
      Explored here = new Explorer(LOST_UPDATE).model(model).goOn().explore();
      Explored threads = new Explorer(LOST_UPDATE).model(model).onThreads().goOn().explore();
      assertThat(threads)
          .usingRecursiveComparison()
          .ignoringFields("counterexample")
          .isEqualTo(here);
      assertThat(Objects.requireNonNull(threads.counterexample()).schedule())
          .isEqualTo(Objects.requireNonNull(here.counterexample()).schedule());
    }
  }

  @Test
  void traceTellsStaleReads() {
    Program program =
        setup -> {
          Location x = Engine.current().location("x", 0);
          setup.task("writer", () -> x.write(1, Order.RELAXED));
          setup.task(
              "reader",
              () -> {
                int seen = (int) x.read(Order.RELAXED);
                if (seen == 0 && (int) x.latest() == 1) {
                  throw new AssertionError("stale");
                }
              });
        };
    Explorer explorer = new Explorer(program).model(MemoryModel.LKMM);
    Replayed replayed = explorer.replay(wrong(explorer).schedule());
    assertThat(replayed.trace().events())
        .extracting(TraceEvent::text, TraceEvent::value, TraceEvent::stale)
        .containsExactly(tuple("WRITE_ONCE(x, 1)", "1", false), tuple("READ_ONCE(x)", "0", true));
  }

  @Test
  void watchedLocationsAreWrittenByMarkedAccesses() {
    for (MemoryModel model : MemoryModel.values()) {
      Violation violation =
          wrong(new Explorer(watched(x -> x.plainWrite(1))).model(model)).violation();
      assertThat(violation.kind()).isEqualTo(Violation.Kind.MISUSE);
      assertThat(violation.seen()).isEqualTo("t writes x plainly");
      Program marked = watched(x -> x.write(x.plainRead(), Order.RELAXED));
      assertThat(new Explorer(marked).model(model).explore().counterexample()).isNull();
    }
  }

  private static Program watched(Consumer<Location> task) {
    return setup -> {
      Location x = Engine.current().location("x", 0);
      x.watch();
      // Nobody else is there yet.
      x.plainWrite(2);
      setup.task("t", () -> task.accept(x));
    };
  }

  @Test
  void boundOnTricksIsNamedWhereItLeavesSomethingOut() {
    // Both read before either writes: one interruption.
    Explored without = new Explorer(LOST_UPDATE).tricksMax(0).explore();
    assertThat(without.counterexample()).isNull();
    assertThat(without.executions()).isEqualTo(2);
    assertThat(without.exhausted()).isFalse();
    assertThat(without.bounds())
        .containsExactly("executions with at most 0 interruptions or old values");
    assertThat(wrong(new Explorer(LOST_UPDATE).tricksMax(1)).violation().seen())
        .isEqualTo("the counter is 1");
    Explored all = new Explorer(LOST_UPDATE).tricksMax(3).goOn().explore();
    assertThat(all.executions()).as("interleavings of two and two events").isEqualTo(6);
    assertThat(all.exhausted()).isTrue();
    assertThat(all.bounds()).isEmpty();
  }

  @Test
  void executionBudgetIsNamed() {
    Explored explored = new Explorer(LOST_UPDATE).goOn().executionsMax(1).explore();
    assertThat(explored.exhausted()).isFalse();
    assertThat(explored.executions()).isEqualTo(1);
    assertThat(new Explorer(LOST_UPDATE).goOn().explore().exhausted()).isTrue();
  }

  /// The release comes after the racing write, so no execution that shows the race shows it.
  @Test
  void whatComesAfterAViolationIsNotClaimed() {
    Program program =
        setup -> {
          Location data = Engine.current().location("data", 0);
          Location ready = Engine.current().location("ready", 0);
          setup.task(
              "reader",
              () -> {
                ready.read(Order.ACQUIRE);
                data.plainRead();
              });
          setup.task(
              "writer",
              () -> {
                data.plainWrite(1);
                ready.write(1, Order.RELEASE);
              });
        };
    Explored explored = new Explorer(program).goOn().explore();
    assertThat(explored.counterexample()).isNotNull();
    assertThat(explored.exhausted()).isFalse();
    assertThat(explored.bounds()).containsExactly("executions up to their first violation");
  }

  @Test
  void waitThatNothingEndsIsADeadlock() {
    Program program =
        setup -> {
          Location flag = Engine.current().location("flag", 0);
          setup.task("waiter", () -> flag.await(value -> (int) value == 1, Order.ACQUIRE));
        };
    for (MemoryModel model : MemoryModel.values()) {
      Violation violation = wrong(new Explorer(program).model(model)).violation();
      assertThat(violation.kind()).isEqualTo(Violation.Kind.DEADLOCK);
      assertThat(violation.seen())
          .isEqualTo("hung task: waiter waits in smp_cond_load_acquire(flag), flag is 0");
    }
  }

  @Test
  void endlessLoopOfEventsIsALivelock() {
    Program program =
        setup -> {
          Location flag = Engine.current().location("flag", 0);
          setup.task(
              "spinner",
              () -> {
                while ((int) flag.read(Order.RELAXED) == 0) {
                  flag.read(Order.RELAXED);
                }
              });
        };
    Violation violation = wrong(new Explorer(program)).violation();
    assertThat(violation.kind()).isEqualTo(Violation.Kind.LIVELOCK);
    assertThat(violation.seen())
        .isEqualTo("soft lockup: spinner spins in READ_ONCE(flag), flag is 0");
  }

  @Test
  void plainAccessesThatNothingOrdersAreARace() {
    Program racy =
        setup -> {
          Location data = Engine.current().location("data", 0);
          setup.task("reader", data::plainRead);
          setup.task("writer", () -> data.plainWrite(1));
        };
    for (MemoryModel model : MemoryModel.values()) {
      Violation violation = wrong(new Explorer(racy).model(model)).violation();
      assertThat(violation.kind()).isEqualTo(Violation.Kind.DATA_RACE);
      assertThat(violation.seen()).contains("by reader").contains("by writer");
    }
  }

  @Test
  void releaseAndAcquireOrderPlainAccesses() {
    Program ordered =
        setup -> {
          Location data = Engine.current().location("data", 0);
          Location ready = Engine.current().location("ready", 0);
          setup.task(
              "writer",
              () -> {
                data.plainWrite(1);
                ready.write(1, Order.RELEASE);
              });
          setup.task(
              "reader",
              () -> {
                if ((int) ready.read(Order.ACQUIRE) == 1 && (int) data.plainRead() != 1) {
                  throw new AssertionError("stale data");
                }
              });
        };
    for (MemoryModel model : MemoryModel.values()) {
      Explored explored = new Explorer(ordered).model(model).explore();
      assertThat(explored.counterexample()).isNull();
      assertThat(explored.exhausted()).isTrue();
    }
  }

  @Test
  void exceptionOfATaskIsAVerdict() {
    Program program =
        setup ->
            setup.task(
                "broken",
                () -> {
                  throw new ArithmeticException("by zero");
                });
    Violation violation = wrong(new Explorer(program)).violation();
    assertThat(violation.kind()).isEqualTo(Violation.Kind.EXCEPTION);
    assertThat(violation.seen()).contains("by zero");
  }

  @Test
  void scenarioThatCannotBeSetUpIsAVerdict() {
    Program program =
        setup -> {
          throw new IllegalArgumentException("no such memslot");
        };
    Violation violation = wrong(new Explorer(program)).violation();
    assertThat(violation.seen()).contains("no such memslot");
  }

  @Test
  void programWithMemoryOfItsOwnIsFoundOut() {
    int[] runs = {0};
    Program program =
        setup -> {
          Location x = Engine.current().location("x", 0);
          Location y = Engine.current().location("y", 0);
          boolean odd = runs[0]++ % 2 == 1;
          for (int i = 0; i < 2; i++) {
            setup.task(
                "fickle " + i,
                () -> {
                  (odd ? x : y).write(1, Order.RELAXED);
                  x.write(2, Order.RELAXED);
                  y.write(2, Order.RELAXED);
                });
          }
        };
    assertThatThrownBy(() -> new Explorer(program).explore())
        .isInstanceOf(NondeterministicProgram.class)
        .hasMessageContaining("the same schedule does not lead to the same execution: at step 1")
        .hasMessageContaining("`fickle 0: WRITE_ONCE(x, 1) -> 1`")
        .hasMessageContaining("`fickle 0: WRITE_ONCE(y, 1) -> 1`");
  }

  @Test
  void objectsLiveInsideAnExecution() {
    assertThatThrownBy(Engine::current)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("create them in a scenario");
  }
}
