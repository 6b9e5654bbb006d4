// SPDX-License-Identifier: MIT
package kvmlab.lab.catalogue;

import static kvmlab.lab.LabAssertions.assertThat;
import static kvmlab.lab.catalogue.MmuScene.G0;
import static kvmlab.lab.catalogue.MmuScene.G1;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.HandleHvaRange;
import kvmlab.kvm.HandleKvmHvaRange;
import kvmlab.kvm.HvaHandler;
import kvmlab.kvm.InvalidateRange;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmConfig;
import kvmlab.kvm.KvmGfnRange;
import kvmlab.kvm.KvmHvaRange;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.LockOnHit;
import kvmlab.mm.Hva;
import kvmlab.mm.MmuNotifierRange;
import org.junit.jupiter.api.Test;

/// Group A: from a range of host addresses to pages of the guest.
class GroupATest {

  /// The walk of v5.12 with parts that can be wrong.
  private static class Walk implements HandleHvaRange {
    final Kvm kvm;

    Walk(Kvm kvm) {
      this.kvm = kvm;
    }

    @Override
    public boolean handleHvaRange(Hva start, Hva end, HvaHandler handler) {
      boolean ret = false;
      for (int asId = 0; asId < addressSpaces(); asId++) {
        for (KvmMemorySlot slot : kvm.memslots(asId).slots()) {
          KvmGfnRange covered = covered(slot, start, end);
          if (covered != null) {
            ret |= handler.handle(covered);
            if (stopsAtTheFirst()) {
              return ret;
            }
          }
        }
      }
      return ret;
    }

    KvmGfnRange covered(KvmMemorySlot slot, Hva start, Hva end) {
      return KvmGfnRange.covered(slot, start, end);
    }

    int addressSpaces() {
      return kvm.addressSpaces();
    }

    boolean stopsAtTheFirst() {
      return false;
    }
  }

  private static MmuScene readThenUnmap() {
    return new MmuScene().touched(G0).unmap(0, 1);
  }

  @Test
  void walkOfTheReferenceIsSafe() {
    assertThat(readThenUnmap().with(Walk::new).guest(vcpu -> vcpu.access(G0, false, 1)).explore())
        .isSafe()
        .isExhaustive();
  }

  @Test
  void a1TakesTheEndForAPageInside() {
    MmuScene scene =
        new MmuScene()
            .slots(new KvmMemorySlot(0, G0, 1, Hva.page(1)))
            .alsoWatching("I27")
            .unmap(0, 1);
    assertThat(scene.with(LockOnHit::new).with(Locking::new).explore()).isSafe();
    assertThat(scene.with(LockOnHitInclusive::new).explore()).breaks("I27");
  }

  /// An invalidation that takes mmu_lock only where a memslot is hit.
  private record Locking(Kvm kvm) implements InvalidateRange {
    @Override
    public int invalidateRangeStart(MmuNotifierRange range) {
      kvm.handleHvaRange(of(range, kvm.mmu::unmapGfnRange, kvm::incNotifierCount));
      return 0;
    }

    @Override
    public void invalidateRangeEnd(MmuNotifierRange range) {
      kvm.handleHvaRange(of(range, null, kvm::decNotifierCount));
    }

    private static KvmHvaRange of(
        MmuNotifierRange range, HvaHandler handler, KvmHvaRange.OnLock onLock) {
      return new KvmHvaRange(range.start(), range.end(), handler, onLock, false, true, true);
    }
  }

  private record LockOnHitInclusive(LockOnHit right) implements HandleKvmHvaRange {
    LockOnHitInclusive(Kvm kvm) {
      this(new LockOnHit(kvm));
    }

    @Override
    public boolean handleHvaRange(KvmHvaRange range) {
      return right.handleHvaRange(
          new KvmHvaRange(
              range.start(),
              range.end().plus(1),
              range.handler(),
              range.onLock(),
              range.mustLock(),
              range.flushOnRet(),
              range.mayBlock()));
    }
  }

