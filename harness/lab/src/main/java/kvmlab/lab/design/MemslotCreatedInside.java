// SPDX-License-Identifier: MIT
package kvmlab.lab.design;

import com.google.auto.service.AutoService;
import kvmlab.kvm.KvmOps;
import kvmlab.lab.World;

/// The page becomes guest memory between start and end.
@AutoService(Trial.class)
public final class MemslotCreatedInside extends Trial {
  public MemslotCreatedInside() {
    super("I11", "I14", "I15", "I16");
  }

  @Override
  protected void build(World world, KvmOps ops) {
    createsSlot(world, world.vm(ops));
    world.task("CPU 0 (madvise)", () -> section(world, H1));
  }
}
