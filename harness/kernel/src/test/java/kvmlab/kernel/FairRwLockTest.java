// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import kvmlab.explore.Explored;
import kvmlab.explore.Explorer;
import kvmlab.explore.Reduction;
import kvmlab.machine.Program;
import kvmlab.machine.Violation;
import org.junit.jupiter.api.Test;

/// Who passes whom at a reader-writer lock, and who waits for itself.
class FairRwLockTest {

  private static Violation found(Program program) {
    // The deadlocks themselves are wanted here, not the warning before them.
    Program unproven =
        setup -> {
          Lockdep.proveLocking(false);
          program.build(setup);
        };
    return Objects.requireNonNull(
            new Explorer(unproven).explore().counterexample(), "nothing found")
        .violation();
  }

  private static void isSafe(Program program) {
    Explored explored = new Explorer(program).explore();
    assertThat(explored.counterexample()).isNull();
    assertThat(explored.exhausted()).isTrue();
  }

  private static Runnable interrupt(Runnable handler) {
    return () -> {
      Sched.irqEnter();
      handler.run();
      Sched.irqExit();
    };
  }

  /// A reader that reads again while it holds the lock, and a writer.
  private static Program nested(boolean again) {
    return setup -> {
      RwLock lock = RwLock.define("tasklist_lock");
      Runnable read =
          () -> {
            lock.readLock();
            lock.readUnlock();
          };
      setup.task(
          "reader",
          () -> {
            lock.readLock();
            (again ? read : interrupt(read)).run();
            lock.readUnlock();
          });
      setup.task(
          "writer",
          () -> {
            lock.writeLock();
            lock.writeUnlock();
          });
    };
  }

  @Test
  void nestedReaderWaitsForItselfBehindAQueuedWriter() {
    Violation violation = found(nested(true));
    assertThat(violation.kind()).isEqualTo(Violation.Kind.DEADLOCK);
    assertThat(violation.seen())
        .contains("held for reading by reader, waited for by writer, reader");
  }

  @Test
  void readerInInterruptContextPassesAQueuedWriter() {
    isSafe(nested(false));
  }

  @Test
  void readerInInterruptContextWaitsForTheWriterThatHoldsTheLock() {
    isSafe(setup -> {
      RwLock lock = RwLock.define("tasklist_lock");
      LongCell data = new LongCell("data", 0).guardedBy(lock);
      setup.task(
          "writer",
          () -> {
            lock.writeLock();
            data.set(1);
            data.set(2);
            lock.writeUnlock();
          });
      setup.task(
          "interrupt",
          interrupt(() -> {
            lock.readLock();
            assertThat(data.get()).isIn(0L, 2L);
            lock.readUnlock();
          }));
    });
  }

  @Test
  void readerThatTriesPassesNoQueuedWriterInAnyContext() {
    Set<Boolean> seen = new TreeSet<>();
    new Explorer(
            setup -> {
              RwLock lock = RwLock.define("tasklist_lock");
              setup.task(
                  "reader",
                  () -> {
                    lock.readLock();
                    Sched.irqEnter();
                    boolean got = lock.readTrylock();
                    seen.add(got);
                    if (got) {
                      lock.readUnlock();
                    }
                    Sched.irqExit();
                    lock.readUnlock();
                  });
              setup.task(
                  "writer",
                  () -> {
                    lock.writeLock();
                    lock.writeUnlock();
                  });
            })
        .explore();
    assertThat(seen).containsExactly(false, true);
  }

  @Test
  void interruptOnTopOfTheWriterWaitsForItself() {
    Violation violation =
        found(setup -> {
          RwLock lock = RwLock.define("tasklist_lock");
          setup.task(
              "writer",
              () -> {
                lock.writeLock();
                interrupt(lock::readLock).run();
              });
        });
    assertThat(violation.invariant()).isEqualTo("I26");
    assertThat(violation.seen()).isEqualTo("writer waits for itself as writer");
  }

  @Test
  void readerThatWantsToWriteWaitsForItself() {
    for (boolean semaphore : new boolean[] {false, true}) {
      Violation violation =
          found(setup -> {
            if (semaphore) {
              RwSemaphore lock = RwSemaphore.define("mmap_lock");
              setup.task(
                  "reader",
                  () -> {
                    lock.downRead();
                    lock.downWrite();
                  });
            } else {
              RwLock lock = RwLock.define("mmap_lock");
              setup.task(
                  "reader",
                  () -> {
                    lock.readLock();
                    lock.writeLock();
                  });
            }
          });
      assertThat(violation.kind()).isEqualTo(Violation.Kind.DEADLOCK);
      assertThat(violation.seen()).contains("held for reading by reader, waited for by reader");
    }
  }

