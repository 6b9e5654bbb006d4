// SPDX-License-Identifier: MIT
package kvmlab.lab.design;

import com.google.auto.service.AutoService;
import kvmlab.kvm.KvmConfig;
import kvmlab.kvm.KvmOps;
import kvmlab.lab.World;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// A kernel that was built without notifiers updates a memslot.
@AutoService(Trial.class)
public final class KernelWithoutNotifiers extends Trial {
  public KernelWithoutNotifiers() {
    super("I25", "I36");
  }

  @Override
  protected void build(World world, KvmOps ops) {
    createsSlot(world, world.vm(ops, KvmConfig.SMALL.withNotifiers(false, true)));
    world.task("CPU 0 (madvise)", () -> section(world, H1));
  }

  @Override
  protected @Nullable String broken(Violation violation) {
    return violation.kind().stuck() ? "I36" : violation.invariant();
  }
}
