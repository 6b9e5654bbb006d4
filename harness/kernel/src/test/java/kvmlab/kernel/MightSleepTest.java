// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static kvmlab.kernel.Watched.foundIn;
import static kvmlab.kernel.Watched.silentIn;
import static org.assertj.core.api.Assertions.assertThat;

import kvmlab.machine.Violation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every primitive that may sleep says so, before it looks whether it has to.
class MightSleepTest {

  /// What may sleep, though here none of them would.
  enum Sleeper {
    MUTEX(() -> {
      Mutex mutex = Mutex.define("mutex");
      mutex.lock();
      mutex.unlock();
    }),
    READER(() -> {
      RwSemaphore semaphore = RwSemaphore.define("semaphore");
      semaphore.downRead();
      semaphore.upRead();
    }),
    WRITER(() -> {
      RwSemaphore semaphore = RwSemaphore.define("semaphore");
      semaphore.downWrite();
      semaphore.upWrite();
    }),
    GRACE_PERIOD(() -> SrcuStruct.define("srcu").synchronize()),
    RCUWAIT(() -> new Rcuwait("rcuwait").schedule());

    private final Runnable code;

    Sleeper(Runnable code) {
      this.code = code;
    }
  }

  @ParameterizedTest
  @EnumSource
  void sleepsNowhereUnderASpinlock(Sleeper sleeper) {
    Violation violation =
        foundIn(() -> {
          Spinlock.define("mmu_lock").lock();
          sleeper.code.run();
        });
    assertThat(violation.invariant()).isEqualTo("I18");
    assertThat(violation.seen()).startsWith("CPU 0 may sleep in ").endsWith("it holds mmu_lock");
  }

  @ParameterizedTest
  @EnumSource
  void sleepsNowhereInANonBlockableSection(Sleeper sleeper) {
    Violation violation =
        foundIn(() -> {
          Sched.nonBlockStart();
          sleeper.code.run();
        });
    assertThat(violation.invariant()).isEqualTo("I20");
    assertThat(violation.seen()).endsWith("it is in a non-blockable section");
  }

  @ParameterizedTest
  @EnumSource
  void sleepsOutsideOfThem(Sleeper sleeper) {
    silentIn(() -> {
      Spinlock spinlock = Spinlock.define("spinlock");
      RwLock lock = RwLock.define("mmu_lock");
      Mutex outer = Mutex.define("slots_lock");
      SrcuStruct srcu = SrcuStruct.define("other srcu");
      lock.writeLock();
      spinlock.lock();
      spinlock.unlock();
      lock.writeUnlock();
      lock.readLock();
      lock.readUnlock();
      Sched.nonBlockStart();
      Sched.nonBlockStart();
      Sched.nonBlockEnd();
      Sched.nonBlockEnd();
      // A sleeping lock and a read section are no reasons to stay awake.
      outer.lock();
      int index = srcu.readLock();
      sleeper.code.run();
      srcu.readUnlock(index);
      outer.unlock();
    });
  }

  @Test
  void reportHasTheShapeOfTheKernels() {
    Violation violation =
        foundIn(() -> {
          RwLock lock = RwLock.define("mmu_lock");
          Mutex mutex = Mutex.define("slots_lock");
          try (var _ = Ktrace.call(() -> "invalidate_range_start(h0..h1)")) {
            lock.readLock();
            mutex.lock();
          }
        });
    assertThat(violation.seen()).isEqualTo("CPU 0 may sleep in slots_lock while it holds mmu_lock");
    assertThat(violation.report())
        .containsExactly(
            "==================================================",
            "BUG: sleeping function called from invalid context",
            "CPU 0 at:",
            " slots_lock",
            "  in invalidate_range_start(h0..h1)",
            "in_atomic(): 1, in_interrupt(): 0, non_block: 0",
            "",
            "1 lock held by CPU 0:",
            " #0: read_lock(mmu_lock), in invalidate_range_start(h0..h1)");
  }

  @Test
  void innerSectionDoesNotEndTheOuterOne() {
    Violation violation =
        foundIn(() -> {
          Sched.nonBlockStart();
          Sched.nonBlockStart();
          Sched.nonBlockEnd();
          Sched.mightSleep("munmap");
        });
    assertThat(violation.seen()).contains("non-blockable section");
  }

  @Test
  void sectionIsClosedOnce() {
    Violation violation =
        foundIn(() -> {
          Sched.nonBlockStart();
          Sched.nonBlockEnd();
          Sched.nonBlockEnd();
        });
    assertThat(violation.invariant()).isEqualTo("I20");
    assertThat(violation.seen()).isEqualTo("CPU 0 closes a section and is in none");
  }

  @Test
  void sectionIsClosedBeforeTheTaskEnds() {
    Violation violation = foundIn(Sched::nonBlockStart);
    assertThat(violation.seen()).isEqualTo("CPU 0 ends inside one");
  }

  @Test
  void trylockNeverSleeps() {
    silentIn(() -> {
      Mutex mutex = Mutex.define("mutex");
      RwSemaphore semaphore = RwSemaphore.define("semaphore");
      Spinlock spinlock = Spinlock.define("spinlock");
      spinlock.lock();
      assertThat(mutex.trylock()).isTrue();
      assertThat(semaphore.downReadTrylock()).isTrue();
      semaphore.upRead();
      mutex.unlock();
      spinlock.unlock();
    });
  }
}