  @Test
  void a2LowerBoundIsNotClamped() {
    assertThat(
            new MmuScene()
                .slots(new KvmMemorySlot(0, G0, 1, Hva.page(1)))
                .with(kvm ->
                    new Walk(kvm) {
                      @Override
                      KvmGfnRange covered(KvmMemorySlot slot, Hva start, Hva end) {
                        KvmGfnRange right = super.covered(slot, start, end);
                        Gfn first = slot.hvaToGfn(start);
                        // gfn_t is unsigned: what lies below the slot is above everything.
                        return right == null
                                || Long.compareUnsigned(first.number(), right.end().number()) > 0
                            ? null
                            : new KvmGfnRange(slot, first, right.end());
                      }
                    })
                .touched(G0)
                .unmap(0, 2)
                .explore())
        .breaks("I3");
  }

  @Test
  void a3EndIsRoundedDown() {
    assertThat(
            new MmuScene()
                .with(kvm ->
                    new Walk(kvm) {
                      @Override
                      KvmGfnRange covered(KvmMemorySlot slot, Hva start, Hva end) {
                        return new KvmGfnRange(slot, slot.hvaToGfn(start), slot.hvaToGfn(end));
                      }
                    })
                .touched(G0)
                .notify(Hva.page(0), Hva.page(0).plus(1))
                .explore())
        .breaks("I3");
  }

  @Test
  void a5StopsAtTheFirstOverlappingSlot() {
    assertThat(
            new MmuScene()
                .slots(
                    new KvmMemorySlot(0, G0, 1, Hva.page(0)),
                    new KvmMemorySlot(1, G1, 1, Hva.page(0)))
                .with(kvm ->
                    new Walk(kvm) {
                      @Override
                      boolean stopsAtTheFirst() {
                        return true;
                      }
                    })
                .touched(G1)
                .unmap(0, 1)
                .explore())
        .breaks("I3");
  }

  private static MmuScene inSystemManagementMode() {
    return new MmuScene()
        .config(KvmConfig.SMALL.withAddressSpaces(2))
        .slots(
            new KvmMemorySlot(0, 0, G0, 1, Hva.page(1)),
            new KvmMemorySlot(0, 1, G0, 1, Hva.page(0)))
        .before(vcpu -> {
          vcpu.setSmm(true);
          vcpu.read(G0);
        })
        .unmap(0, 1)
        .guest(vcpu -> vcpu.access(G0, false, 1));
  }

  @Test
  void secondAddressSpaceIsSafe() {
    assertThat(inSystemManagementMode().explore()).isSafe().isExhaustive();
  }

  @Test
  void a6FirstAddressSpaceOnly() {
    assertThat(
            inSystemManagementMode()
                .with(kvm ->
                    new Walk(kvm) {
                      @Override
                      int addressSpaces() {
                        return 1;
                      }
                    })
                .explore())
        .breaks("I3");
  }

  /// The invalidation of v5.12 that keeps page numbers where others look for addresses.
  private record RangeInPages(Kvm kvm) implements InvalidateRange {
    @Override
    public int invalidateRangeStart(MmuNotifierRange range) {
      int index = kvm.srcu.readLock();
      kvm.mmuLock.writeLock();
      kvm.mmuNotifierCount.writeOnce(kvm.mmuNotifierCount.get() + 1);
      kvm.mmuNotifierRangeStart.writeOnce(range.start().pageNumber());
      kvm.mmuNotifierRangeEnd.writeOnce(range.end().pageNumber());
      if (kvm.unmapHvaRange(range)) {
        kvm.flushRemoteTlbs();
      }
      kvm.mmuLock.writeUnlock();
      kvm.srcu.readUnlock(index);
      return 0;
    }

    @Override
    public void invalidateRangeEnd(MmuNotifierRange range) {
      kvm.mmuLock.writeLock();
      kvm.mmuNotifierSeq.writeOnce(kvm.mmuNotifierSeq.get() + 1);
      kvm.mmuNotifierCount.writeOnce(kvm.mmuNotifierCount.get() - 1);
      kvm.mmuLock.writeUnlock();
    }
  }

