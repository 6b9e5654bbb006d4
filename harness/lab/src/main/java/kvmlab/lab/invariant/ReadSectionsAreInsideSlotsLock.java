// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import java.util.List;
import kvmlab.kernel.ForbiddenOrder;
import kvmlab.kernel.Lockdep;
import kvmlab.lab.Invariant;
import kvmlab.lab.World;

/// I24. Whoever holds `slots_lock` may wait for the read sections of the memslots: so nobody waits
/// for `slots_lock` inside one, and nobody waits for them with a lock that is taken inside one.
/// Judged by lockdep.
@AutoService(Invariant.class)
public final class ReadSectionsAreInsideSlotsLock extends Invariant {
  private static final List<String> INNER =
      List.of("mmu_lock", "mn_invalidate_lock", "slots_arch_lock");

  public ReadSectionsAreInsideSlotsLock() {
    super("I24", "waiting for readers of the memslots is done with slots_lock alone");
  }

  @Override
  protected boolean standsConcurrency() {
    // Lockdep judges by the locks that the calling task holds.
    return true;
  }

  @Override
  protected void begin(World world) {
    forbid("kvm->srcu", "slots_lock");
    INNER.forEach(lock -> forbid(lock, "kvm->srcu"));
  }

  private void forbid(String held, String taken) {
    Lockdep.forbid(new ForbiddenOrder(held, taken, id(), statement()));
  }
}
