// SPDX-License-Identifier: MIT
package kvmlab.lab.design;

import com.google.auto.service.AutoService;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmOps;
import kvmlab.lab.World;

/// The page is guest memory at start, not at end, and then again.
@AutoService(Trial.class)
public final class MemslotDeletedInside extends Trial {
  public MemslotDeletedInside() {
    super("I11", "I14", "I16", "I30");
  }

  @Override
  protected void build(World world, KvmOps ops) {
    Kvm kvm = world.vm(ops);
    kvm.setMemoryRegion(SLOT_OF_H1);
    kvm.createVcpu();
    updates(
        world,
        () -> {
          kvm.setMemoryRegion(SLOT_OF_H1.deleted());
          kvm.setMemoryRegion(SLOT_OF_H1);
        });
    world.task("CPU 0 (madvise)", () -> section(world, H1));
  }
}