  @Test
  void a9PageNumbersInARangeOfAddresses() {
    // h1: the range in pages is 1..2, and the address of the fault is 0x1000.
    MmuScene scene =
        new MmuScene().with(RangeInPages::new).unmap(1, 2).guest(vcpu -> vcpu.access(G1, false, 1));
    assertThat(scene.explore()).breaks("I13");
    assertThat(scene.unwatched("I13").explore()).breaks("I4");
  }

  private static MmuScene huge() {
    return new MmuScene().config(KvmConfig.SMALL.withHugePages()).touched(G0).unmap(1, 2);
  }

  @Test
  void hugeEntryOfTheReferenceIsSafe() {
    assertThat(huge().guest(vcpu -> vcpu.access(G0, false, 1)).explore()).isSafe().isExhaustive();
    assertThat(huge().guest(vcpu -> vcpu.access(G1, false, 1)).explore()).isSafe().isExhaustive();
  }

  @Test
  void a10HugeEntryIsFoundByItsFirstPageOnly() {
    assertThat(
            huge()
                .with(kvm ->
                    new Walk(kvm) {
                      @Override
                      public boolean handleHvaRange(Hva start, Hva end, HvaHandler handler) {
                        return super.handleHvaRange(
                            start,
                            end,
                            range -> !beginsInside(kvm, range.start()) && handler.handle(range));
                      }
                    })
                .explore())
        .breaks("I3");
  }

  /// Returns whether a huge entry translates `gfn` and begins below it.
  private static boolean beginsInside(Kvm kvm, Gfn gfn) {
    boolean[] found = new boolean[1];
    kvm.mmu.forEachLatest(
        (page, spte) -> found[0] |= page.equals(gfn) && spte.huge() && gfn.number() % 4 != 0);
    return found[0];
  }

  @Test
  void a12EmptyRange() {
    assertThatThrownBy(() -> new MmuNotifierRange(Hva.page(1), Hva.page(1), true))
        .hasMessageContaining("an empty range");
  }

  @Test
  void a13HostAnnouncesLessThanItChanges() {
    assertThat(
            new MmuScene()
                .touched(G1)
                .host(
                    "unshare",
                    world -> {
                      MmuNotifierRange small = new MmuNotifierRange(Hva.page(0), Hva.page(1), true);
                      world.mm().notifierSubscriptions().invalidateRangeStart(small);
                      world.mm().unmapPageRange(Hva.page(0), Hva.page(2));
                      world.mm().notifierSubscriptions().invalidateRangeEnd(small);
                    })
                .explore())
        .breaks("I1");
  }

  @Test
  void a14SearchesByHvaWhatIsSortedByGfn() {
    KvmMemorySlot[] slots = {
      new KvmMemorySlot(0, G0, 1, Hva.page(2)),
      new KvmMemorySlot(1, G1, 1, Hva.page(0)),
      new KvmMemorySlot(2, new Gfn(2), 1, Hva.page(1))
    };
    assertThat(
            new MmuScene()
                .slots(slots)
                .with(kvm ->
                    new Walk(kvm) {
                      @Override
                      public boolean handleHvaRange(Hva start, Hva end, HvaHandler handler) {
                        return binarySearch(kvm.memslots(0).slots(), start, end, handler);
                      }
                    })
                .touched(G0)
                .unmap(2, 3)
                .explore())
        .breaks("I3");
  }

  private static boolean binarySearch(
      List<KvmMemorySlot> sortedByGfn, Hva start, Hva end, HvaHandler handler) {
    int low = 0;
    int high = sortedByGfn.size();
    while (low < high) {
      int middle = (low + high) / 2;
      KvmMemorySlot slot = sortedByGfn.get(middle);
      KvmGfnRange covered = KvmGfnRange.covered(slot, start, end);
      if (covered != null) {
        return handler.handle(covered);
      }
      if (slot.userspaceAddr().compareTo(start) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return false;
  }
}
