// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import kvmlab.explore.Explored;
import kvmlab.explore.Explorer;
import kvmlab.explore.MemoryModel;
import kvmlab.machine.Program;
import kvmlab.machine.Violation;
import org.junit.jupiter.api.Test;

/// Each misuse of a primitive is reported, in every interleaving in which it happens.
class SanitizerTest {

  private static Explored explore(Program program) {
    return new Explorer(program).model(MemoryModel.LKMM).explore();
  }

  private static Violation found(Program program) {
    return Objects.requireNonNull(explore(program).counterexample(), "nothing found").violation();
  }

  private static Violation foundIn(Runnable task) {
    return found(setup -> setup.task("CPU 0", task));
  }

  @Test
  void lockIsInitialisedBeforeItsFirstUse() {
    Violation violation =
        found(setup -> {
          RwSemaphore lock = new RwSemaphore("mmu_notifier_slots_lock");
          setup.task("CPU 0 (create)", lock::init);
          setup.task(
              "CPU 1 (munmap)",
              () -> {
                lock.downRead();
                lock.upRead();
              });
        });
    assertThat(violation.invariant()).isEqualTo("I25");
    assertThat(violation.seen()).contains("down_read(mmu_notifier_slots_lock) before any");
  }

  @Test
  void lockIsReleasedByItsOwner() {
    Violation violation =
        found(setup -> {
          Spinlock lock = Spinlock.define("mmu_lock");
          setup.task("CPU 0", lock::lock);
          setup.task("CPU 1", lock::unlock);
        });
    assertThat(violation.invariant()).isEqualTo("I26");
  }

  @Test
  void spinlockIsNotTakenTwice() {
    Violation violation =
        foundIn(() -> {
          Spinlock lock = Spinlock.define("mmu_lock");
          lock.lock();
          lock.lock();
        });
    assertThat(violation.expected()).isEqualTo("CPU 0 takes mmu_lock once");
  }

  @Test
  void nobodySleepsWithASpinlockHeld() {
    Violation violation =
        foundIn(() -> {
          Mutex mutex = Mutex.define("slots_lock");
          RwLock lock = RwLock.define("mmu_lock");
          lock.readLock();
          mutex.lock();
        });
    assertThat(violation.invariant()).isEqualTo("I18");
    assertThat(violation.seen()).isEqualTo("CPU 0 may sleep in slots_lock while it holds mmu_lock");
  }

  @Test
  void nobodySleepsInANonBlockableSection() {
    Violation violation =
        foundIn(() -> {
          Sched.nonBlockStart();
          Sched.mightSleep("munmap");
        });
    assertThat(violation.seen()).contains("non-blockable section");
  }

  @Test
  void sleepingIsFineOnceTheLockIsReleased() {
    Explored explored =
        explore(setup ->
            setup.task(
                "CPU 0",
                () -> {
                  RwLock lock = RwLock.define("mmu_lock");
                  lock.writeLock();
                  lock.writeUnlock();
                  Sched.nonBlockStart();
                  Sched.nonBlockEnd();
                  Sched.mightSleep("munmap");
                }));
    assertThat(explored.counterexample()).isNull();
  }

  @Test
  void guardedCellNeedsItsLock() {
    Violation violation =
        foundIn(() -> {
          Spinlock lock = Spinlock.define("mmu_lock");
          new LongCell("mmu_notifier_count", 0).guardedBy(lock).set(1);
        });
    assertThat(violation.kind()).isEqualTo(Violation.Kind.DATA_RACE);
    assertThat(violation.expected()).isEqualTo("mmu_notifier_count is guarded by mmu_lock");
  }

  @Test
  void readLockDoesNotAllowToWrite() {
    Violation violation =
        foundIn(() -> {
          RwLock lock = RwLock.define("mmu_lock");
          LongCell cell = new LongCell("mmu_notifier_count", 0).guardedBy(lock);
          lock.readLock();
          cell.get();
          cell.set(1);
        });
    assertThat(violation.seen()).contains("with a read lock");
  }

  @Test
  void pointerIsDereferencedInAReadSection() {
    Violation violation =
        foundIn(() -> new RefCell<>("memslots", "slots").srcuDereference(new SrcuStruct("srcu")));
    assertThat(violation.seen()).contains("suspicious RCU usage");
  }

  @Test
  void readerBlocksGracePeriod() {
    Explored explored =
        explore(setup -> {
          SrcuStruct srcu = new SrcuStruct("srcu");
          RefCell<String> memslots = new RefCell<>("memslots", "old");
          LongCell freed = new LongCell("freed", 0);
          setup.task(
              "CPU 0 (reader)",
              () -> {
                int index = srcu.readLock();
                String slots = memslots.srcuDereference(srcu);
                if ("old".equals(slots) && freed.latest() == 1) {
                  throw new AssertionError("the reader sees freed memslots");
                }
                srcu.readUnlock(index);
              });
          setup.task(
              "CPU 1 (updater)",
              () -> {
                memslots.rcuAssignPointer("new");
                srcu.synchronize();
                freed.writeOnce(1);
              });
        });
    assertThat(explored.counterexample()).isNull();
    assertThat(explored.exhausted()).isTrue();
  }

  @Test
  void gracePeriodIsNotAwaitedByItsOwnReader() {
    Violation violation =
        foundIn(() -> {
          SrcuStruct srcu = new SrcuStruct("srcu");
          srcu.readLock();
          srcu.synchronize();
        });
    assertThat(violation.invariant()).isEqualTo("I35");
  }

  @Test
  void readerBehindAQueuedWriterDeadlocksItself() {
    Violation violation =
        found(setup -> {
          RwSemaphore lock = RwSemaphore.define("mmu_notifier_slots_lock");
          setup.task(
              "CPU 0 (nested)",
              () -> {
                lock.downRead();
                lock.downRead();
                lock.upRead();
                lock.upRead();
              });
          setup.task(
              "CPU 1 (memslot)",
              () -> {
                lock.downWrite();
                lock.upWrite();
              });
        });
    assertThat(violation.kind()).isEqualTo(Violation.Kind.DEADLOCK);
    assertThat(violation.seen())
        .contains("held for reading by CPU 0 (nested), waited for by CPU 1 (memslot)");
  }

  @Test
  void wakeUpBetweenTestAndSleepIsLostWhenTheStateIsSetLate() {
    assertThat(explore(sleeper(false)).counterexample()).isNull();
    assertThat(found(sleeper(true)).kind()).isEqualTo(Violation.Kind.DEADLOCK);
  }

  private static Program sleeper(boolean late) {
    return setup -> {
      Rcuwait wait = new Rcuwait("mn_memslots_update_rcuwait");
      LongCell active = new LongCell("mn_active_invalidate_count", 1);
      setup.task(
          "CPU 0 (memslot)",
          () -> {
            wait.prepareToRcuwait();
            if (!late) {
              wait.setCurrentStateUninterruptible();
            }
            if (active.readOnce() != 0) {
              if (late) {
                wait.setCurrentStateUninterruptible();
              }
              wait.schedule();
            }
            wait.finishRcuwait();
          });
      setup.task(
          "CPU 1 (invalidation)",
          () -> {
            active.writeOnce(0);
            wait.wakeUp();
          });
    };
  }
}