  /// Without any reduction: that a request and a downgrade commute is what is tested.
  @Test
  void downgradeLetsReadersIn() {
    Program program =
        setup -> {
          RwSemaphore lock = RwSemaphore.define("mmap_lock");
          LongCell together = new LongCell("together", 0);
          LongCell data = new LongCell("data", 0);
          setup.task(
              "downgrader",
              () -> {
                lock.downWrite();
                data.set(1);
                lock.downgradeWrite();
                // Comes to an end only if the reader is let in before the release.
                together.smpCondLoadAcquire(value -> value == 1);
                lock.upRead();
              });
          setup.task(
              "reader",
              () -> {
                lock.downRead();
                data.get();
                together.smpStoreRelease(1);
                lock.upRead();
              });
        };
    Explored explored = new Explorer(program).reduction(Reduction.NONE).explore();
    assertThat(explored.counterexample()).isNull();
    assertThat(explored.exhausted()).isTrue();
  }

  @Test
  void downgradeLetsNoWriterIn() {
    isSafe(setup -> {
      RwSemaphore lock = RwSemaphore.define("mmap_lock");
      LongCell data = new LongCell("data", 0);
      setup.task(
          "downgrader",
          () -> {
            lock.downWrite();
            data.set(1);
            lock.downgradeWrite();
            assertThat(data.get()).isEqualTo(1);
            lock.upRead();
          });
      setup.task(
          "writer",
          () -> {
            lock.downWrite();
            data.set(2);
            lock.upWrite();
          });
    });
  }

  @Test
  void anotherTaskMayReleaseForAReaderThatIsNoOwner() {
    isSafe(setup -> {
      RwSemaphore lock = RwSemaphore.define("mmap_lock");
      LongCell taken = new LongCell("taken", 0);
      LongCell data = new LongCell("data", 0);
      setup.task(
          "taker",
          () -> {
            lock.downReadNonOwner();
            data.get();
            taken.smpStoreRelease(1);
          });
      setup.task(
          "releaser",
          () -> {
            taken.smpCondLoadAcquire(value -> value == 1);
            lock.upReadNonOwner();
          });
      setup.task(
          "writer",
          () -> {
            lock.downWrite();
            data.set(1);
            lock.upWrite();
          });
    });
  }

  /// In one order the release comes first, whichever task the explorer starts with.
  @Test
  void releaseForAReaderComesAfterItsTaking() {
    for (boolean takerFirst : new boolean[] {false, true}) {
      Violation violation =
          found(setup -> {
            RwSemaphore lock = RwSemaphore.define("mmap_lock");
            if (takerFirst) {
              setup.task("taker", lock::downReadNonOwner);
            }
            setup.task("releaser", lock::upReadNonOwner);
            if (!takerFirst) {
              setup.task("taker", lock::downReadNonOwner);
            }
          });
      assertThat(violation.invariant()).isEqualTo("I26");
    }
  }

  @Test
  void readerIsReleasedForOnce() {
    Set<String> seen = new TreeSet<>();
    new Explorer(
            setup -> {
              RwSemaphore lock = RwSemaphore.define("mmap_lock");
              lock.downReadNonOwner();
              setup.task("CPU 0", lock::upReadNonOwner);
              setup.task("CPU 1", lock::upReadNonOwner);
            })
        .goOn()
        .onComplete((execution, violation) -> seen.add(violation.seen()))
        .explore();
    assertThat(seen)
        .containsExactly(
            "CPU 0 releases it, held by no such reader",
            "CPU 1 releases it, held by no such reader");
  }

  @Test
  void readLockIsReleasedByItsOwnerOtherwise() {
    Violation byAnother =
        found(setup -> {
          RwSemaphore lock = RwSemaphore.define("mmap_lock");
          lock.downRead();
          setup.task("releaser", lock::upRead);
        });
    assertThat(byAnother.invariant()).isEqualTo("I26");
    Violation ofAnother =
        found(setup -> {
          RwSemaphore lock = RwSemaphore.define("mmap_lock");
          lock.downRead();
          setup.task("releaser", lock::upReadNonOwner);
        });
    assertThat(ofAnother.invariant()).isEqualTo("I26");
    assertThat(ofAnother.seen()).contains("held by no such reader");
  }

  @Test
  void nobodySleepsInInterruptContext() {
    Violation violation =
        found(setup -> {
          Mutex lock = Mutex.define("slots_lock");
          setup.task("interrupt", interrupt(lock::lock));
        });
    assertThat(violation.invariant()).isEqualTo("I18");
    assertThat(violation.seen()).contains("while it is in interrupt context");
  }
}
