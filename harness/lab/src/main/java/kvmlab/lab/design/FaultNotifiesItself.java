// SPDX-License-Identifier: MIT
package kvmlab.lab.design;

import com.google.auto.service.AutoService;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmOps;
import kvmlab.lab.World;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// A vCPU faults, its look-up breaks copy-on-write and so invalidates in the vCPU's own read
/// section, while an update waits for readers.
@AutoService(Trial.class)
public final class FaultNotifiesItself extends Trial {
  public FaultNotifiesItself() {
    super("I35");
  }

  @Override
  protected void build(World world, KvmOps ops) {
    Kvm kvm = world.vm(ops);
    createsSlot(world, kvm);
    world.task(
        "vcpu 0",
        () -> {
          int index = kvm.srcu.readLock();
          section(world, H1);
          kvm.srcu.readUnlock(index);
        });
  }

  @Override
  protected @Nullable String broken(Violation violation) {
    return violation.kind().stuck() ? "I35" : violation.invariant();
  }
}
