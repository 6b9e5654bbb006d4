// SPDX-License-Identifier: MIT
package ex02;

import kvmlab.explore.MemoryModel;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.Vcpu;
import kvmlab.lab.Scenario;
import kvmlab.lab.World;
import kvmlab.mm.Hva;

/// A vCPU faults on a page while two tasks take frames away: that page's, and its neighbour's.
public final class FaultRacesTwoUnmaps implements Scenario {

  @Override
  public void build(World world) {
    Vcpu vcpu = world.vm(KvmOps.reference().with(RetryingFault::new), 2).createVcpu();
    world.task("CPU 0 (madvise)", () -> world.mm().madviseDontneed(Hva.page(0), Hva.page(1)));
    world.task("CPU 1 (madvise)", () -> world.mm().madviseDontneed(Hva.page(1), Hva.page(2)));
    world.task("CPU 2 (vcpu 0)", () -> vcpu.access(new Gfn(1), false, 1));
  }

  @Override
  public MemoryModel model() {
    return MemoryModel.SC;
  }
}
