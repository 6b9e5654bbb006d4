// SPDX-License-Identifier: MIT
package kvmlab.lab.catalogue;

import static kvmlab.lab.LabAssertions.assertThat;
import static kvmlab.lab.catalogue.MmuScene.G0;
import static kvmlab.lab.catalogue.MmuScene.G1;

import java.util.function.Function;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.HandleKvmHvaRange;
import kvmlab.kvm.InvalidateRange;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmConfig;
import kvmlab.kvm.KvmGfnRange;
import kvmlab.kvm.KvmHvaRange;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.ProtocolPiece;
import kvmlab.mm.Hva;
import kvmlab.mm.MmuNotifierRange;
import kvmlab.mm.PageIdle;
import org.junit.jupiter.api.Test;

/// Group D: the walk that takes `mmu_lock` where it hits a memslot, its flush, and its yield.
class GroupDTest {

  /// Start and end as in 5.15, without a freeze: no test here updates the memslots.
  private static class Section implements InvalidateRange {
    final Kvm kvm;

    Section(Kvm kvm) {
      this.kvm = kvm;
    }

    @Override
    public int invalidateRangeStart(MmuNotifierRange range) {
      kvm.handleHvaRange(
          new KvmHvaRange(
              range.start(),
              range.end(),
              kvm.mmu::unmapGfnRange,
              kvm::incNotifierCount,
              false,
              true,
              true));
      return 0;
    }

    @Override
    public void invalidateRangeEnd(MmuNotifierRange range) {
      kvm.handleHvaRange(
          new KvmHvaRange(
              range.start(), range.end(), null, kvm::decNotifierCount, false, false, true));
    }
  }

  /// The walk of 5.15 with parts that can be wrong.
  private static class Walk implements HandleKvmHvaRange {
    final Kvm kvm;

    Walk(Kvm kvm) {
      this.kvm = kvm;
    }

    @Override
    public boolean handleHvaRange(KvmHvaRange range) {
      int index = kvm.srcu.readLock();
      boolean holds = false;
      boolean ret = false;
      boolean done = false;
      for (int asId = 0; asId < kvm.addressSpaces() && !done; asId++) {
        for (KvmMemorySlot slot : kvm.memslots(asId).slots()) {
          KvmGfnRange covered = KvmGfnRange.covered(slot, range.start(), range.end());
          if (covered == null) {
            continue;
          }
          boolean first = !holds;
          if (locks(holds)) {
            kvm.mmuLock.writeLock();
          }
          if (range.onLock() != null && runsOnLock(holds)) {
            range.onLock().onLock(range.start(), range.end());
          }
          holds = true;
          if (range.handler() == null && (first || leavesBoth())) {
            done = leavesBoth();
            break;
          }
          ret |= handle(range, covered);
        }
      }
      boolean flush = ret && range.flushOnRet() && flushes();
      if (flush && flushesUnderLock()) {
        kvm.flushRemoteTlbs();
      }
      if (holds && unlocks(ret)) {
        kvm.mmuLock.writeUnlock();
      }
      if (flush && !flushesUnderLock()) {
        kvm.flushRemoteTlbs();
      }
      kvm.srcu.readUnlock(index);
      return ret;
    }

    boolean locks(boolean holds) {
      return !holds;
    }

    boolean runsOnLock(boolean holds) {
      return !holds;
    }

    boolean leavesBoth() {
      return true;
    }

    boolean handle(KvmHvaRange range, KvmGfnRange covered) {
      // kvm_null_fn() is a function without a body: what it returns is not said.
      return range.handler() == null || range.handler().handle(covered);
    }

    boolean flushes() {
      return true;
    }

    boolean flushesUnderLock() {
      return true;
    }

    boolean unlocks(boolean ret) {
      return true;
    }
  }

  private static MmuScene scene(Function<Kvm, ProtocolPiece> walk) {
    return new MmuScene().with(Section::new).with(walk);
  }

