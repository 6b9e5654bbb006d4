// SPDX-License-Identifier: MIT
package ex02;

import kvmlab.explore.MemoryModel;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.Vcpu;
import kvmlab.lab.Scenario;
import kvmlab.lab.World;
import kvmlab.mm.Hva;

/// Two vCPUs fault on a page while the host takes the page's frame away.
public final class TwoFaultsRaceUnmap implements Scenario {

  @Override
  public void build(World world) {
    Kvm kvm = world.vm(KvmOps.reference().with(RetryingFault::new), 1);
    Vcpu one = kvm.createVcpu();
    Vcpu other = kvm.createVcpu();
    world.task("CPU 0 (madvise)", () -> world.mm().madviseDontneed(Hva.page(0), Hva.page(1)));
    world.task("CPU 1 (vcpu 0)", () -> one.access(new Gfn(0), false, 1));
    world.task("CPU 2 (vcpu 1)", () -> other.access(new Gfn(0), false, 1));
  }

  @Override
  public MemoryModel model() {
    return MemoryModel.SC;
  }
}
