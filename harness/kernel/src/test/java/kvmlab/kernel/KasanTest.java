// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static kvmlab.kernel.Watched.found;
import static kvmlab.kernel.Watched.foundIn;
import static kvmlab.kernel.Watched.silent;
import static kvmlab.kernel.Watched.silentIn;
import static kvmlab.kernel.Watched.wrong;
import static org.assertj.core.api.Assertions.assertThat;

import kvmlab.machine.Program;
import kvmlab.machine.Violation;
import org.junit.jupiter.api.Test;

/// An object is used while it lives, in every execution that is equivalent to one explored.
class KasanTest {

  @Test
  void accessAfterFreeIsReported() {
    Violation violation =
        foundIn(() -> {
          KmemObject frame = new KmemObject("page frame f0", "I2");
          try (var _ = Ktrace.call(() -> "madvise(h0..h1, MADV_DONTNEED)")) {
            frame.free();
          }
          try (var _ = Ktrace.call(() -> "guest reads g0")) {
            frame.access("read");
          }
        });
    assertThat(violation.kind()).isEqualTo(Violation.Kind.INVARIANT);
    assertThat(violation.invariant()).isEqualTo("I2");
    assertThat(violation.seen()).isEqualTo("CPU 0 accesses it (read) after CPU 0 freed it");
    assertThat(violation.report())
        .containsExactly(
            "==================================================",
            "BUG: KASAN: use-after-free in guest reads g0",
            "",
            "read of page frame f0 by CPU 0:",
            "  in guest reads g0",
            "Allocated by CPU 0:",
            "Freed by CPU 0:",
            "  in madvise(h0..h1, MADV_DONTNEED)");
  }

  @Test
  void lifeInOrderIsFine() {
    silentIn(() -> {
      KmemObject frame = new KmemObject("page frame f0", "I2");
      frame.access("write");
      frame.access("read");
      frame.free();
      assertThat(frame.freed()).isTrue();
      new KmemObject("page frame f0", "I2").access("read");
    });
  }

  @Test
  void objectIsFreedOnce() {
    Violation violation =
        foundIn(() -> {
          KmemObject frame = new KmemObject("page frame f0", "I2");
          frame.free();
          frame.free();
        });
    assertThat(violation.expected()).isEqualTo("page frame f0 is freed once");
    assertThat(violation.report()).contains("BUG: KASAN: double-free in CPU 0");
  }

  /// A reader and whoever frees, with nothing between them that could make two executions differ.
  private static Program unordered() {
    return setup -> {
      KmemObject frame = new KmemObject("page frame f0", "I2");
      setup.task("CPU 0", () -> frame.access("read"));
      setup.task("CPU 1", frame::free);
    };
  }

  @Test
  void useAfterFreeOfAnEquivalentExecutionIsFound() {
    // There is one execution up to equivalence, and in it the access comes first.
    assertThat(wrong(unordered())).isEqualTo(1);
    assertThat(found(unordered()).seen())
        .isEqualTo("CPU 0 accesses it (read) and CPU 1 frees it, and nothing orders the two");
  }

  /// A reader under a lock, and one who frees: under the lock, too, or not.
  private static Program locked(boolean both) {
    return setup -> {
      Spinlock lock = Spinlock.define("mmu_lock");
      LongCell present = new LongCell("present", 1).guardedBy(lock);
      KmemObject frame = new KmemObject("page frame f0", "I2");
      setup.task(
          "CPU 0",
          () -> {
            lock.lock();
            if (present.get() != 0) {
              frame.access("read");
            }
            lock.unlock();
          });
      setup.task(
          "CPU 1",
          () -> {
            if (!both) {
              frame.free();
            }
            lock.lock();
            present.set(0);
            lock.unlock();
            if (both) {
              frame.free();
            }
          });
    };
  }

  @Test
  void lockOrdersAccessAndFree() {
    silent(locked(true));
    assertThat(found(locked(false)).invariant()).isEqualTo("I2");
  }

  /// The memslots array, and an updater that frees the old one.
  private static Program memslots(boolean gracePeriod) {
    return setup -> {
      SrcuStruct srcu = SrcuStruct.define("kvm->srcu");
      KmemObject old = new KmemObject("memslots array, generation 0", null);
      KmemObject next = new KmemObject("memslots array, generation 1", null);
      RefCell<KmemObject> memslots = new RefCell<>("memslots[0]", old);
      for (int i = 0; i < 2; i++) {
        setup.task(
            "vcpu " + i,
            () -> {
              int index = srcu.readLock();
              KmemObject slots = memslots.srcuDereference(srcu);
              if (slots != null) {
                slots.access("read");
              }
              srcu.readUnlock(index);
            });
      }
      setup.task(
          "memslot update",
          () -> {
            memslots.rcuAssignPointer(next);
            if (gracePeriod) {
              srcu.synchronize();
            }
            old.free();
          });
    };
  }

  @Test
  void gracePeriodOrdersReadersBeforeTheFree() {
    silent(memslots(true));
  }

  @Test
  void freeWithoutAGracePeriodIsReported() {
    Violation violation = found(memslots(false));
    assertThat(violation.expected())
        .isEqualTo("nobody accesses memslots array, generation 0 once it is free");
  }

  @Test
  void pointerKeptBeyondItsSectionIsReported() {
    Violation violation =
        found(setup -> {
          SrcuStruct srcu = SrcuStruct.define("kvm->srcu");
          KmemObject old = new KmemObject("memslots array, generation 0", null);
          RefCell<KmemObject> memslots = new RefCell<>("memslots[0]", old);
          setup.task(
              "vcpu",
              () -> {
                int index = srcu.readLock();
                KmemObject slots = memslots.srcuDereference(srcu);
                srcu.readUnlock(index);
                if (slots != null) {
                  slots.access("read");
                }
              });
          setup.task(
              "memslot update",
              () -> {
                memslots.rcuAssignPointer(null);
                srcu.synchronize();
                old.free();
              });
        });
    assertThat(violation.report()).contains("Freed by memslot update:");
  }
}
