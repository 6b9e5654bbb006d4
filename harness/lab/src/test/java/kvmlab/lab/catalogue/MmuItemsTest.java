// SPDX-License-Identifier: MIT
package kvmlab.lab.catalogue;

import static kvmlab.kernel.Barriers.smpRmb;
import static kvmlab.lab.LabAssertions.assertThat;
import static kvmlab.lab.catalogue.MmuScene.G0;
import static kvmlab.lab.catalogue.MmuScene.G1;

import kvmlab.kvm.DirectPageFault;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.InvalidateRange;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmConfig;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmRequest;
import kvmlab.kvm.RetPf;
import kvmlab.kvm.Vcpu;
import kvmlab.kvm.VcpuMode;
import kvmlab.mm.Hva;
import kvmlab.mm.MmuNotifierRange;
import kvmlab.mm.Pfn;
import org.junit.jupiter.api.Test;

/// Items of other groups that are about the secondary MMU: I-6, B14, B20, B21; J15 with
/// `vcpu->mode`.
class MmuItemsTest {

  // ---- I-6: who is in the guest

  private static MmuScene shotDown() {
    return new MmuScene().touched(G0).unmap(0, 1).guest(vcpu -> vcpu.access(G0, false, 0));
  }

  @Test
  void kickOfTheReferenceIsSafe() {
    assertThat(shotDown().with(VcpuMode::new).explore()).isSafe().isExhaustive();
    assertThat(shotDown().with(VcpuMode::new).weaklyOrdered().explore()).isSafe().isExhaustive();
  }

  private static final class NoBarrierBeforeTheModeIsRead extends VcpuMode {
    NoBarrierBeforeTheModeIsRead(Kvm kvm) {
      super(kvm);
    }

    @Override
    protected void kickBarrier() {}
  }

  @Test
  void i6ModeIsReadBeforeTheEntryIsCleared() {
    MmuScene scene = shotDown().with(NoBarrierBeforeTheModeIsRead::new);
    assertThat(scene.explore()).isSafe().isExhaustive();
    // A start returns while the guest runs on an old translation; its access tells it first.
    assertThat(scene.weaklyOrdered().explore()).breaks("I2");
  }

  private static final class NoBarrierAfterTheModeIsSet extends VcpuMode {
    NoBarrierAfterTheModeIsSet(Kvm kvm) {
      super(kvm);
    }

    @Override
    protected void entryBarrier() {}
  }

  @Test
  void i6RequestsAreReadBeforeTheModeIsSet() {
    MmuScene scene = shotDown().with(NoBarrierAfterTheModeIsSet::new);
    assertThat(scene.explore()).isSafe().isExhaustive();
    // A start returns while the guest runs on an old translation; its access tells it first.
    assertThat(scene.weaklyOrdered().explore()).breaks("I2");
  }

  private static final class NobodyIsKicked extends VcpuMode {
    NobodyIsKicked(Kvm kvm) {
      super(kvm);
    }

    @Override
    public void makeAllCpusRequest(KvmRequest request) {
      kvm.vcpus().forEach(vcpu -> makeRequest(request, vcpu));
    }
  }

  @Test
  void requestWithoutAKickIsTooLate() {
    assertThat(shotDown().with(NobodyIsKicked::new).explore()).breaks("I2");
  }

  @Test
  void j15GracePeriodDoesNotWaitForTheGuest() {
    // The guest stays where it is while the memslot goes and the host takes the page back.
    MmuScene scene =
        new MmuScene()
            .slots(new KvmMemorySlot(0, G0, 1, Hva.page(0)))
            .touched(G0)
            .kvm(
                "KVM_SET_USER_MEMORY_REGION",
                kvm -> {
                  kvm.setMemoryRegion(new KvmMemorySlot(0, G0, 1, Hva.page(0)).deleted());
                  kvm.mm.madviseDontneed(Hva.page(0), Hva.page(1));
                })
            .guest(vcpu -> vcpu.access(G0, false, 0));
    assertThat(scene.with(VcpuMode::new).explore()).isSafe().isExhaustive();
    assertThat(scene.with(NobodyIsKicked::new).explore()).breaks("I2");
  }

