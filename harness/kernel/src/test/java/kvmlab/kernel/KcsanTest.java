// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static kvmlab.kernel.Watched.found;
import static kvmlab.kernel.Watched.foundIn;
import static kvmlab.kernel.Watched.silent;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.function.Consumer;
import kvmlab.machine.Program;
import kvmlab.machine.Violation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Conflicting accesses that nothing orders are reported when one of them is plain; marked ones,
/// and those that a lock orders, are not.
class KcsanTest {

  enum Access {
    PLAIN_READ(LongCell::get),
    PLAIN_WRITE(cell -> cell.set(1)),
    READ_ONCE(LongCell::readOnce),
    WRITE_ONCE(cell -> cell.writeOnce(1)),
    FETCH_ADD(cell -> cell.fetchAdd(1));

    private final Consumer<LongCell> code;

    Access(Consumer<LongCell> code) {
      this.code = code;
    }

    boolean plain() {
      return this == PLAIN_READ || this == PLAIN_WRITE;
    }

    boolean writes() {
      return this != PLAIN_READ && this != READ_ONCE;
    }
  }

  private static Program two(Access one, Access other) {
    return setup -> {
      LongCell cell = new LongCell("mmu_notifier_seq", 0);
      setup.task("CPU 0", () -> one.code.accept(cell));
      setup.task("CPU 1", () -> other.code.accept(cell));
    };
  }

  @Test
  void conflictNeedsAWriteAndAPlainAccess() {
    for (Access one : Access.values()) {
      for (Access other : Access.values()) {
        boolean races = (one.plain() || other.plain()) && (one.writes() || other.writes());
        if (races) {
          assertThat(found(two(one, other)).kind())
              .as(one + " and " + other)
              .isEqualTo(Violation.Kind.DATA_RACE);
        } else {
          silent(two(one, other));
        }
      }
    }
  }

  @Test
  void hardwareRacesWithNobody() {
    for (Access access : Access.values()) {
      silent(setup -> {
        RefCell<Boolean> accessed = new RefCell<>("spte(g0)", false);
        setup.task("CPU 0 (guest)", () -> accessed.cmpxchgByHardware(false, true));
        setup.task("CPU 1", () -> software(access, accessed));
      });
    }
  }

  /// On the same cell, and by the task on whose behalf the hardware has just updated it.
  @Test
  void softwareRacesAllTheSameWhereHardwareUpdates() {
    Program program =
        setup -> {
          RefCell<Boolean> accessed = new RefCell<>("spte(g0)", false);
          setup.task(
              "CPU 0 (guest)",
              () -> {
                accessed.cmpxchgByHardware(false, true);
                accessed.cmpxchg(true, false);
              });
          setup.task("CPU 1 (zap)", accessed::get);
        };
    assertThat(found(program).seen())
        .contains("plain read by CPU 1 (zap)", "marked write by CPU 0 (guest)");
  }

  @Test
  void hardwareOrdersNoSoftware() {
    Program program =
        setup -> {
          LongCell data = new LongCell("data", 0);
          RefCell<Boolean> accessed = new RefCell<>("spte(g0)", false);
          setup.task(
              "CPU 0",
              () -> {
                data.set(1);
                accessed.cmpxchgByHardware(false, true);
              });
          setup.task(
              "CPU 1",
              () -> {
                if (Boolean.TRUE.equals(accessed.smpLoadAcquire())) {
                  data.get();
                }
              });
        };
    assertThat(found(program).expected()).contains("conflicting accesses to data");
  }

  private static void software(Access access, RefCell<Boolean> cell) {
    switch (access) {
      case PLAIN_READ -> cell.get();
      case PLAIN_WRITE -> cell.set(false);
      case READ_ONCE -> cell.readOnce();
      case WRITE_ONCE -> cell.writeOnce(false);
      case FETCH_ADD -> cell.cmpxchg(true, false);
    }
  }

  @Test
  void reportHasTheShapeOfKcsans() {
    Violation violation =
        found(setup -> {
          Spinlock lock = Spinlock.define("mmu_lock");
          LongCell count = new LongCell("mmu_notifier_count", 0).guardedBy(lock);
          setup.task(
              "CPU 0 (vcpu 0)",
              () -> {
                try (var _ = Ktrace.call(() -> "guest reads g0");
                    var _ = Ktrace.call(() -> "direct_page_fault(g0)")) {
                  count.readOnce();
                }
              });
          setup.task(
              "CPU 1 (madvise)",
              () -> {
                try (var _ = Ktrace.call(() -> "invalidate_range_start(h0..h1)")) {
                  lock.lock();
                  count.set(1);
                  lock.unlock();
                }
              });
        });
    assertThat(violation.seen())
        .isEqualTo("plain write by CPU 1 (madvise), marked read by CPU 0 (vcpu 0)");
    assertThat(violation.report())
        .containsExactly(
            "=".repeat(79),
            "BUG: KCSAN: data-race in direct_page_fault(g0) / invalidate_range_start(h0..h1)",
            "",
            "read (marked) to mmu_notifier_count by CPU 0 (vcpu 0):",
            "  in direct_page_fault(g0)",
            "  in guest reads g0",
            "",
            "write to mmu_notifier_count by CPU 1 (madvise):",
            "  in invalidate_range_start(h0..h1)",
            "",
            "mmu_notifier_count is guarded by mmu_lock",
            "value changed: 0 -> 1");
  }

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void lockOrdersWhatBothHoldIt(boolean one, boolean other) {
    Program program =
        setup -> {
          Mutex lock = Mutex.define("slots_lock");
          LongCell data = new LongCell("data", 0);
          for (boolean locks : new boolean[] {one, other}) {
            setup.task(
                "CPU " + (locks ? "with" : "without"),
                () -> {
                  if (locks) {
                    lock.lock();
                  }
                  data.set(data.get() + 1);
                  if (locks) {
                    lock.unlock();
                  }
                });
          }
        };
    if (one && other) {
      silent(program);
    } else {
      assertThat(found(program).kind()).isEqualTo(Violation.Kind.DATA_RACE);
    }
  }

  @Test
  void releaseAndAcquireOrder() {
    for (boolean marked : Set.of(true, false)) {
      Program program =
          setup -> {
            LongCell data = new LongCell("data", 0);
            LongCell flag = new LongCell("flag", 0);
            setup.task(
                "CPU 0",
                () -> {
                  data.set(1);
                  if (marked) {
                    flag.smpStoreRelease(1);
                  } else {
                    flag.writeOnce(1);
                  }
                });
            setup.task(
                "CPU 1",
                () -> {
                  if (flag.smpLoadAcquire() == 1) {
                    data.get();
                  }
                });
          };
      if (marked) {
        silent(program);
      } else {
        assertThat(found(program).kind()).isEqualTo(Violation.Kind.DATA_RACE);
      }
    }
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
    assertThat(violation.report())
        .contains("WARNING: lockdep_assert_held(&mmu_lock)", "no locks held by CPU 0.");
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
    assertThat(violation.report()).contains(" #0: read_lock(mmu_lock)");
  }

  @Test
  void assertionNamesWhoLacksTheLock() {
    Violation violation =
        foundIn(() -> {
          RwLock lock = RwLock.define("mmu_lock");
          lock.readLock();
          lock.lockdepAssertHeld();
          lock.lockdepAssertHeldWrite();
        });
    assertThat(violation.expected()).isEqualTo("mmu_lock is held for writing here");
    assertThat(violation.report()).contains("WARNING: lockdep_assert_held(&mmu_lock)");
  }
}
