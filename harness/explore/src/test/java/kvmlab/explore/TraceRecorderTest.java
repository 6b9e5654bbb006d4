// SPDX-License-Identifier: MIT
package kvmlab.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.ArrayDeque;
import java.util.List;
import kvmlab.explore.Route.Turn;
import kvmlab.machine.Engine;
import kvmlab.machine.Kind;
import kvmlab.machine.Location;
import kvmlab.machine.ObjectState;
import kvmlab.machine.Order;
import kvmlab.machine.Program;
import kvmlab.machine.SharedObject;
import kvmlab.machine.StateHash;
import kvmlab.machine.Task;
import kvmlab.machine.Trace;
import kvmlab.machine.TraceEvent;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A recorded trace says how everything stands after each line, and shows no turn that was none.
class TraceRecorderTest {

  /// A lock that says what its events do, as the kernel's do.
  private static final class Lock extends SharedObject {
    private final ArrayDeque<Task> queue = new ArrayDeque<>();
    private @Nullable Task owner;

    private enum Step implements Kind {
      LOCK,
      UNLOCK;

      @Override
      public String word() {
        return this == LOCK ? "lock" : "unlock";
      }
    }

    Lock() {
      super("l");
    }

    void lock() {
      perform(Step.LOCK, 0);
    }

    void unlock() {
      perform(Step.UNLOCK, 0);
    }

    @Override
    public boolean commutes(Kind one, Kind other) {
      return one != Step.LOCK || other != Step.LOCK;
    }

    @Override
    public void execute(Task task) {
      if (task.kind() == Step.LOCK) {
        if (owner == null) {
          owner = task;
        } else {
          queue.add(task);
          block(task);
        }
      } else {
        owner = queue.poll();
        if (owner != null) {
          grant(owner);
        }
      }
    }

    @Override
    public String effect(Task task) {
      return owner == task ? "acquired" : "released";
    }

    @Override
    public void describe(StateHash into) {
      into.add(owner);
    }
  }

  /// Interrupts task 0 before its first event of this kind on this object.
  private static Trace interrupted(Program program, MemoryModel model, String object, String word) {
    int landmark = Landmarks.of(object, word);
    Route route = new Route(List.of(new Turn(Route.Kind.INTERRUPT, 0, 1, landmark, 1)));
    Replayed replayed =
        new Explorer(program)
            .model(model)
            .watch(TraceRecorderTest.class.getName()::equals)
            .replay(route);
    assertThat(replayed.missed()).isNull();
    return replayed.trace();
  }

  @Test
  void handOverIsToldWhenTheNewOwnerMoves() {
    Program program =
        setup -> {
          Lock lock = new Lock();
          Location x = Engine.current().location("x", 0);
          setup.task(
              "a",
              () -> {
                lock.lock();
                lock.unlock();
                x.read(Order.RELAXED);
              });
          setup.task(
              "b",
              () -> {
                lock.lock();
                lock.unlock();
              });
        };
    Trace trace = interrupted(program, MemoryModel.SC, "l", "unlock");
    assertThat(trace.events())
        .extracting(TraceEvent::task, TraceEvent::text, TraceEvent::value)
        .containsExactly(
            tuple(0, "lock(l)", "acquired"),
            tuple(1, "lock(l)", "waits"),
            tuple(0, "unlock(l)", "released"),
            tuple(0, "READ_ONCE(x)", "0"),
            tuple(1, "lock(l)", "granted"),
            tuple(1, "unlock(l)", "released"));
    assertThat(trace.events().stream().map(TraceEvent::changes).toList())
        .containsExactly(
            List.of(lock(List.of(0), List.of())),
            List.of(lock(List.of(0), List.of(1))),
            List.of(lock(List.of(1), List.of())),
            List.of(),
            List.of(),
            List.of(lock(List.of(), List.of())));
  }

  private static ObjectState lock(List<Integer> owners, List<Integer> waiters) {
    return new ObjectState("l", null, owners, waiters, List.of());
  }

  @Test
  void cellsTellWhatMayStillBeRead() {
    Program program =
        setup -> {
          Location x = Engine.current().location("x", 0);
          Location quiet = Engine.current().location("quiet", 0);
          setup.task(
              "writer",
              () -> {
                x.write(1, Order.RELAXED);
                x.write(2, Order.RELAXED);
                quiet.latest();
              });
          setup.task("reader", () -> x.read(Order.RELAXED));
        };
    Trace weak = new Explorer(program).model(MemoryModel.LKMM).replay(Route.STRAIGHT).trace();
    assertThat(weak.initial()).containsExactly(cell("0"));
    assertThat(weak.events().stream().map(TraceEvent::changes).toList())
        .containsExactly(
            List.of(cell("1", new ObjectState.Old(1, List.of("0")))),
            List.of(cell("2", new ObjectState.Old(1, List.of("0", "1")))),
            List.of(cell("2")));
    Trace strong = new Explorer(program).replay(Route.STRAIGHT).trace();
    assertThat(strong.events().getLast().changes()).isEmpty();
  }

  private static ObjectState cell(String value, ObjectState.Old... old) {
    return new ObjectState("x", value, List.of(), List.of(), List.of(old));
  }

  @Test
  void whoNeverRanLeavesNoLine() {
    Program program =
        setup -> {
          Location x = Engine.current().location("x", 0);
          for (int i = 0; i < 2; i++) {
            setup.task(
                "t" + i,
                () -> {
                  Engine.current().note(TraceEvent.Kind.CALL, () -> "f()");
                  x.read(Order.RELAXED);
                  throw new AssertionError("over");
                });
          }
        };
    Trace trace = new Explorer(program).replay(Route.STRAIGHT).trace();
    assertThat(trace.events()).extracting(TraceEvent::text).containsExactly("f()", "READ_ONCE(x)");
  }

  @Test
  void callThatFailsAtOnceIsTold() {
    Program program =
        setup ->
            setup.task(
                "t",
                () -> {
                  Engine.current().note(TraceEvent.Kind.CALL, () -> "f()");
                  throw new AssertionError("over");
                });
    Trace trace = new Explorer(program).replay(Route.STRAIGHT).trace();
    assertThat(trace.events()).extracting(TraceEvent::text).containsExactly("f()");
  }

  @Test
  void linesAreOfWatchedClassesOnly() {
    Program program =
        setup -> {
          Location x = Engine.current().location("x", 0);
          setup.task("t", () -> x.read(Order.RELAXED));
        };
    Explorer explorer = new Explorer(program);
    assertThat(explorer.replay(Route.STRAIGHT).trace().events().getFirst().place()).isNull();
    Explorer watching = explorer.watch(TraceRecorderTest.class.getName()::equals);
    assertThat(watching.replay(Route.STRAIGHT).trace().events().getFirst().place())
        .matches("kvmlab/explore/TraceRecorderTest\\.java:\\d+");
  }
}
