// SPDX-License-Identifier: MIT
package ex02;

import kvmlab.explore.MemoryModel;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.Vcpu;
import kvmlab.lab.Scenario;
import kvmlab.lab.World;
import kvmlab.mm.Hva;

/// A vCPU faults on a page while the host takes the page's frame away.
///
/// Memory has no tricks here: a read returns what was written last.
public final class FaultRacesUnmap implements Scenario {

  @Override
  public void build(World world) {
    Vcpu vcpu = world.vm(KvmOps.reference().with(RetryingFault::new), 1).createVcpu();
    world.task("CPU 0 (madvise)", () -> world.mm().madviseDontneed(Hva.page(0), Hva.page(1)));
    world.task("CPU 1 (vcpu 0)", () -> vcpu.access(new Gfn(0), false, 3));
  }

  @Override
  public MemoryModel model() {
    return MemoryModel.SC;
  }
}
