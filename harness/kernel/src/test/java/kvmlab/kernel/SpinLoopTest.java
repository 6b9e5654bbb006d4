// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import kvmlab.explore.Explored;
import kvmlab.explore.Explorer;
import kvmlab.explore.MemoryModel;
import kvmlab.explore.Reduction;
import kvmlab.machine.Program;
import kvmlab.machine.Violation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Loops that wait by reading: they end where a fair scheduler would end them, and are reported
/// where it would not.
class SpinLoopTest {
  private static final int NAIVE_MAX = 200_000;

  private static Explored explore(MemoryModel model, Program program) {
    return new Explorer(program).model(model).goOn().explore();
  }

  private static Violation wrong(Explored explored) {
    return Objects.requireNonNull(explored.counterexample()).violation();
  }

  /// Returns the outcomes, which must be the same whatever is left out.
  private static Set<String> outcomes(MemoryModel model, Function<Object[], Program> program) {
    Set<String> expected = null;
    for (Reduction reduction : Reduction.under(model)) {
      Object[] results = new Object[4];
      Set<String> seen = new TreeSet<>();
      Explored explored =
          new Explorer(program.apply(results))
              .model(model)
              .reduction(reduction)
              .executionsMax(NAIVE_MAX)
              .goOn()
              .onComplete((execution, violation) ->
                  seen.add(
                      (violation == null ? "" : violation.kind() + " ") + Arrays.toString(results)))
              .explore();
      assertThat(explored.exhausted()).as("%s under %s", reduction, model).isTrue();
      if (expected == null) {
        expected = seen;
      }
      assertThat(seen).as("%s under %s", reduction, model).isEqualTo(expected);
    }
    return Objects.requireNonNull(expected);
  }

  @ParameterizedTest
  @EnumSource(MemoryModel.class)
  void spinEndsWhenTheValueComes(MemoryModel model) {
    Set<String> outcomes =
        outcomes(
            model,
            results ->
                setup -> {
                  LongCell flag = new LongCell("flag", 0);
                  LongCell data = new LongCell("data", 0);
                  setup.task(
                      "spinner",
                      () -> {
                        while (flag.smpLoadAcquire() != 2) {
                          Sched.cpuRelax();
                        }
                        results[0] = data.readOnce();
                      });
                  setup.task(
                      "writer",
                      () -> {
                        data.writeOnce(7);
                        flag.writeOnce(1);
                        flag.smpStoreRelease(2);
                      });
                });
    assertThat(outcomes).containsExactly("[7, null, null, null]");
  }