  // ---- B14: how large a mapping may be

  /// The fault of v5.12 that asks for the level at another time.
  private record LevelFirst(Kvm kvm, boolean beforeTheSnapshot) implements DirectPageFault {
    @Override
    public RetPf directPageFault(Vcpu vcpu, Gfn gfn, boolean write) {
      KvmMemorySlot slot = vcpu.gfnToMemslot(gfn);
      boolean huge = beforeTheSnapshot && kvm.mmu.isHugePage(slot, gfn);
      long mmuSeq = kvm.mmuNotifierSeq.readOnce();
      smpRmb();
      huge |= !beforeTheSnapshot && kvm.mmu.isHugePage(slot, gfn);
      Hva hva = slot.gfnToHva(gfn);
      Pfn pfn = kvm.hvaToPfn(hva, write);
      kvm.mmuLock.writeLock();
      RetPf ret = RetPf.RETRY;
      if (!kvm.mmuNotifierRetryHva(mmuSeq, hva)) {
        ret = kvm.mmu.directMap(slot, gfn, pfn, write, huge);
      }
      kvm.mmuLock.writeUnlock();
      return ret;
    }
  }

  private static MmuScene hugeFault() {
    return new MmuScene()
        .config(KvmConfig.SMALL.withHugePages())
        .unmap(1, 2)
        .guest(vcpu -> vcpu.access(G0, false, 1));
  }

  @Test
  void hugeFaultOfTheReferenceIsSafe() {
    assertThat(hugeFault().explore()).isSafe().isExhaustive();
  }

  @Test
  void b14LevelIsFoundOutBeforeTheSnapshot() {
    assertThat(hugeFault().with(kvm -> new LevelFirst(kvm, true)).explore()).breaks("I1");
  }

  @Test
  void b14LevelIsFoundOutBetweenSnapshotAndTest() {
    // The host splits between a start and an end of the whole huge page: the test sees those.
    assertThat(hugeFault().with(kvm -> new LevelFirst(kvm, false)).explore())
        .isSafe()
        .isExhaustive();
  }

  // ---- B20: which side of mmu_lock

  private record TestsOnTheReadSide(Kvm kvm) implements DirectPageFault {
    @Override
    public RetPf directPageFault(Vcpu vcpu, Gfn gfn, boolean write) {
      long mmuSeq = kvm.mmuNotifierSeq.readOnce();
      smpRmb();
      KvmMemorySlot slot = vcpu.gfnToMemslot(gfn);
      Hva hva = slot.gfnToHva(gfn);
      Pfn pfn = kvm.hvaToPfn(hva, write);
      kvm.mmuLock.readLock();
      boolean retry = kvm.mmuNotifierRetryHva(mmuSeq, hva);
      kvm.mmuLock.readUnlock();
      if (retry) {
        return RetPf.RETRY;
      }
      kvm.mmuLock.writeLock();
      RetPf ret = kvm.mmu.directMap(slot, gfn, pfn, write);
      kvm.mmuLock.writeUnlock();
      return ret;
    }
  }

  @Test
  void b20TestsOnOneSideAndInstallsOnTheOther() {
    assertThat(
            new MmuScene()
                .with(TestsOnTheReadSide::new)
                .unmap(0, 1)
                .guest(vcpu -> vcpu.access(G0, false, 1))
                .explore())
        .breaks("I5");
  }

  // ---- B21: a root that is obsolete

