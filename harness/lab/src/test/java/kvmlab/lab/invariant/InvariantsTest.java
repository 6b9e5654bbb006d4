// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import static kvmlab.lab.LabAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Consumer;
import java.util.function.Function;
import kvmlab.explore.MemoryModel;
import kvmlab.kvm.DirectPageFault;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.InvalidateRange;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmConfig;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.ProtocolPiece;
import kvmlab.kvm.RetPf;
import kvmlab.kvm.Spte;
import kvmlab.kvm.Vcpu;
import kvmlab.lab.Exploration;
import kvmlab.lab.Lab;
import kvmlab.lab.Scenario;
import kvmlab.lab.World;
import kvmlab.mm.Hva;
import kvmlab.mm.MmStruct;
import kvmlab.mm.MmuNotifierRange;
import kvmlab.mm.Pfn;
import org.junit.jupiter.api.Test;

/// Each invariant is broken once, on purpose; the reference breaks none.
class InvariantsTest {
  private static final Gfn G0 = new Gfn(0);

  /// The invalidation of v5.12 with parts that can be left out.
  private static class Invalidation implements InvalidateRange {
    final Kvm kvm;

    Invalidation(Kvm kvm) {
      this.kvm = kvm;
    }

    @Override
    public int invalidateRangeStart(MmuNotifierRange range) {
      int index = kvm.srcu.readLock();
      kvm.mmuLock.writeLock();
      kvm.mmuNotifierCount.writeOnce(counted());
      kvm.mmuNotifierRangeStart.writeOnce(0);
      kvm.mmuNotifierRangeEnd.writeOnce(Long.MAX_VALUE);
      boolean flush = zap(range);
      if (flush && flushesUnderLock()) {
        kvm.flushRemoteTlbs();
      }
      kvm.mmuLock.writeUnlock();
      if (flush && !flushesUnderLock()) {
        kvm.flushRemoteTlbs();
      }
      kvm.srcu.readUnlock(index);
      return 0;
    }

    @Override
    public void invalidateRangeEnd(MmuNotifierRange range) {
      kvm.mmuLock.writeLock();
      kvm.mmuNotifierSeq.writeOnce(kvm.mmuNotifierSeq.get() + 1);
      kvm.mmuNotifierCount.writeOnce(uncounted());
      kvm.mmuLock.writeUnlock();
    }

    long counted() {
      return kvm.mmuNotifierCount.get() + 1;
    }

    long uncounted() {
      return kvm.mmuNotifierCount.get() - 1;
    }

    boolean zap(MmuNotifierRange range) {
      return kvm.unmapHvaRange(range);
    }

    boolean flushesUnderLock() {
      return true;
    }
  }

  @Test
  void referenceBreaksNone() {
    assertThat(oneUnmap(Invalidation::new)).isSafe().isExhaustive();
    assertThat(twoUnmaps(Invalidation::new)).isSafe().isExhaustive();
  }

  @Test
  void frameThatTheHostDoesNotMapBreaksI1() {
    assertThat(
            oneUnmap(_ ->
                (DirectPageFault)
                    (vcpu, gfn, write) -> {
                      Kvm kvm = vcpu.kvm();
                      KvmMemorySlot slot = vcpu.gfnToMemslot(gfn);
                      kvm.mmuLock.writeLock();
                      RetPf ret = kvm.mmu.directMap(slot, gfn, new Pfn(7), write);
                      kvm.mmuLock.writeUnlock();
                      return ret;
                    }))
        .breaks("I1");
  }

  @Test
  void accessToAFreedFrameBreaksI2() {
    assertThatThrownBy(() ->
            Lab.alone(() -> {
              MmStruct mm = new MmStruct(1);
              mm.mmap(Hva.page(0), Hva.page(1));
              Pfn pfn = mm.getUserPagesFast(Hva.page(0), true);
              Vcpu vcpu = Kvm.createVm(mm, KvmConfig.SMALL, KvmOps.reference()).createVcpu();
              KvmMemorySlot slot = new KvmMemorySlot(0, G0, 1, Hva.page(0));
              GuestTouchesLiveFrames invariant = new GuestTouchesLiveFrames();
              invariant.guestAccessed(vcpu, G0, new Spte(pfn, true, slot));
              mm.madviseDontneed(Hva.page(0), Hva.page(1));
              invariant.guestAccessed(vcpu, G0, new Spte(pfn, true, slot));
              return vcpu;
            }))
        .hasMessageContaining("vcpu 0 touches g0 in f0, which is free");
  }