  private static final KvmMemorySlot[] ALIASES = {
    new KvmMemorySlot(0, G0, 1, Hva.page(0)), new KvmMemorySlot(1, G1, 1, Hva.page(0))
  };

  @Test
  void walkOfTheReferenceIsSafe() {
    assertThat(
            scene(Walk::new)
                .slots(ALIASES)
                .touched(G1)
                .unmap(0, 1)
                .guest(vcpu -> vcpu.access(G1, false, 1))
                .explore())
        .isSafe()
        .isExhaustive();
    assertThat(scene(Walk::new).touched(G0).unmap(0, 1).unmap(0, 1).explore())
        .isSafe()
        .isExhaustive();
  }

  @Test
  void d1LockPerSlotWithoutAFlag() {
    assertThat(
            scene(kvm ->
                    new Walk(kvm) {
                      @Override
                      boolean locks(boolean holds) {
                        return true;
                      }
                    })
                .slots(ALIASES)
                .unmap(0, 1)
                .explore())
        .breaks("I26");
  }

  @Test
  void d2OnLockPerSlot() {
    MmuScene scene =
        scene(kvm ->
                new Walk(kvm) {
                  @Override
                  boolean runsOnLock(boolean holds) {
                    return true;
                  }
                })
            .slots(ALIASES)
            .unmap(0, 1);
    assertThat(scene.explore()).breaks("I11");
  }

  @Test
  void d3UnlocksOnlyWhenSomethingWasZapped() {
    assertThat(
            scene(kvm ->
                    new Walk(kvm) {
                      @Override
                      boolean unlocks(boolean ret) {
                        return ret;
                      }
                    })
                .unmap(0, 1)
                .explore())
        .breaks("I19");
  }

  private static final class FlushesAfterUnlocking extends Walk {
    FlushesAfterUnlocking(Kvm kvm) {
      super(kvm);
    }

    @Override
    boolean flushesUnderLock() {
      return false;
    }
  }

  @Test
  void d4FlushesAfterUnlocking() {
    MmuScene one = scene(FlushesAfterUnlocking::new).touched(G0).unmap(0, 1);
    assertThat(one.explore()).isSafe();
    assertThat(one.unmap(0, 1).explore()).breaks("I3");
  }

  /// Lets others in after each page.
  private static class Yielding extends Walk {
    Yielding(Kvm kvm) {
      super(kvm);
    }

    @Override
    boolean handle(KvmHvaRange range, KvmGfnRange covered) {
      boolean flush = false;
      for (Gfn gfn = covered.start(); gfn.compareTo(covered.end()) < 0; gfn = gfn.plus(1)) {
        if (!gfn.equals(covered.start())) {
          flush = yielding(flush);
        }
        if (zaps(covered, gfn)) {
          flush |= range.handler().handle(new KvmGfnRange(covered.slot(), gfn, gfn.plus(1)));
        }
      }
      return flush;
    }

    boolean yielding(boolean flush) {
      if (flush && flushesBeforeYielding()) {
        kvm.flushRemoteTlbs();
        kvm.mmuLock.writeUnlock();
        kvm.mmuLock.writeLock();
        return false;
      }
      kvm.mmuLock.writeUnlock();
      kvm.mmuLock.writeLock();
      return flush;
    }

    boolean flushesBeforeYielding() {
      return true;
    }

    boolean zaps(KvmGfnRange covered, Gfn gfn) {
      return true;
    }
  }

  @Test
  void walkThatFlushesBeforeItYieldsIsSafe() {
    assertThat(
            scene(Yielding::new)
                .touched(G0)
                .unmap(0, 2)
                .guest(vcpu -> vcpu.access(G1, false, 1))
                .explore())
        .isSafe()
        .isExhaustive();
    assertThat(scene(Yielding::new).touched(G0).unmap(0, 2).unmap(0, 1).explore())
        .isSafe()
        .isExhaustive();
  }

