// SPDX-License-Identifier: MIT
package ex02;

import static org.assertj.core.api.Assertions.assertThat;

import kvmlab.explore.MemoryModel;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.KvmExit;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.Vcpu;
import kvmlab.lab.Scenario;
import kvmlab.lab.World;
import kvmlab.mm.Hva;

/// A vCPU writes to a page while the host takes the page away for good.
public final class FaultRacesMunmap implements Scenario {

  @Override
  public void build(World world) {
    Vcpu vcpu = world.vm(KvmOps.reference().with(RetryingFault::new), 1).createVcpu();
    world.task("CPU 0 (munmap)", () -> world.mm().munmap(Hva.page(0), Hva.page(1)));
    world.task("CPU 1 (vcpu 0)", () -> vcpu.write(new Gfn(0)));
    world.atEnd(() ->
        assertThat(vcpu.read(new Gfn(0)))
            .as("how the guest's access to g0 ends when the host has nothing at h0")
            .isEqualTo(KvmExit.EFAULT));
  }

  @Override
  public MemoryModel model() {
    return MemoryModel.SC;
  }
}
