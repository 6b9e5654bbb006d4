// SPDX-License-Identifier: MIT
package kvmlab.lab.design;

import com.google.auto.service.AutoService;
import kvmlab.kvm.KvmOps;
import kvmlab.lab.World;

/// One invalidation and one update, and lockdep looks on.
@AutoService(Trial.class)
public final class LocksInOrder extends Trial {
  public LocksInOrder() {
    super("I23");
  }

  @Override
  protected void build(World world, KvmOps ops) {
    createsSlot(world, world.vm(ops));
    world.task("CPU 0 (madvise)", () -> section(world, H1));
  }

  @Override
  protected boolean provesLocking() {
    return true;
  }
}
