// SPDX-License-Identifier: MIT
package kvmlab.lab.design;

import com.google.auto.service.AutoService;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmConfig;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmOps;
import kvmlab.lab.World;
import kvmlab.mm.Hva;

/// The host invalidates a page that two memslots have, and one of another address space.
@AutoService(Trial.class)
public final class AliasesOfOnePage extends Trial {
  public AliasesOfOnePage() {
    super("I28");
  }

  @Override
  protected void build(World world, KvmOps ops) {
    Kvm kvm = world.vm(ops, KvmConfig.SMALL.withAddressSpaces(2));
    kvm.setMemoryRegion(SLOT_OF_H1);
    kvm.setMemoryRegion(new KvmMemorySlot(2, new Gfn(2), 1, Hva.page(1)));
    kvm.setMemoryRegion(new KvmMemorySlot(1, 1, new Gfn(1), 1, Hva.page(1)));
    world.task("CPU 0 (madvise)", () -> section(world, H1));
  }
}
