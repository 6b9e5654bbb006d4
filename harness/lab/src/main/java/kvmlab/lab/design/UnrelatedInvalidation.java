// SPDX-License-Identifier: MIT
package kvmlab.lab.design;

import com.google.auto.service.AutoService;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.Vcpu;
import kvmlab.lab.World;

/// The guest faults while the host invalidates memory that is not the guest's.
@AutoService(Trial.class)
public final class UnrelatedInvalidation extends Trial {
  public UnrelatedInvalidation() {
    super("I27", "I29");
  }

  @Override
  protected void build(World world, KvmOps ops) {
    Vcpu vcpu = world.vm(ops, 1).createVcpu();
    world.task("CPU 0 (madvise)", () -> section(world, H4));
    world.task("vcpu 0", () -> vcpu.read(new Gfn(0)));
  }
}
