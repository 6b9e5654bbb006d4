// SPDX-License-Identifier: MIT
package kvmlab.lab.design;

import com.google.auto.service.AutoService;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmOps;
import kvmlab.lab.World;

/// The page becomes another page of the guest between start and end. Its host address stays, so
/// start and end agree even where nothing keeps the memslots.
@AutoService(Trial.class)
public final class MemslotMovedInside extends Trial {
  public MemslotMovedInside() {
    super("I14");
  }

  @Override
  protected void build(World world, KvmOps ops) {
    Kvm kvm = world.vm(ops);
    kvm.setMemoryRegion(SLOT_OF_H1);
    updates(world, () -> kvm.setMemoryRegion(SLOT_OF_H1.movedTo(new Gfn(2))));
    world.task("CPU 0 (madvise)", () -> section(world, H1));
  }
}