  @Test
  void startThatZapsNothingBreaksI3() {
    assertThat(
            oneUnmap(kvm ->
                new Invalidation(kvm) {
                  @Override
                  boolean zap(MmuNotifierRange range) {
                    return false;
                  }
                }))
        .breaks("I3");
  }

  @Test
  void flushAfterUnlockingBreaksI3() {
    assertThat(
            twoUnmaps(kvm ->
                new Invalidation(kvm) {
                  @Override
                  boolean flushesUnderLock() {
                    return false;
                  }
                }))
        .breaks("I3");
  }

  @Test
  void installWithoutTestBreaksI4() {
    assertThat(oneUnmap(_ -> (DirectPageFault) InvariantsTest::installWithoutTest)).breaks("I4");
  }

  @Test
  void lookUpFromBeforeTheEndBreaksI5() {
    assertThat(oneUnmap(_ -> (DirectPageFault) InvariantsTest::installWhenNoneIsInProgress))
        .breaks("I5");
  }

  @Test
  void flagInThePlaceOfACountBreaksI11() {
    assertThat(
            twoUnmaps(kvm ->
                new Invalidation(kvm) {
                  @Override
                  long counted() {
                    return 1;
                  }

                  @Override
                  long uncounted() {
                    return 0;
                  }
                }))
        .breaks("I11");
  }

  @Test
  void countThatIsLeftBehindBreaksI11() {
    assertThat(
            oneUnmap(kvm ->
                new Invalidation(kvm) {
                  @Override
                  long uncounted() {
                    return kvm.mmuNotifierCount.get();
                  }
                }))
        .breaks("I11");
  }

  @Test
  void faultThatAlwaysStartsOverBreaksI30() {
    assertThat(oneUnmap(_ -> (DirectPageFault) (_, _, _) -> RetPf.RETRY)).breaks("I30");
  }

  private static RetPf installWithoutTest(Vcpu vcpu, Gfn gfn, boolean write) {
    Kvm kvm = vcpu.kvm();
    KvmMemorySlot slot = vcpu.gfnToMemslot(gfn);
    Pfn pfn = kvm.hvaToPfn(slot.gfnToHva(gfn), write);
    kvm.mmuLock.writeLock();
    RetPf ret = kvm.mmu.directMap(slot, gfn, pfn, write);
    kvm.mmuLock.writeUnlock();
    return ret;
  }

  private static RetPf installWhenNoneIsInProgress(Vcpu vcpu, Gfn gfn, boolean write) {
    Kvm kvm = vcpu.kvm();
    KvmMemorySlot slot = vcpu.gfnToMemslot(gfn);
    Pfn pfn = kvm.hvaToPfn(slot.gfnToHva(gfn), write);
    kvm.mmuLock.writeLock();
    RetPf ret = RetPf.RETRY;
    if (kvm.mmuNotifierCount.get() == 0) {
      ret = kvm.mmu.directMap(slot, gfn, pfn, write);
    }
    kvm.mmuLock.writeUnlock();
    return ret;
  }

  private static Exploration oneUnmap(Function<Kvm, ProtocolPiece> piece) {
    return explore(
        piece,
        world ->
            world.task(
                "CPU 0 (madvise)", () -> world.mm().madviseDontneed(Hva.page(0), Hva.page(1))));
  }

  private static Exploration twoUnmaps(Function<Kvm, ProtocolPiece> piece) {
    return explore(
        piece,
        world -> {
          for (int cpu = 0; cpu < 2; cpu++) {
            world.task(
                "CPU " + cpu + " (madvise)",
                () -> world.mm().madviseDontneed(Hva.page(0), Hva.page(1)));
          }
        });
  }

  private static Exploration explore(
      Function<Kvm, ProtocolPiece> piece, Consumer<World> invalidators) {
    return Lab.explore(
        new Scenario() {
          @Override
          public void build(World world) {
            Vcpu vcpu = world.vm(KvmOps.reference().with(piece), 1).createVcpu();
            invalidators.accept(world);
            world.task("vcpu 0", () -> vcpu.access(G0, false, 1));
          }

          @Override
          public MemoryModel model() {
            return MemoryModel.SC;
          }

          @Override
          public String id() {
            return "lab:Broken";
          }
        });
  }
}
