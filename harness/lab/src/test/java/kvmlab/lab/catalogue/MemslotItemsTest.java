// SPDX-License-Identifier: MIT
package kvmlab.lab.catalogue;

import static kvmlab.lab.LabAssertions.assertThat;
import static kvmlab.lab.catalogue.SlotScene.G0;
import static kvmlab.lab.catalogue.SlotScene.G1;
import static kvmlab.lab.catalogue.SlotScene.SLOT;
import static kvmlab.lab.catalogue.SlotScene.invalidate;
import static kvmlab.lab.catalogue.SlotScene.remove;
import static kvmlab.lab.catalogue.SlotScene.slot;

import java.util.function.BiFunction;
import kvmlab.kvm.DirectPageFault;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.HandleHvaRange;
import kvmlab.kvm.HandleKvmHvaRange;
import kvmlab.kvm.HvaHandler;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmGfnRange;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmMemslots;
import kvmlab.kvm.LockOnHit;
import kvmlab.kvm.MmioSptes;
import kvmlab.kvm.RetPf;
import kvmlab.kvm.Vcpu;
import kvmlab.kvm.design.Design;
import kvmlab.lab.Exploration;
import kvmlab.mm.Hva;
import org.junit.jupiter.api.Test;

/// Items of groups A, B, D and I that take an update of a memslot to show.
class MemslotItemsTest {

  /// The walk over the memslots of address space 0.
  private static class Walk implements HandleHvaRange {
    final Kvm kvm;

    Walk(Kvm kvm) {
      this.kvm = kvm;
    }

    @Override
    public boolean handleHvaRange(Hva start, Hva end, HvaHandler handler) {
      boolean ret = false;
      for (KvmMemorySlot slot : memslots().slots()) {
        KvmGfnRange covered = KvmGfnRange.covered(slot, start, end);
        if (covered != null && covers(slot)) {
          ret |= handler.handle(covered);
        }
      }
      return ret;
    }

    KvmMemslots memslots() {
      return kvm.memslots(0);
    }

    boolean covers(KvmMemorySlot slot) {
      return true;
    }
  }

  @Test
  void a7SkipsInvalidSlots() {
    assertThat(
            new SlotScene()
                .with(kvm ->
                    new Walk(kvm) {
                      @Override
                      boolean covers(KvmMemorySlot slot) {
                        return !slot.invalid();
                      }
                    })
                .touched()
                .set(SLOT.deleted())
                .unmap()
                .explore())
        .breaks("I3");
    assertThat(new SlotScene().with(Walk::new).touched().set(SLOT.deleted()).unmap().explore())
        .isSafe()
        .isExhaustive();
  }

  @Test
  void a11TranslatesByTheNewBaseDuringAMove() {
    assertThat(
            new SlotScene()
                .touched()
                .updateLocked(kvm -> {
                  KvmMemorySlot moved = slot(kvm).movedTo(G1);
                  kvm.installNewMemslots(0, kvm.activeMemslots(0).with(moved.invalidated()));
                  kvm.flushShadowMemslot(moved);
                  kvm.installNewMemslots(0, kvm.activeMemslots(0).with(moved));
                })
                .unmap()
                .explore())
        .breaks("I3");
  }

  @Test
  void b16TakesAnInvalidSlotForNone() {
    assertThat(deletedUnder((_, _) -> RetPf.EMULATE)).breaks("I8");
    assertThat(deletedUnder((_, _) -> RetPf.RETRY)).isSafe().isExhaustive();
  }

  /// A fault that meets an invalid slot answers as said, any other does not get far.
  private static Exploration deletedUnder(BiFunction<Vcpu, Gfn, RetPf> onInvalid) {
    DirectPageFault fault =
        (vcpu, gfn, _) -> {
          KvmMemorySlot slot = vcpu.gfnToMemslot(gfn);
          if (slot == null) {
            return RetPf.EMULATE;
          }
          return slot.invalid() ? onInvalid.apply(vcpu, gfn) : RetPf.EFAULT;
        };
    return new SlotScene()
        .with(_ -> fault)
        .set(SLOT.deleted())
        .guest(vcpu -> vcpu.access(G0, false, 1))
        .explore();
  }

  @Test
  void i5GenerationIsReadInAnotherSectionThanTheMemslots() {
    assertThat(
            GroupJTest.devices(4)
                .with(kvm ->
                    new MmioSptes(kvm, 4) {
                      @Override
                      public void markMmioSpte(Vcpu vcpu, Gfn gfn) {
                        // The one that the fault is in, which has found no memslot.
                        kvm.srcu.readUnlock(0);
                        kvm.srcu.readLock();
                        super.markMmioSpte(vcpu, gfn);
                      }
                    })
                .explore())
        .breaks("I9");
  }

  @Test
  void d10SlotIsGoneBeforeItsTranslationsAre() {
    assertThat(removedBeforeFlushed().explore()).breaks("I7");
    assertThat(removedBeforeFlushed().unmap().unwatched("I7").explore()).breaks("I3");
  }

  private static SlotScene removedBeforeFlushed() {
    return new SlotScene()
        .touched()
        .updateLocked(kvm -> {
          KvmMemorySlot slot = slot(kvm);
          invalidate(kvm);
          remove(kvm);
          kvm.flushShadowMemslot(slot);
        });
  }

  @Test
  void d11ElidesByMemslotsThatNothingHolds() {
    assertThat(withElision(false).explore()).breaks("I17");
    assertThat(withElision(true).explore()).isSafe().isExhaustive();
  }

  private static SlotScene withElision(boolean insideSection) {
    return new SlotScene()
        .ops(Design.UNFROZEN.ops())
        .with(kvm ->
            (HandleKvmHvaRange)
                range -> {
                  int index = kvm.srcu.readLock();
                  KvmMemslots slots = kvm.memslots(0);
                  if (!insideSection) {
                    kvm.srcu.readUnlock(index);
                  }
                  boolean hit =
                      slots.slots().stream()
                          .anyMatch(slot ->
                              KvmGfnRange.covered(slot, range.start(), range.end()) != null);
                  if (insideSection) {
                    kvm.srcu.readUnlock(index);
                  }
                  return hit && new LockOnHit(kvm).handleHvaRange(range);
                })
        .set(SLOT.withFlags(KvmMemorySlot.KVM_MEM_LOG_DIRTY_PAGES))
        .unmap();
  }

  /// No item: what I6 says of the log, on both sides.
  @Test
  void logKnowsOfEveryWrite() {
    KvmMemorySlot logging = SLOT.withFlags(KvmMemorySlot.KVM_MEM_LOG_DIRTY_PAGES);
    SlotScene enabled =
        new SlotScene()
            .update(kvm -> {
              kvm.setMemoryRegion(logging);
              kvm.getDirtyLog(0, 0);
            })
            .guest(vcpu -> vcpu.access(G0, true, 1));
    assertThat(enabled.explore()).isSafe().isExhaustive();
    SlotScene unprotected =
        new SlotScene()
            .updateLocked(kvm ->
                kvm.installNewMemslots(
                    0,
                    kvm.activeMemslots(0)
                        .with(slot(kvm).withFlags(KvmMemorySlot.KVM_MEM_LOG_DIRTY_PAGES))))
            .guest(vcpu -> vcpu.access(G0, true, 1));
    assertThat(unprotected.explore()).breaks("I6");
  }
}
