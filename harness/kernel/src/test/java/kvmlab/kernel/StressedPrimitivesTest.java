// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import kvmlab.explore.stress.Sighting;
import kvmlab.explore.stress.Stress;
import kvmlab.explore.stress.Stressed;
import kvmlab.machine.Program;
import kvmlab.machine.Violation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The primitives on real threads: each event under the monitor of its object, waits by parking.
class StressedPrimitivesTest {
  private static final int ROUNDS = 200;
  private static final int ROUNDS_MAX = 20_000;
  private static final int TURNS = 20;

  /// A way to exclude others.
  record Exclusion(String name, Supplier<Section> declare) {
    @Override
    public String toString() {
      return name;
    }
  }

  interface Section {
    void run(Runnable body);
  }

  static Stream<Exclusion> exclusions() {
    return Stream.of(
        new Exclusion(
            "spinlock",
            () -> {
              Spinlock lock = Spinlock.define("lock");
              return section(lock::lock, lock::unlock);
            }),
        new Exclusion(
            "mutex",
            () -> {
              Mutex lock = Mutex.define("lock");
              return section(lock::lock, lock::unlock);
            }),
        new Exclusion(
            "rwlock",
            () -> {
              RwLock lock = RwLock.define("lock");
              return section(lock::writeLock, lock::writeUnlock);
            }),
        new Exclusion(
            "rwsem",
            () -> {
              RwSemaphore lock = RwSemaphore.define("lock");
              return section(lock::downWrite, lock::upWrite);
            }),
        new Exclusion(
            "trylock",
            () -> {
              Spinlock lock = Spinlock.define("lock");
              return section(
                  () -> {
                    while (!lock.trylock()) {
                      Thread.onSpinWait();
                    }
                  },
                  lock::unlock);
            }));
  }

  private static Section section(Runnable lock, Runnable unlock) {
    return body -> {
      lock.run();
      body.run();
      unlock.run();
    };
  }

  @ParameterizedTest
  @MethodSource("exclusions")
  void locksExcludeAndOrderPlainAccesses(Exclusion exclusion) {
    assertThat(stress(ROUNDS, counting(exclusion.declare())).sightings()).isEmpty();
  }

  @Test
  void readLockDoesNotExcludeReaders() {
    Stressed stressed =
        until(
            counting(() -> {
              RwLock lock = RwLock.define("lock");
              return section(lock::readLock, lock::readUnlock);
            }));

    assertThat(stressed.sightings()).hasSize(1);
  }

  private static Program counting(Supplier<Section> declare) {
    return setup -> {
      Section section = declare.get();
      LongCell count = new LongCell("count", 0);
      LongCell delay = new LongCell("delay", 0);
      for (int task = 0; task < 3; task++) {
        setup.task(
            "task " + task,
            () -> {
              for (int i = 0; i < TURNS; i++) {
                section.run(() -> {
                  long before = count.get();
                  delay.readOnce();
                  count.set(before + 1);
                });
              }
            });
      }
      setup.atEnd(() -> assertThat(count.get()).isEqualTo(3 * TURNS));
    };
  }

  @Test
  void crossedLocksAreReportedAsDeadlockWithStacks() {
    Stressed stressed =
        until(setup -> {
          Lockdep.proveLocking(false);
          Mutex a = Mutex.define("a");
          Mutex b = Mutex.define("b");
          setup.task("T1", () -> crossed(a, b));
          setup.task("T2", () -> crossed(b, a));
        });

    Sighting hang = stressed.sightings().getFirst();
    assertThat(hang.violation().kind()).isEqualTo(Violation.Kind.DEADLOCK);
    assertThat(hang.violation().seen())
        .contains("T1 waits in mutex_lock(b), held by T2")
        .contains("T2 waits in mutex_lock(a), held by T1");
    assertThat(hang.stuck())
        .hasSize(2)
        .allSatisfy(stuck ->
            assertThat(stuck.frames()).anyMatch(frame -> frame.getMethodName().equals("crossed")));
  }

  private static void crossed(Mutex first, Mutex second) {
    for (int i = 0; i < TURNS; i++) {
      first.lock();
      second.lock();
      second.unlock();
      first.unlock();
    }
  }

  /// Others come and go meanwhile, and with them the lists of who is there.
  @Test
  void holderIsKnownAsSuchWhileOthersComeAndGo() {
    Stressed stressed =
        stress(
            ROUNDS,
            setup -> {
              SrcuStruct srcu = SrcuStruct.define("srcu");
              RwLock lock = RwLock.define("lock");
              RefCell<String> pointer = new RefCell<>("p", "x");
              for (int task = 0; task < 3; task++) {
                setup.task(
                    "task " + task,
                    () -> {
                      for (int i = 0; i < 10 * TURNS; i++) {
                        int index = srcu.readLock();
                        lock.readLock();
                        pointer.srcuDereference(srcu);
                        lock.lockdepAssertHeld();
                        lock.readUnlock();
                        srcu.readUnlock(index);
                      }
                    });
              }
            });

    assertThat(stressed.sightings()).isEmpty();
  }

  @Test
  void gracePeriodWaitsForReadersAndWakeUpsAreNotLost() {
    Program program =
        setup -> {
          SrcuStruct srcu = SrcuStruct.define("srcu");
          RefCell<LongCell> pointer = new RefCell<>("p", new LongCell("old", 1));
          List<LongCell> freed = new ArrayList<>();
          Rcuwait wait = new Rcuwait("wait");
          LongCell done = new LongCell("done", 0);
          setup.task(
              "reader",
              () -> {
                for (int i = 0; i < TURNS; i++) {
                  int index = srcu.readLock();
                  LongCell seen = pointer.srcuDereference(srcu);
                  assertThat(seen.readOnce()).isEqualTo(1);
                  srcu.readUnlock(index);
                }
              });
          setup.task(
              "updater",
              () -> {
                LongCell old = pointer.get();
                pointer.rcuAssignPointer(new LongCell("new", 1));
                srcu.synchronize();
                old.writeOnce(0);
                freed.add(old);
                done.smpStoreRelease(1);
                wait.wakeUp();
              });
          setup.task(
              "waiter",
              () -> {
                wait.prepareToRcuwait();
                while (true) {
                  wait.setCurrentStateUninterruptible();
                  if (done.smpLoadAcquire() == 1) {
                    break;
                  }
                  wait.schedule();
                }
                wait.finishRcuwait();
                assertThat(freed).hasSize(1);
              });
        };

    assertThat(stress(ROUNDS, program).sightings()).isEmpty();
  }

  private static Stressed until(Program program) {
    return new Stress(program).roundsMax(ROUNDS_MAX).stopAtFirst().run();
  }

  private static Stressed stress(int rounds, Program program) {
    return new Stress(program).roundsMax(rounds).run();
  }
}
