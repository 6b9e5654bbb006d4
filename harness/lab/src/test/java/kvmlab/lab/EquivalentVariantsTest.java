// SPDX-License-Identifier: MIT
package kvmlab.lab;

import static kvmlab.kernel.Barriers.smpRmb;
import static kvmlab.lab.LabAssertions.assertThat;

import java.util.List;
import java.util.function.Function;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.Sched;
import kvmlab.kvm.DirectPageFault;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.InstallNewMemslots;
import kvmlab.kvm.InvalidateRange;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmHvaRange;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmMemslots;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.LockAlways;
import kvmlab.kvm.LockOnHit;
import kvmlab.kvm.MmuNotifierRetry;
import kvmlab.kvm.ProtocolPiece;
import kvmlab.kvm.RetPf;
import kvmlab.kvm.Vcpu;
import kvmlab.kvm.design.ActiveCount;
import kvmlab.lab.mutant.Freeze;
import kvmlab.lab.mutant.Invalidation;
import kvmlab.lab.mutant.Section;
import kvmlab.lab.mutant.Sketch;
import kvmlab.mm.Hva;
import kvmlab.mm.MmuNotifierRange;
import kvmlab.mm.Pfn;
import org.junit.jupiter.api.Test;

/// What differs from the reference and is as right: no judge objects, in three scenarios each. A
/// judge that does is wrong itself.
///
/// One variant has nothing to differ in here: when the fault drops its reference to the frame does
/// not matter, because frames are not counted by reference.
class EquivalentVariantsTest {
  private static final Gfn G0 = new Gfn(0);
  private static final Gfn G1 = new Gfn(1);
  private static final KvmMemorySlot SLOT1 = new KvmMemorySlot(1, G1, 1, Hva.page(1));

  /// Faults race the host.
  private static final List<Function<KvmOps, Sketch>> FAULTS =
      List.of(
          EquivalentVariantsTest::faultRacesUnmap,
          EquivalentVariantsTest::faultRacesTwoSections,
          EquivalentVariantsTest::unmapRacesUnmap);

  /// Updates of memslots race the host.
  private static final List<Function<KvmOps, Sketch>> UPDATES =
      List.of(
          ops -> updateRacesSection(ops, false, SLOT1),
          ops -> updateRacesSection(ops, true, SLOT1.deleted()),
          ops ->
              updateRacesSection(
                  ops, true, SLOT1.withFlags(KvmMemorySlot.KVM_MEM_LOG_DIRTY_PAGES)));

  // ---- those that are known

  @Test
  void retryIsGlobal() {
    mustPass(
        with(kvm ->
            (MmuNotifierRetry)
                (mmuSeq, _) ->
                    kvm.mmuNotifierCount.get() != 0 || kvm.mmuNotifierSeq.get() != mmuSeq),
        FAULTS);
  }

  @Test
  void moreIsZapped() {
    mustPass(
        with(kvm ->
            new Invalidation(kvm) {
              @Override
              protected boolean zap(MmuNotifierRange range) {
                return kvm.unmapHvaRange(new MmuNotifierRange(Hva.page(0), Hva.page(8), true));
              }
            }),
        FAULTS);
  }

  @Test
  void everyStartFlushes() {
    mustPass(
        with(kvm ->
            new Invalidation(kvm) {
              @Override
              protected boolean zap(MmuNotifierRange range) {
                super.zap(range);
                return true;
              }
            }),
        FAULTS);
  }

  /// Linux 5.14. Slow, and nothing else: I27 objects, and only if it is asked.
  @Test
  void mmuLockIsTakenForEveryRange() {
    KvmOps ops = KvmOps.reference().with(LockAlways::new).with(ActiveCount::new);
    mustPass(ops, UPDATES);
    Sketch other =
        Sketch.of(world -> {
          world.vm(ops, 1);
          world.task("munmap", Section.of(world, 5)::run);
        });
    assertThat(other.explore()).isSafe().isExhaustive();
    assertThat(other.asking("I28").asking("I29").explore()).isSafe().isExhaustive();
    assertThat(other.asking("I27").explore()).breaks("I27");
  }

