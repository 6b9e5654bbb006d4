// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import static kvmlab.kernel.Errno.ENOENT;
import static kvmlab.kvm.KvmMemorySlot.KVM_MEM_LOG_DIRTY_PAGES;
import static kvmlab.kvm.KvmMemorySlot.KVM_MEM_READONLY;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.BiConsumer;
import kvmlab.explore.Explorer;
import kvmlab.mm.Hva;
import kvmlab.mm.MmStruct;
import org.junit.jupiter.api.Test;

class DirtyLogTest {
  private static final Gfn G1 = new Gfn(1);
  private static final Gfn G2 = new Gfn(2);
  private static final KvmMemorySlot SLOT = new KvmMemorySlot(0, G1, 2, Hva.page(0));

  @Test
  void writesAreFetchedOnce() {
    inVm(
        KVM_MEM_LOG_DIRTY_PAGES,
        (kvm, vcpu) -> {
          vcpu.read(G1);
          vcpu.write(G2);
          assertThat(kvm.getDirtyLog(0, 0)).isEqualTo(0b10);
          assertThat(kvm.getDirtyLog(0, 0)).isZero();
        });
  }

  @Test
  void writeAfterAFetchIsNotedAgain() {
    inVm(
        KVM_MEM_LOG_DIRTY_PAGES,
        (kvm, vcpu) -> {
          vcpu.write(G2);
          kvm.getDirtyLog(0, 0);
          vcpu.write(G2);
          assertThat(kvm.getDirtyLog(0, 0)).isEqualTo(0b10);
        });
  }

  @Test
  void pagesThatWereWrittenBeforeLoggingAreClean() {
    inVm(
        0,
        (kvm, vcpu) -> {
          vcpu.write(G1);
          vcpu.write(G2);
          kvm.setMemoryRegion(SLOT.withFlags(KVM_MEM_LOG_DIRTY_PAGES));
          vcpu.write(G1);
          assertThat(kvm.getDirtyLog(0, 0)).isEqualTo(0b01);
        });
  }

  @Test
  void logMovesWithItsSlot() {
    inVm(
        KVM_MEM_LOG_DIRTY_PAGES,
        (kvm, vcpu) -> {
          KvmMemorySlot slot = SLOT.withFlags(KVM_MEM_LOG_DIRTY_PAGES);
          vcpu.write(G2);
          kvm.setMemoryRegion(slot.movedTo(new Gfn(0)));
          vcpu.write(new Gfn(0));
          assertThat(kvm.getDirtyLog(0, 0)).isEqualTo(0b11);
        });
  }

  @Test
  void logThatBeginsWithAMoveIsEmpty() {
    inVm(
        KVM_MEM_LOG_DIRTY_PAGES,
        (kvm, vcpu) -> {
          vcpu.write(G2);
          kvm.setMemoryRegion(SLOT);
          kvm.setMemoryRegion(SLOT.movedTo(new Gfn(0)).withFlags(KVM_MEM_LOG_DIRTY_PAGES));
          assertThat(kvm.getDirtyLog(0, 0)).isZero();
        });
  }

  @Test
  void logThatBeginsAgainIsEmpty() {
    inVm(
        KVM_MEM_LOG_DIRTY_PAGES,
        (kvm, vcpu) -> {
          vcpu.write(G2);
          kvm.setMemoryRegion(SLOT);
          kvm.setMemoryRegion(SLOT.withFlags(KVM_MEM_LOG_DIRTY_PAGES));
          assertThat(kvm.getDirtyLog(0, 0)).isZero();
        });
  }

  @Test
  void slotWithoutLogHasNone() {
    inVm(
        0,
        (kvm, _) -> {
          assertThat(kvm.getDirtyLog(0, 0)).isEqualTo(-ENOENT);
          assertThat(kvm.getDirtyLog(0, 1)).isEqualTo(-ENOENT);
        });
  }

  @Test
  void writeToAReadOnlySlotIsADevices() {
    inVm(
        KVM_MEM_READONLY,
        (_, vcpu) -> {
          assertThat(vcpu.read(G1)).isEqualTo(KvmExit.DONE);
          assertThat(vcpu.write(G1)).isEqualTo(KvmExit.MMIO);
        });
  }

  private static void inVm(int flags, BiConsumer<Kvm, Vcpu> code) {
    Explorer.alone(() -> {
      MmStruct mm = new MmStruct(4);
      mm.mmap(Hva.page(0), Hva.page(4));
      Kvm kvm = Kvm.createVm(mm, KvmConfig.SMALL, KvmOps.reference());
      kvm.setMemoryRegion(SLOT.withFlags(flags));
      code.accept(kvm, kvm.createVcpu());
      return kvm;
    });
  }
}
