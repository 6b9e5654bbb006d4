// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import kvmlab.kernel.ForbiddenOrder;
import kvmlab.kernel.Lockdep;
import kvmlab.lab.Invariant;
import kvmlab.lab.World;

/// I22. Nobody looks up a host frame with `mmu_lock` held: the look-up may break a page out of a
/// copy-on-write mapping, and so call start of this very VM, which takes `mmu_lock`. Judged by
/// lockdep.
@AutoService(Invariant.class)
public final class NoHostLookupUnderMmuLock extends Invariant {

  public NoHostLookupUnderMmuLock() {
    super("I22", "no host look-up is made with mmu_lock held");
  }

  @Override
  protected boolean standsConcurrency() {
    // Lockdep judges by the locks that the calling task holds.
    return true;
  }

  @Override
  protected void begin(World world) {
    forbid("mmu_lock", "get_user_pages_fast");
  }

  private void forbid(String held, String taken) {
    Lockdep.forbid(new ForbiddenOrder(held, taken, id(), statement()));
  }
}
