// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import java.util.List;
import kvmlab.kernel.ForbiddenOrder;
import kvmlab.kernel.Lockdep;
import kvmlab.lab.Invariant;
import kvmlab.lab.World;

/// I21. A callback of the host takes none of the locks that a task may hold while it waits for
/// callbacks to end, or while it makes the host call them. Judged by lockdep.
@AutoService(Invariant.class)
public final class CallbacksTakeNoOuterLock extends Invariant {
  private static final List<String> OUTER =
      List.of(
          "slots_lock",
          "slots_arch_lock",
          "vcpu->mutex",
          "kvm->lock",
          "mmap_lock",
          "page_table_lock");

  public CallbacksTakeNoOuterLock() {
    super("I21", "a callback takes no lock that is held around callbacks");
  }

  @Override
  protected boolean standsConcurrency() {
    // Lockdep judges by the locks that the calling task holds.
    return true;
  }

  @Override
  protected void begin(World world) {
    OUTER.forEach(lock -> forbid("mmu_notifier_invalidate_range_start", lock));
  }

  private void forbid(String held, String taken) {
    Lockdep.forbid(new ForbiddenOrder(held, taken, id(), statement()));
  }
}
