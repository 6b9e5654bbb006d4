// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import kvmlab.explore.Explorer;
import kvmlab.explore.MemoryModel;
import kvmlab.explore.Reduction;
import kvmlab.machine.Setup;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What sleeping and waking order, and which wake-ups are lost: the barrier in
/// `set_current_state()` and the one in `rcuwait_wake_up()` are the two sides of a store-buffering
/// shape.
class WakeUpOrderTest {
  private static final String LOST = "DEADLOCK";

  /// Returns what the tasks may do: the same whether equivalent executions are left out or not.
  private static SortedSet<String> outcomes(MemoryModel model, BiConsumer<Setup, long[]> tasks) {
    SortedSet<String> outcomes = outcomes(model, Reduction.NONE, tasks);
    assertThat(outcomes(model, Reduction.SOURCE_SETS, tasks)).isEqualTo(outcomes);
    return outcomes;
  }

  private static SortedSet<String> outcomes(
      MemoryModel model, Reduction reduction, BiConsumer<Setup, long[]> tasks) {
    SortedSet<String> outcomes = new TreeSet<>();
    long[][] seen = new long[1][];
    new Explorer(
            setup -> {
              seen[0] = new long[1];
              tasks.accept(setup, seen[0]);
            })
        .model(model)
        .reduction(reduction)
        .goOn()
        .onComplete((execution, violation) ->
            outcomes.add(violation == null ? "" + seen[0][0] : violation.kind().toString()))
        .explore();
    return outcomes;
  }

  /// The waiter sets its state and looks at the condition; the waker sets the condition and looks
  /// at the state. With either barrier missing both may see what was before, and the wake-up is
  /// lost.
  @ParameterizedTest
  @CsvSource({"true, true, false", "true, false, true", "false, true, true", "false, false, true"})
  void bothSidesNeedTheirBarrier(boolean waiterHasOne, boolean wakerHasOne, boolean lost) {
    SortedSet<String> outcomes =
        outcomes(
            MemoryModel.LKMM,
            (setup, seen) -> {
              CurrentState[] waiting = new CurrentState[1];
              LongCell ready = new LongCell("ready", 0);
              LongCell condition = new LongCell("condition", 0);
              setup.task(
                  "waiter",
                  () -> {
                    waiting[0] = TaskStruct.currentState();
                    ready.smpStoreRelease(1);
                    waiting[0].set(TaskState.TASK_UNINTERRUPTIBLE);
                    if (waiterHasOne) {
                      Barriers.smpMb();
                    }
                    if (condition.readOnce() == 0) {
                      waiting[0].schedule();
                    }
                  });
              setup.task(
                  "waker",
                  () -> {
                    ready.smpCondLoadAcquire(value -> value == 1);
                    condition.writeOnce(1);
                    if (wakerHasOne) {
                      Barriers.smpMb();
                    }
                    waiting[0].wakeUp();
                  });
            });
    assertThat(outcomes).contains("0");
    assertThat(outcomes.contains(LOST)).as("%s", outcomes).isEqualTo(lost);
  }

  /// The same with the real thing, whose barriers are its own.
  @ParameterizedTest
  @EnumSource(MemoryModel.class)
  void rcuwaitLosesNoWakeUp(MemoryModel model) {
    assertThat(outcomes(model, (setup, seen) -> rcuwait(setup, seen, false))).containsExactly("1");
  }

  /// State set after the condition was tested: a wake-up in between is lost.
  @ParameterizedTest
  @EnumSource(MemoryModel.class)
  void stateSetLateLosesTheWakeUp(MemoryModel model) {
    assertThat(outcomes(model, (setup, seen) -> rcuwait(setup, seen, true)))
        .containsExactly("1", LOST);
  }

  private static void rcuwait(Setup setup, long[] seen, boolean late) {
    Rcuwait rcuwait = new Rcuwait("rcuwait");
    LongCell condition = new LongCell("condition", 0);
    setup.task(
        "waiter",
        () -> {
          rcuwait.prepareToRcuwait();
          if (!late) {
            rcuwait.setCurrentStateUninterruptible();
          }
          if (condition.readOnce() == 0) {
            if (late) {
              rcuwait.setCurrentStateUninterruptible();
            }
            rcuwait.schedule();
          }
          rcuwait.finishRcuwait();
          seen[0] = condition.readOnce();
        });
    setup.task(
        "waker",
        () -> {
          condition.writeOnce(1);
          rcuwait.wakeUp();
        });
  }

  /// Without any condition: whoever has been woken sees what the waker did, whether it slept or was
  /// only about to.
  @ParameterizedTest
  @EnumSource(MemoryModel.class)
  void wakeUpCarriesWhatTheWakerDid(MemoryModel model) {
    assertThat(
            outcomes(
                model,
                (setup, seen) -> {
                  Rcuwait rcuwait = new Rcuwait("rcuwait");
                  LongCell x = new LongCell("x", 0);
                  setup.task(
                      "waiter",
                      () -> {
                        rcuwait.prepareToRcuwait();
                        rcuwait.setCurrentStateUninterruptible();
                        rcuwait.schedule();
                        rcuwait.finishRcuwait();
                        seen[0] = x.readOnce();
                      });
                  setup.task(
                      "waker",
                      () -> {
                        x.writeOnce(1);
                        rcuwait.wakeUp();
                      });
                }))
        .containsExactly("1", LOST);
  }

  /// A wake-up tells nothing to a task that was not about to sleep, and nothing to one that has
  /// thought better of it.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void wakeUpOfARunningTaskOrdersNothing(boolean thoughtBetterOfIt) {
    assertThat(
            outcomes(
                MemoryModel.LKMM,
                (setup, seen) -> {
                  CurrentState[] waiting = new CurrentState[1];
                  LongCell ready = new LongCell("ready", 0);
                  LongCell woken = new LongCell("woken", 0);
                  LongCell x = new LongCell("x", 0);
                  setup.task(
                      "waiter",
                      () -> {
                        waiting[0] = TaskStruct.currentState();
                        if (thoughtBetterOfIt) {
                          waiting[0].set(TaskState.TASK_UNINTERRUPTIBLE);
                        }
                        ready.smpStoreRelease(1);
                        woken.smpCondLoadRelaxed(value -> value == 1);
                        waiting[0].set(TaskState.TASK_RUNNING);
                        waiting[0].schedule();
                        seen[0] = x.readOnce();
                      });
                  setup.task(
                      "waker",
                      () -> {
                        ready.smpCondLoadAcquire(value -> value == 1);
                        x.writeOnce(1);
                        waiting[0].wakeUp();
                        woken.writeOnce(1);
                      });
                }))
        .containsExactly("0", "1");
  }
}