  @Test
  void updateOfFlagsIsNotFrozen() {
    mustPass(
        freeze(kvm ->
            new Freeze(kvm) {
              @Override
              public void installNewMemslots(int asId, KvmMemslots slots) {
                install(this, kvm, asId, slots, sameMemory(kvm.activeMemslots(asId), slots));
              }
            }),
        UPDATES);
  }

  @Test
  void invalidSlotIsPublishedWithoutAFreeze() {
    mustPass(
        freeze(kvm ->
            new Freeze(kvm) {
              @Override
              public void installNewMemslots(int asId, KvmMemslots slots) {
                boolean firstPhase = slots.slots().stream().anyMatch(KvmMemorySlot::invalid);
                install(this, kvm, asId, slots, firstPhase);
              }
            }),
        UPDATES);
  }

  @Test
  void seqRisesInStartAndInEnd() {
    mustPass(
        with(kvm ->
            new Invalidation(kvm) {
              @Override
              protected void count(MmuNotifierRange range) {
                super.count(range);
                kvm.mmuNotifierSeq.writeOnce(kvm.mmuNotifierSeq.get() + 1);
              }
            }),
        FAULTS);
  }

  /// Under the kernel's memory model, where it would matter to a reader without the lock.
  @Test
  void barrierBetweenSeqAndCountIsLeftOut() {
    KvmOps ops =
        with(kvm ->
            new Invalidation(kvm) {
              @Override
              protected void uncount(MmuNotifierRange range) {
                kvm.mmuNotifierSeq.writeOnce(kvm.mmuNotifierSeq.get() + 1);
                kvm.mmuNotifierCount.writeOnce(kvm.mmuNotifierCount.get() - 1);
              }
            });
    for (Function<KvmOps, Sketch> scene : FAULTS) {
      assertThat(scene.apply(ops).weak().explore()).isSafe().isExhaustive();
    }
  }

  @Test
  void everyEndWakes() {
    mustPass(
        freeze(kvm ->
            new Freeze(kvm) {
              @Override
              protected boolean wakes(long left, boolean relevant) {
                return true;
              }
            }),
        UPDATES);
  }

  @Test
  void wakeUpIsMadeUnderTheLock() {
    mustPass(
        freeze(kvm ->
            new Freeze(kvm) {
              @Override
              public void invalidateRangeEnd(MmuNotifierRange range) {
                walkBack(range);
                lock.lock();
                long left = active.get() - 1;
                active.writeOnce(left);
                if (left == 0) {
                  wait.wakeUp();
                }
                lock.unlock();
              }
            }),
        UPDATES);
  }

  @Test
  void countIsHeldALittleLonger() {
    mustPass(
        with(kvm ->
            new Invalidation(kvm) {
              @Override
              protected void uncount(MmuNotifierRange range) {
                kvm.mmuNotifierSeq.writeOnce(kvm.mmuNotifierSeq.get() + 1);
              }

              @Override
              protected void after(MmuNotifierRange range) {
                kvm.mmuLock.writeLock();
                kvm.mmuNotifierCount.writeOnce(kvm.mmuNotifierCount.get() - 1);
                kvm.mmuLock.writeUnlock();
              }
            }),
        FAULTS);
  }

  @Test
  void countAndPublicationExcludeEachOtherByOneWord() {
    mustPass(freeze(OneWord::new), UPDATES);
  }

  /// One atomic word: the number of invalidations, and a bit of the update on which starts spin.
  private static final class OneWord implements InvalidateRange, InstallNewMemslots {
    private static final long UPDATE = 1L << 32;

    private final Kvm kvm;
    private final LongCell word = new LongCell("mn_word", 0);

