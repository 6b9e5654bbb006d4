// SPDX-License-Identifier: MIT
package ex02;

import static kvmlab.lab.LabAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmConfig;
import kvmlab.kvm.KvmExit;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.Vcpu;
import kvmlab.lab.Check;
import kvmlab.lab.Lab;
import kvmlab.mm.Hva;
import kvmlab.mm.MmStruct;
import org.junit.jupiter.api.Test;

/// Task 2: the fault.
class PageFaultTest {
  private static final KvmMemorySlot SLOT = new KvmMemorySlot(0, new Gfn(0), 2, Hva.page(0));

  // Starting over without need is slow, not wrong, so a few times are let pass.
  private static final int FAULTS_MAX = 8;

  @Check(
      task = 2,
      stars = 1,
      title = "A page without memory behind it is a device's",
      kind = Check.Kind.EXAMPLE)
  @Test
  void pageWithoutMemslotIsEmulated() {
    KvmExit exit = Lab.alone(() -> touch(vcpu(SLOT), 3));
    assertThat(exit)
        .as("how the guest's access to g3, which no memslot has, ends")
        .isEqualTo(KvmExit.MMIO);
  }

  @Check(
      task = 2,
      stars = 2,
      title = "A memslot that is going away is waited for, not used",
      kind = Check.Kind.EXAMPLE)
  @Test
  void invalidMemslotIsWaitedFor() {
    Lab.alone(() -> {
      Vcpu vcpu = vcpu(SLOT);
      assertThat(touch(vcpu, 0))
          .as("how the guest's access to g0 ends while its memslot is valid")
          .isEqualTo(KvmExit.DONE);
      Kvm kvm = vcpu.kvm();
      kvm.publishMemslots(0, kvm.activeMemslots(0).with(SLOT.invalidated()));
      assertThat(touch(vcpu, 1))
          .as("how the guest's access to g1 ends while its memslot is marked invalid")
          .isEqualTo(KvmExit.INTR);
      kvm.publishMemslots(0, kvm.activeMemslots(0).with(SLOT));
      assertThat(touch(vcpu, 1))
          .as("how the guest's access to g1 ends when its memslot is valid again")
          .isEqualTo(KvmExit.DONE);
      return vcpu;
    });
  }

  @Check(task = 2, stars = 3, title = "A fault that races an unmap never maps the freed frame")
  @Test
  void faultRacesUnmap() {
    assertThat(Lab.explore(new FaultRacesUnmap())).isSafe().isExhaustive();
  }

  @Check(task = 2, stars = 3, title = "Weakly ordered memory does not make it map the freed frame")
  @Test
  void lookupOvertakesSnapshot() {
    assertThat(Lab.explore(new LookupOvertakesSnapshot())).isSafe().isExhaustive();
  }

  @Check(task = 2, stars = 2, title = "A fault whose page is gone for good tells user space")
  @Test
  void faultRacesMunmap() {
    assertThat(Lab.explore(new FaultRacesMunmap())).isSafe().isExhaustive();
  }

  @Check(task = 2, stars = 3, title = "Two faults at a time do not mislead each other")
  @Test
  void twoFaultsRaceUnmap() {
    assertThat(Lab.explore(new TwoFaultsRaceUnmap())).isSafe().isExhaustive();
  }

  @Check(task = 2, stars = 3, title = "Two unmaps at a time do not mislead a fault")
  @Test
  void faultRacesTwoUnmaps() {
    assertThat(Lab.explore(new FaultRacesTwoUnmaps())).isSafe().isExhaustive();
  }

  @Check(task = 2, stars = 2, title = "Faults complete after two thousand million invalidations")
  @Test
  void faultAfterManyInvalidations() {
    assertThat(Lab.explore(new FaultAfterManyInvalidations())).isSafe().isExhaustive();
  }

  private static KvmExit touch(Vcpu vcpu, int gfn) {
    return vcpu.access(new Gfn(gfn), true, FAULTS_MAX);
  }

  private static Vcpu vcpu(KvmMemorySlot slot) {
    MmStruct mm = new MmStruct(2);
    mm.mmap(Hva.page(0), Hva.page(2));
    Kvm kvm = Kvm.createVm(mm, KvmConfig.SMALL, KvmOps.reference().with(RetryingFault::new));
    kvm.setMemoryRegion(slot);
    return kvm.createVcpu();
  }
}
