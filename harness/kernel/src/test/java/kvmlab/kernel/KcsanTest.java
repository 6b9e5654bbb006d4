// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static kvmlab.kernel.Watched.foundIn;
import static org.assertj.core.api.Assertions.assertThat;

import kvmlab.machine.Violation;
import org.junit.jupiter.api.Test;

/// Plain accesses that nothing orders are reported; marked ones, and those that a lock orders, are
/// not.
class KcsanTest {

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
}