  @Test
  void d5YieldsWithAFlushOwed() {
    assertThat(
            scene(kvm ->
                    new Yielding(kvm) {
                      @Override
                      boolean flushesBeforeYielding() {
                        return false;
                      }
                    })
                .touched(G0)
                .unmap(0, 2)
                .unmap(0, 1)
                .explore())
        .breaks("I3");
  }

  @Test
  void d6GoesOnBehindThePageAfterAYield() {
    assertThat(
            scene(kvm ->
                    new Yielding(kvm) {
                      @Override
                      boolean zaps(KvmGfnRange covered, Gfn gfn) {
                        return !gfn.equals(covered.start().plus(1));
                      }
                    })
                .touched(G1)
                .unmap(0, 2)
                .explore())
        .breaks("I3");
  }

  @Test
  void d7FlushDecisionIsTruncated() {
    assertThat(
            scene(kvm ->
                    new Walk(kvm) {
                      private final long tlbsDirty = 1L << 32;

                      @Override
                      @SuppressWarnings("NarrowCalculation")
                      boolean flushes() {
                        int flush = 0;
                        flush |= (int) tlbsDirty;
                        return flush != 0;
                      }
                    })
                .touched(G0)
                .unmap(0, 1)
                .explore())
        .breaks("I3");
  }

  @Test
  void d8LeavesTheInnerLoopOnly() {
    // It shipped: whatever the null handler returns, end does not look.
    assertThat(
            scene(kvm ->
                    new Walk(kvm) {
                      @Override
                      boolean leavesBoth() {
                        return false;
                      }
                    })
                .config(KvmConfig.SMALL.withAddressSpaces(2))
                .slots(
                    new KvmMemorySlot(0, 0, G0, 1, Hva.page(0)),
                    new KvmMemorySlot(0, 1, G0, 1, Hva.page(0)))
                .touched(G0)
                .unmap(0, 1)
                .guest(vcpu -> vcpu.access(G0, false, 1))
                .explore())
        .isSafe()
        .isExhaustive();
  }

  private record YoungWithoutFlush(Kvm kvm) implements HandleKvmHvaRange {
    @Override
    public boolean handleHvaRange(KvmHvaRange range) {
      int index = kvm.srcu.readLock();
      kvm.mmuLock.writeLock();
      if (range.onLock() != null) {
        range.onLock().onLock(range.start(), range.end());
      }
      boolean ret = kvm.handleHvaRange(range.start(), range.end(), range.handler());
      kvm.mmuLock.writeUnlock();
      kvm.srcu.readUnlock(index);
      return ret;
    }
  }

  @Test
  void d12AgesWithoutAFlush() {
    MmuScene scene =
        new MmuScene()
            .touched(G0)
            .host("page_idle", world -> PageIdle.clearYoung(world.mm(), Hva.page(0)))
            .guest(vcpu -> vcpu.access(G0, false, 1));
    assertThat(scene.explore()).isSafe().isExhaustive();
    assertThat(scene.with(YoungWithoutFlush::new).explore()).isSafe().isExhaustive();
  }

  /// An end that removes the translations again.
  private static final class ZapsInEnd extends Section {
    ZapsInEnd(Kvm kvm) {
      super(kvm);
    }

    @Override
    public void invalidateRangeEnd(MmuNotifierRange range) {
      kvm.handleHvaRange(
          new KvmHvaRange(
              range.start(),
              range.end(),
              kvm.mmu::unmapGfnRange,
              kvm::decNotifierCount,
              false,
              true,
              true));
    }
  }

  @Test
  void d13ZapsInEndAgain() {
    MmuScene scene =
        new MmuScene()
            .with(Walk::new)
            .with(ZapsInEnd::new)
            .touched(G0)
            .unmap(0, 1)
            .guest(vcpu -> vcpu.access(G0, false, 1));
    assertThat(scene.explore()).isSafe().isExhaustive();
    assertThat(scene.unmap(0, 1).with(FlushesAfterUnlocking::new).explore()).breaks("I3");
  }
}
