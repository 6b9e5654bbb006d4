// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static kvmlab.kernel.Watched.foundIn;
import static kvmlab.kernel.Watched.silentIn;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// An allocation may sleep, and may take whatever reclaim takes.
class SlabTest {

  @Test
  void allocationUnderASpinningLockIsReported() {
    assertThat(
            foundIn(
                    () -> {
                      Spinlock.define("mmu_lock").lock();
                      Slab.kmalloc("struct kvm_mmu_page");
                    })
                .seen())
        .isEqualTo("CPU 0 may sleep in kmalloc(struct kvm_mmu_page) while it holds mmu_lock");
  }

  @Test
  void allocationUnderALockThatReclaimTakesIsReported() {
    assertThat(
            foundIn(
                    () -> {
                      Mutex lock = Mutex.define("lock");
                      LockdepMap reclaim = Slab.fsReclaim();
                      reclaim.acquire();
                      lock.lock();
                      lock.unlock();
                      reclaim.release();
                      lock.lock();
                      Slab.kmalloc("object");
                    })
                .seen())
        .isEqualTo(
            "CPU 0 takes fs_reclaim while holding lock; CPU 0 takes lock while holding fs_reclaim");
  }

  @Test
  void allocationUnderAnotherLockIsSilent() {
    silentIn(() -> {
      Mutex lock = Mutex.define("lock");
      lock.lock();
      Slab.kmalloc("object");
      lock.unlock();
    });
  }
}
