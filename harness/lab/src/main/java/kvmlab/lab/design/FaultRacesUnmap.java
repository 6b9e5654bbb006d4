// SPDX-License-Identifier: MIT
package kvmlab.lab.design;

import com.google.auto.service.AutoService;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.Vcpu;
import kvmlab.lab.World;
import kvmlab.mm.Hva;

/// The guest touches a page while the host takes it away.
@AutoService(Trial.class)
public final class FaultRacesUnmap extends Trial {
  public FaultRacesUnmap() {
    super("I1", "I2", "I3", "I5", "I12", "I30");
  }

  @Override
  protected void build(World world, KvmOps ops) {
    Vcpu vcpu = world.vm(ops, 1).createVcpu();
    world.task("CPU 0 (madvise)", () -> world.mm().madviseDontneed(Hva.page(0), Hva.page(1)));
    world.task("vcpu 0", () -> vcpu.access(new Gfn(0), false, 1));
  }
}
