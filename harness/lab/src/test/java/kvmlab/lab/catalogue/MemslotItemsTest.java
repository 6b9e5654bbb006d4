// SPDX-License-Identifier: MIT
package kvmlab.lab.catalogue;

import static kvmlab.lab.LabAssertions.assertThat;
import static kvmlab.lab.catalogue.SlotScene.G1;
import static kvmlab.lab.catalogue.SlotScene.SLOT;
import static kvmlab.lab.catalogue.SlotScene.invalidate;
import static kvmlab.lab.catalogue.SlotScene.remove;
import static kvmlab.lab.catalogue.SlotScene.slot;

import kvmlab.kvm.HandleHvaRange;
import kvmlab.kvm.HandleKvmHvaRange;
import kvmlab.kvm.HvaHandler;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmGfnRange;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmMemslots;
import kvmlab.kvm.LockOnHit;
import kvmlab.kvm.design.Design;
import kvmlab.mm.Hva;
import org.junit.jupiter.api.Test;

/// Items of groups A, B and D that take an update of a memslot to show.
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
}
