// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import kvmlab.explore.Explored;
import kvmlab.explore.Explorer;
import kvmlab.explore.MemoryModel;
import kvmlab.explore.Reduction;
import kvmlab.machine.Program;
import kvmlab.machine.Violation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KthreadTest {

  private static Explored explore(MemoryModel model, Program program) {
    return new Explorer(program).model(model).goOn().explore();
  }

  /// The creator hands data to the thread and reads what it left, with or without waiting for it.
  private static Program handOver(boolean waits) {
    return setup ->
        setup.task(
            "creator",
            () -> {
              LongCell in = new LongCell("in", 0);
              LongCell out = new LongCell("out", 0);
              in.set(3);
              Kthread thread = Kthread.run("worker", () -> out.set(in.get() + 1));
              if (waits) {
                thread.stop();
              }
              long result = out.get();
              assertThat(waits ? result : 4).isEqualTo(4);
            });
  }

  @ParameterizedTest
  @EnumSource(MemoryModel.class)
  void creationAndEndOrderPlainAccesses(MemoryModel model) {
    Explored explored = explore(model, handOver(true));
    assertThat(explored.counterexample()).isNull();
    assertThat(explored.complete()).isEqualTo(1);
    Violation race =
        Objects.requireNonNull(explore(model, handOver(false)).counterexample()).violation();
    assertThat(race.kind()).isEqualTo(Violation.Kind.DATA_RACE);
    assertThat(race.seen()).contains("creator").contains("worker");
  }

  @ParameterizedTest
  @EnumSource(MemoryModel.class)
  void threadLearnsThatItShouldStop(MemoryModel model) {
    Explored explored =
        explore(
            model,
            setup ->
                setup.task(
                    "creator",
                    () -> {
                      Kthread[] self = new Kthread[1];
                      RefCell<Kthread> known = new RefCell<>("self", null);
                      self[0] =
                          Kthread.run(
                              "worker",
                              () -> {
                                Kthread me = null;
                                while (me == null) {
                                  me = known.smpLoadAcquire();
                                  Sched.cpuRelax();
                                }
                                while (!me.shouldStop()) {
                                  Sched.cpuRelax();
                                }
                              });
                      known.smpStoreRelease(self[0]);
                      self[0].stop();
                    }));
    assertThat(explored.counterexample()).isNull();
    assertThat(explored.exhausted()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(MemoryModel.class)
  void threadThatNeverEndsHoldsUpItsStopper(MemoryModel model) {
    Explored explored =
        explore(
            model,
            setup ->
                setup.task(
                    "creator",
                    () -> {
                      Rcuwait never = new Rcuwait("never");
                      Kthread.run(
                              "sleeper",
                              () -> {
                                never.prepareToRcuwait();
                                never.setCurrentStateUninterruptible();
                                never.schedule();
                              })
                          .stop();
                    }));
    Violation violation = Objects.requireNonNull(explored.counterexample()).violation();
    assertThat(violation.kind()).isEqualTo(Violation.Kind.DEADLOCK);
    assertThat(violation.seen()).contains("kthread_stop").contains("sleeper");
  }

  /// Two tasks create a thread each, and the four race on one cell: created in any order, a thread
  /// is the same one to the search.
  @ParameterizedTest
  @EnumSource(MemoryModel.class)
  void threadsOfRacingCreatorsAreExploredOnce(MemoryModel model) {
    Set<String> naive = outcomes(model, Reduction.NONE);
    assertThat(outcomes(model, Reduction.SLEEP_SETS)).isEqualTo(naive);
    assertThat(outcomes(model, Reduction.SOURCE_SETS)).isEqualTo(naive);
    assertThat(complete(model, Reduction.SOURCE_SETS))
        .isEqualTo(complete(model, Reduction.SLEEP_SETS));
    // One doubles 1 and the other triples it, or one update is lost, or the second never starts.
    assertThat(naive).containsExactly("2", "4", "6");
  }

  private static Set<String> outcomes(MemoryModel model, Reduction reduction) {
    Set<String> seen = new TreeSet<>();
    LongCell[] cell = new LongCell[1];
    new Explorer(creators(cell))
        .model(model)
        .reduction(reduction)
        .goOn()
        .onComplete((execution, violation) -> seen.add(String.valueOf(cell[0].latest())))
        .explore();
    return seen;
  }

  private static long complete(MemoryModel model, Reduction reduction) {
    return new Explorer(creators(new LongCell[1]))
        .model(model)
        .reduction(reduction)
        .goOn()
        .explore()
        .complete();
  }

  private static Program creators(LongCell[] cell) {
    return setup -> {
      LongCell x = new LongCell("x", 1);
      cell[0] = x;
      for (int i = 0; i < 2; i++) {
        int factor = i + 1;
        setup.task(
            "creator " + i,
            () -> {
              if (factor == 2 && x.readOnce() > 1) {
                return;
              }
              Kthread.run("worker " + factor, () -> x.fetchAddRelaxed(x.readOnce() * factor));
            });
      }
    };
  }

  /// Two tasks wait for one thread, in either order: the second one is wrong, whoever it is.
  @ParameterizedTest
  @EnumSource(MemoryModel.class)
  void secondStopperIsReportedWhoeverItIs(MemoryModel model) {
    Set<String> seen = new TreeSet<>();
    new Explorer(setup ->
        setup.task(
            "creator",
            () -> {
              Kthread worker = Kthread.run("worker", () -> {});
              Kthread.run("helper", worker::stop);
              worker.stop();
            }))
        .model(model)
        .goOn()
        .onComplete((execution, violation) -> {
          if (violation != null) {
            seen.add(violation.seen());
          }
        })
        .explore();
    assertThat(seen)
        .containsExactly("creator calls it after helper", "helper calls it after creator");
  }
}
