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

/// A vCPU faults on a page of a VM that is so old that a sequence number of 31 bits has run out.
public final class FaultAfterManyInvalidations implements Scenario {

  @Override
  public void build(World world) {
    Kvm kvm = world.vm(KvmOps.reference().with(RetryingFault::new), 1);
    kvm.mmuNotifierSeq.set(Integer.MAX_VALUE);
    Vcpu vcpu = kvm.createVcpu();
    world.task("CPU 0 (madvise)", () -> world.mm().madviseDontneed(Hva.page(0), Hva.page(1)));
    world.task("CPU 1 (vcpu 0)", () -> vcpu.read(new Gfn(0)));
  }

  @Override
  public MemoryModel model() {
    return MemoryModel.SC;
  }
}