  /// A fault that installs in the root that it began with.
  private record InItsOwnRoot(Kvm kvm, boolean tests) implements DirectPageFault {
    @Override
    public RetPf directPageFault(Vcpu vcpu, Gfn gfn, boolean write) {
      long mmuSeq = kvm.mmuNotifierSeq.readOnce();
      smpRmb();
      KvmMemorySlot slot = vcpu.gfnToMemslot(gfn);
      Hva hva = slot.gfnToHva(gfn);
      Pfn pfn = kvm.hvaToPfn(hva, write);
      kvm.mmuLock.writeLock();
      RetPf ret = RetPf.RETRY;
      if (!(tests && vcpu.hasObsoleteRoot()) && !kvm.mmuNotifierRetryHva(mmuSeq, hva)) {
        ret = kvm.mmu.directMap(vcpu, slot, gfn, pfn, write);
      }
      kvm.mmuLock.writeUnlock();
      return ret;
    }
  }

  /// The invalidation of v5.12 that looks at valid roots only.
  private record OfValidRoots(Kvm kvm) implements InvalidateRange {
    @Override
    public int invalidateRangeStart(MmuNotifierRange range) {
      int index = kvm.srcu.readLock();
      kvm.mmuLock.writeLock();
      kvm.incNotifierCount(range.start(), range.end());
      if (kvm.handleHvaRange(range.start(), range.end(), kvm.mmu::unmapValidRoots)) {
        kvm.flushRemoteTlbs();
      }
      kvm.mmuLock.writeUnlock();
      kvm.srcu.readUnlock(index);
      return 0;
    }

    @Override
    public void invalidateRangeEnd(MmuNotifierRange range) {
      kvm.mmuLock.writeLock();
      kvm.decNotifierCount(range.start(), range.end());
      kvm.mmuLock.writeUnlock();
    }
  }

  /// A fault on one memslot, while another is deleted and then the host takes the page away.
  private static MmuScene faultWhileRootsGo() {
    KvmMemorySlot other = new KvmMemorySlot(1, G1, 1, Hva.page(1));
    return new MmuScene()
        .slots(new KvmMemorySlot(0, G0, 1, Hva.page(0)), other)
        .kvm(
            "KVM_SET_USER_MEMORY_REGION",
            kvm -> {
              kvm.slotsLock.lock();
              kvm.mmu.zapAllFast();
              kvm.slotsLock.unlock();
              kvm.mm.madviseDontneed(Hva.page(0), Hva.page(1));
            })
        .guest(vcpu -> vcpu.access(G0, false, 1));
  }

  @Test
  void b21FaultInstallsInAnObsoleteRoot() {
    MmuScene scene = faultWhileRootsGo().with(kvm -> new InItsOwnRoot(kvm, false));
    // While an invalidation looks at every root, nothing is left there.
    assertThat(scene.explore()).isSafe().isExhaustive();
    assertThat(scene.with(OfValidRoots::new).explore()).breaks("I3");
  }

  // ---- J16: entries of a root that is obsolete

  /// An update that lets others in before it zaps the roots that it has made obsolete.
  private static MmuScene unmapBeforeRootsAreZapped() {
    return new MmuScene()
        .touched(G0)
        .kvm(
            "KVM_SET_USER_MEMORY_REGION",
            kvm -> {
              kvm.slotsLock.lock();
              kvm.mmuLock.writeLock();
              kvm.mmu.invalidateAllRoots();
              kvm.mmuLock.writeUnlock();
              kvm.mmuLock.writeLock();
              kvm.mmu.zapInvalidatedRoots();
              kvm.mmuLock.writeUnlock();
              kvm.slotsLock.unlock();
            })
        .unmap(0, 1);
  }

  @Test
  void j16UnmapLooksAtValidRootsOnly() {
    assertThat(unmapBeforeRootsAreZapped().explore()).isSafe().isExhaustive();
    assertThat(unmapBeforeRootsAreZapped().with(OfValidRoots::new).explore()).breaks("I3");
  }

  @Test
  void faultThatTestsItsRootIsSafe() {
    assertThat(
            faultWhileRootsGo()
                .with(OfValidRoots::new)
                .with(kvm -> new InItsOwnRoot(kvm, true))
                .explore())
        .isSafe()
        .isExhaustive();
  }
}
