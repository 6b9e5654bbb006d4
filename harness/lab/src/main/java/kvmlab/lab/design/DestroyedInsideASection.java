// SPDX-License-Identifier: MIT
package kvmlab.lab.design;

import com.google.auto.service.AutoService;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmOps;
import kvmlab.lab.World;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// The VM is destroyed after a start whose end it never hears of, and removes a memslot of its own.
@AutoService(Trial.class)
public final class DestroyedInsideASection extends Trial {
  public DestroyedInsideASection() {
    super("I17");
  }

  @Override
  protected void build(World world, KvmOps ops) {
    Kvm kvm = world.vm(ops);
    kvm.setMemoryRegion(
        new KvmMemorySlot(
            KvmMemorySlot.KVM_USER_MEM_SLOTS, new Gfn(1), 1, SLOT_OF_H1.userspaceAddr()));
    world.mm().notifierSubscriptions().invalidateRangeStart(H1);
    world.task("CPU 0 (last close)", kvm::putKvm);
  }

  @Override
  protected @Nullable String broken(Violation violation) {
    return violation.kind().stuck() ? "I17" : violation.invariant();
  }
}