    OneWord(Kvm kvm) {
      this.kvm = kvm;
    }

    @Override
    public int invalidateRangeStart(MmuNotifierRange range) {
      long old = word.readOnce();
      while ((old & UPDATE) != 0 || word.cmpxchg(old, old + 1) != old) {
        Sched.cpuRelax();
        old = word.readOnce();
      }
      walk(range, true);
      return 0;
    }

    @Override
    public void invalidateRangeEnd(MmuNotifierRange range) {
      walk(range, false);
      word.fetchAdd(-1);
    }

    private void walk(MmuNotifierRange range, boolean start) {
      kvm.handleHvaRange(
          new KvmHvaRange(
              range.start(),
              range.end(),
              start ? kvm.mmu::unmapGfnRange : null,
              start ? kvm::incNotifierCount : kvm::decNotifierCount,
              false,
              start,
              range.blockable()));
    }

    @Override
    public void installNewMemslots(int asId, KvmMemslots slots) {
      kvm.beginUpdate(asId, slots);
      while (word.cmpxchg(0, UPDATE) != 0) {
        Sched.cpuRelax();
      }
      kvm.publishMemslots(asId, slots);
      word.smpStoreRelease(0);
      kvm.srcu.synchronize();
      kvm.finishUpdate(slots);
    }
  }

  // ---- five more

  @Test
  void faultStartsOverByItself() {
    mustPass(
        with(_ -> (DirectPageFault) (vcpu, gfn, write) -> fault(vcpu, gfn, write, 2, false)),
        FAULTS);
  }

  @Test
  void faultTakesAQuickLookWithoutTheLock() {
    mustPass(
        with(_ -> (DirectPageFault) (vcpu, gfn, write) -> fault(vcpu, gfn, write, 1, true)),
        FAULTS);
  }

  private static RetPf fault(Vcpu vcpu, Gfn gfn, boolean write, int tries, boolean quickLook) {
    Kvm kvm = vcpu.kvm();
    KvmMemorySlot slot = vcpu.gfnToMemslot(gfn);
    Hva hva = slot.gfnToHva(gfn);
    for (int i = 0; i < tries; i++) {
      long mmuSeq = kvm.mmuNotifierSeq.readOnce();
      smpRmb();
      Pfn pfn = kvm.hvaToPfn(hva, write);
      if (pfn.isError()) {
        return RetPf.EFAULT;
      }
      if (quickLook
          && (kvm.mmuNotifierCount.readOnce() != 0 || kvm.mmuNotifierSeq.readOnce() != mmuSeq)) {
        return RetPf.RETRY;
      }
      kvm.mmuLock.writeLock();
      boolean retry = kvm.mmuNotifierRetryHva(mmuSeq, hva);
      RetPf ret = retry ? RetPf.RETRY : kvm.mmu.directMap(slot, gfn, pfn, write);
      kvm.mmuLock.writeUnlock();
      if (!retry) {
        return ret;
      }
    }
    return RetPf.RETRY;
  }

  /// In one hold of the lock, which of the two comes first is nobody's business.
  @Test
  void zapComesBeforeTheCount() {
    mustPass(
        with(kvm ->
            new Invalidation(kvm) {
              private boolean zapped;

              @Override
              protected void count(MmuNotifierRange range) {
                zapped = super.zap(range);
                super.count(range);
              }

              @Override
              protected boolean zap(MmuNotifierRange range) {
                return zapped;
              }
            }),
        FAULTS);
  }

  /// Whoever reads both does so under the lock.
  @Test
  void countDropsBeforeSeqRises() {
    mustPass(
        with(kvm ->
            new Invalidation(kvm) {
              @Override
              protected void uncount(MmuNotifierRange range) {
                kvm.mmuNotifierCount.writeOnce(kvm.mmuNotifierCount.get() - 1);
                kvm.mmuNotifierSeq.writeOnce(kvm.mmuNotifierSeq.get() + 1);
              }
            }),
        FAULTS);
  }

