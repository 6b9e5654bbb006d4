// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import java.util.Objects;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.Spte;
import kvmlab.lab.Invariant;
import kvmlab.lab.World;
import org.jspecify.annotations.Nullable;

/// I6. A writable translation is of a memslot that may be written; and if the slot logs dirty
/// pages, the page counts as written. Of a page that the host may not write, I1 says so.
///
/// The log is judged when a translation is installed, when the log has been cleared, and when every
/// task has ended. In between the log may be cleared before the translations are protected: both
/// happen under `mmu_lock`, as the installs do, so each of these moments is ordered among them.
@AutoService(Invariant.class)
public final class GuestWritesWhereItMay extends Invariant {
  private @Nullable World world;

  public GuestWritesWhereItMay() {
    super("I6", "the guest writes no read-only memslot, and none that logs without being noted");
  }

  @Override
  protected void begin(World begun) {
    world = begun;
  }

  @Override
  public void spteInstalled(Kvm kvm, Gfn gfn, Spte spte) {
    check("the SPTE", gfn, spte, spte.slot());
  }

  @Override
  public void dirtyLogCleared(Kvm kvm, KvmMemorySlot slot) {
    Translations.forEach(
        Objects.requireNonNull(world),
        (where, gfn, spte) -> {
          if (slot.arch() == spte.slot().arch()) {
            check(where, gfn, spte, slot);
          }
        });
  }

  @Override
  protected void atEnd() {
    Translations.forEach(
        Objects.requireNonNull(world),
        (where, gfn, spte) -> {
          for (Kvm kvm : Objects.requireNonNull(world).vms()) {
            for (int asId = 0; asId < kvm.addressSpaces(); asId++) {
              for (KvmMemorySlot slot : kvm.latestMemslots(asId).latestSlots()) {
                if (slot.arch() != null && slot.arch() == spte.slot().arch()) {
                  check(where, gfn, spte, slot);
                }
              }
            }
          }
        });
  }

  private void check(String where, Gfn gfn, Spte spte, KvmMemorySlot slot) {
    if (!spte.writable()) {
      return;
    }
    if (slot.readonly()) {
      broken(where + " lets the guest write " + gfn + " of a read-only memslot");
    }
    if (slot.logsDirtyPages() && slot.arch() != null && !slot.arch().latestDirty(gfn)) {
      broken(where + " lets the guest write " + gfn + ", and the log does not know");
    }
  }
}