  @ParameterizedTest
  @EnumSource(MemoryModel.class)
  void loopThatDoesNotSayThatItSpinsEndsToo(MemoryModel model) {
    Explored explored =
        explore(
            model,
            setup -> {
              LongCell flag = new LongCell("flag", 0);
              setup.task(
                  "spinner",
                  () -> {
                    while (flag.readOnce() == 0) {}
                  });
              setup.task("writer", () -> flag.writeOnce(1));
            });
    assertThat(explored.counterexample()).isNull();
    assertThat(explored.exhausted()).isTrue();
    assertThat(explored.bounds()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(MemoryModel.class)
  void spinThatNobodyEndsIsALivelock(MemoryModel model) {
    Violation violation =
        wrong(
            explore(
                model,
                setup -> {
                  LongCell flag = new LongCell("flag", 0);
                  setup.task(
                      "spinner",
                      () -> {
                        while (flag.readOnce() != 2) {
                          Sched.cpuRelax();
                        }
                      });
                  setup.task("writer", () -> flag.writeOnce(1));
                }));
    assertThat(violation.kind()).isEqualTo(Violation.Kind.LIVELOCK);
    assertThat(violation.seen())
        .isEqualTo("soft lockup: spinner spins in READ_ONCE(flag), flag is 1");
  }

  @ParameterizedTest
  @EnumSource(MemoryModel.class)
  void eitherOfTwoChangesEndsALoop(MemoryModel model) {
    Set<String> outcomes =
        outcomes(
            model,
            results ->
                setup -> {
                  LongCell a = new LongCell("a", 0);
                  LongCell b = new LongCell("b", 0);
                  setup.task(
                      "spinner",
                      () -> {
                        while (true) {
                          long seenA = a.readOnce();
                          long seenB = b.readOnce();
                          if (seenA + seenB > 0) {
                            results[0] = seenA + " " + seenB;
                            return;
                          }
                          Sched.cpuRelax();
                        }
                      });
                  setup.task("writer of a", () -> a.writeOnce(1));
                  setup.task("writer of b", () -> b.writeOnce(1));
                });
    assertThat(outcomes)
        .containsExactly(
            "[0 1, null, null, null]", "[1 0, null, null, null]", "[1 1, null, null, null]");
  }

  @ParameterizedTest
  @EnumSource(MemoryModel.class)
  void oneChangeOfTwoIsEnough(MemoryModel model) {
    Explored explored =
        explore(
            model,
            setup -> {
              LongCell a = new LongCell("a", 0);
              LongCell b = new LongCell("b", 0);
              setup.task(
                  "spinner",
                  () -> {
                    while (a.readOnce() == 0 && b.readOnce() == 0) {
                      Sched.cpuRelax();
                    }
                  });
              setup.task("writer of b", () -> b.writeOnce(1));
            });
    assertThat(explored.counterexample()).isNull();
    assertThat(explored.exhausted()).isTrue();
  }

  private static Program testAndSet(int tasks, boolean atomic) {
    return setup -> {
      LongCell lock = new LongCell("lock", 0);
      LongCell inside = new LongCell("inside", 0);
      for (int i = 0; i < tasks; i++) {
        setup.task(
            "CPU " + i,
            () -> {
              if (atomic) {
                while (lock.cmpxchgAcquire(0, 1) != 0) {
                  Sched.cpuRelax();
                }
              } else {
                while (lock.smpLoadAcquire() != 0) {
                  Sched.cpuRelax();
                }
                lock.writeOnce(1);
              }
              inside.set(inside.get() + 1);
              lock.smpStoreRelease(0);
            });
      }
      setup.atEnd(() -> assertThat(inside.latest()).isEqualTo(tasks));
    };
  }

  @ParameterizedTest
  @EnumSource(MemoryModel.class)
  void lockThatSpinsOnAnAtomicExcludes(MemoryModel model) {
    Explored explored = explore(model, testAndSet(3, true));
    assertThat(explored.counterexample()).isNull();
    assertThat(explored.exhausted()).isTrue();
    assertThat(wrong(explore(model, testAndSet(2, false))).kind())
        .isEqualTo(Violation.Kind.DATA_RACE);
  }

  @ParameterizedTest
  @EnumSource(MemoryModel.class)
  void ticketLockExcludes(MemoryModel model) {
    Explored explored =
        explore(
            model,
            setup -> {
              LongCell next = new LongCell("next", 0);
              LongCell owner = new LongCell("owner", 0);
              LongCell inside = new LongCell("inside", 0);
              for (int i = 0; i < 3; i++) {
                setup.task(
                    "CPU " + i,
                    () -> {
                      long ticket = next.fetchAddRelaxed(1);
                      while (owner.smpLoadAcquire() != ticket) {
                        Sched.cpuRelax();
                      }
                      inside.set(inside.get() + 1);
                      owner.smpStoreRelease(ticket + 1);
                    });
              }
              setup.atEnd(() -> assertThat(inside.latest()).isEqualTo(3));
            });
    assertThat(explored.counterexample()).isNull();
    assertThat(explored.exhausted()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(MemoryModel.class)
  void loopThatGivesUpIsNotStuck(MemoryModel model) {
    Explored explored =
        explore(
            model,
            setup -> {
              LongCell flag = new LongCell("flag", 0);
              setup.task(
                  "impatient",
                  () -> {
                    for (int round = 0; round < 40 && flag.readOnce() == 0; round++) {
                      Sched.cpuRelax();
                    }
                  });
              setup.task("bystander", () -> new LongCell("other", 0).writeOnce(1));
            });
    assertThat(explored.counterexample()).isNull();
    assertThat(explored.exhausted()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(MemoryModel.class)
  void spinLoopThatChangesSomethingIsBounded(MemoryModel model) {
    Explored explored =
        explore(
            model,
            setup -> {
              Spinlock lock = Spinlock.define("lock");
              for (int i = 0; i < 2; i++) {
                setup.task(
                    "CPU " + i,
                    () -> {
                      while (!lock.trylock()) {
                        Sched.cpuRelax();
                      }
                      lock.unlock();
                    });
              }
            });
    assertThat(explored.counterexample()).isNull();
    assertThat(explored.exhausted()).isFalse();
    assertThat(explored.bounds())
        .containsExactly("at most 8 rounds of a spin loop that changes something");
  }

  @ParameterizedTest
  @EnumSource(MemoryModel.class)
  void loopUnderALockWaitsItsTurn(MemoryModel model) {
    Program program =
        setup -> {
          Spinlock lock = Spinlock.define("lock");
          LongCell ready = new LongCell("ready", 0).guardedBy(lock);
          setup.task(
              "waiter",
              () -> {
                for (boolean done = false; !done; ) {
                  lock.lock();
                  done = ready.get() == 1;
                  lock.unlock();
                }
              });
          setup.task(
              "setter",
              () -> {
                lock.lock();
                ready.set(1);
                lock.unlock();
              });
        };
    Explored explored = new Explorer(program).model(model).executionsMax(300).explore();
    assertThat(explored.counterexample()).isNull();
    assertThat(explored.complete()).isPositive();
  }

  @Test
  void tasksThatUndoEachOtherForEverAreALivelock() {
    Program program =
        setup -> {
          LongCell turn = new LongCell("turn", 0);
          for (int i = 0; i < 2; i++) {
            int me = i;
            setup.task(
                "CPU " + i,
                () -> {
                  while (turn.readOnce() != 5) {
                    turn.writeOnce(me);
                  }
                });
          }
        };
    Violation violation = wrong(new Explorer(program).explore());
    assertThat(violation.kind()).isEqualTo(Violation.Kind.LIVELOCK);
    assertThat(violation.seen()).contains("after 5000 events");
  }
}