  /// Counted in one hold of the lock, zapped and flushed in the next: faults keep off meanwhile.
  @Test
  void startCountsFirstAndZapsLater() {
    mustPass(
        with(kvm ->
            new Invalidation(kvm) {
              @Override
              protected void before(MmuNotifierRange range) {
                kvm.mmuLock.writeLock();
                super.count(range);
                kvm.mmuLock.writeUnlock();
              }

              @Override
              protected void count(MmuNotifierRange range) {}
            }),
        FAULTS);
  }

  // ---- the scenarios

  private static Sketch faultRacesUnmap(KvmOps ops) {
    return Sketch.of(world -> {
      Vcpu vcpu = world.vm(ops, 1).createVcpu();
      world.task("madvise", () -> world.mm().madviseDontneed(Hva.page(0), Hva.page(1)));
      world.task("vcpu 0", () -> vcpu.access(G0, true, 1));
    });
  }

  private static Sketch faultRacesTwoSections(KvmOps ops) {
    return Sketch.of(world -> {
      Vcpu vcpu = world.vm(ops, 2).createVcpu();
      world.task("madvise", Section.of(world, 0)::run);
      world.task("munmap", Section.of(world, 1)::run);
      world.task("vcpu 0", () -> vcpu.access(G0, false, 1));
    });
  }

  /// Both find what the guest has touched before.
  private static Sketch unmapRacesUnmap(KvmOps ops) {
    return Sketch.of(world -> {
      Vcpu vcpu = world.vm(ops, 1).createVcpu();
      world.task(
          "vcpu 0, then madvise",
          () -> {
            vcpu.access(G0, false, 1);
            world.mm().madviseDontneed(Hva.page(0), Hva.page(1));
          });
      world.task("munmap", () -> world.mm().munmap(Hva.page(0), Hva.page(1)));
    });
  }

  private static Sketch updateRacesSection(KvmOps ops, boolean present, KvmMemorySlot mem) {
    return Sketch.of(world -> {
      Kvm kvm = world.vm(ops, 1);
      if (present) {
        kvm.setMemoryRegion(SLOT1);
      }
      kvm.createVcpu();
      world.task("munmap", Section.of(world, 1)::run);
      world.task("KVM_SET_USER_MEMORY_REGION", () -> kvm.setMemoryRegion(mem));
    });
  }

  /// Installs by `freeze`, or as Linux 5.12 does.
  private static void install(Freeze freeze, Kvm kvm, int asId, KvmMemslots slots, boolean atOnce) {
    if (!atOnce) {
      freeze.installFrozen(asId, slots);
      return;
    }
    kvm.beginUpdate(asId, slots);
    kvm.publishMemslots(asId, slots);
    kvm.srcu.synchronize();
    kvm.finishUpdate(slots);
  }

  private static boolean sameMemory(KvmMemslots before, KvmMemslots now) {
    return memory(before).equals(memory(now))
        && now.latestSlots().stream().noneMatch(KvmMemorySlot::invalid);
  }

  private static List<List<Object>> memory(KvmMemslots slots) {
    return slots.latestSlots().stream()
        .map(
            slot -> List.<Object>of(slot.id(), slot.baseGfn(), slot.npages(), slot.userspaceAddr()))
        .toList();
  }

  private static KvmOps with(Function<Kvm, ProtocolPiece> piece) {
    return KvmOps.reference().with(piece);
  }

  private static KvmOps freeze(Function<Kvm, ProtocolPiece> piece) {
    return KvmOps.reference().with(LockOnHit::new).with(piece);
  }

  private static void mustPass(KvmOps ops, List<Function<KvmOps, Sketch>> scenes) {
    for (Function<KvmOps, Sketch> scene : scenes) {
      assertThat(scene.apply(ops).explore()).isSafe().isExhaustive();
    }
  }
}
