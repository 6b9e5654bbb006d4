// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import java.util.ArrayList;
import java.util.List;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.Spte;
import kvmlab.lab.Invariant;
import kvmlab.mm.Hva;
import kvmlab.mm.MmuNotifierRange;

/// I4. From the return of start until end has counted, no translation of the range is made.
///
/// End is called some time before it counts: until then `mmu_notifier_seq` has the value that it
/// had at the call, unless another end has counted, and then nobody objects any more. The moments
/// of an invalidation are no events, so an install may be seen on the wrong side of one. An install
/// before the return of start is found by I3, at that return; one that is not found here because
/// another end has counted, of a frame looked up before the call of end, is found by I5. What may
/// pass is an install of a frame that was looked up after the host's edits: it maps what the host
/// maps.
@AutoService(Invariant.class)
public final class NoInstallDuringInvalidation extends Invariant {
  private final List<Section> open = new ArrayList<>(2);

  /// From the return of start on, and from the call of end on with the number that it found.
  private record Section(Kvm kvm, MmuNotifierRange range, boolean ending, long mmuSeq) {
    boolean isOf(Kvm some, MmuNotifierRange other) {
      return kvm == some && range.equals(other);
    }
  }

  public NoInstallDuringInvalidation() {
    super("I4", "no translation is installed while the host is changing the page");
  }

  @Override
  protected boolean standsConcurrency() {
    // An install is told under mmu_lock. Start has held the lock before it returns, end takes it
    // after it was called and writes the number under it.
    return true;
  }

  @Override
  public void startReturned(Kvm kvm, MmuNotifierRange range, int error) {
    if (error == 0) {
      open.add(new Section(kvm, range, false, 0));
    }
  }

  @Override
  public void endEntered(Kvm kvm, MmuNotifierRange range) {
    for (int i = 0; i < open.size(); i++) {
      if (open.get(i).isOf(kvm, range) && !open.get(i).ending) {
        open.set(i, new Section(kvm, range, true, kvm.mmuNotifierSeq.latest()));
        return;
      }
    }
  }

  @Override
  public void endReturned(Kvm kvm, MmuNotifierRange range) {
    for (int i = 0; i < open.size(); i++) {
      if (open.get(i).isOf(kvm, range) && open.get(i).ending) {
        open.remove(i);
        return;
      }
    }
  }

  @Override
  public void spteInstalled(Kvm kvm, Gfn gfn, Spte spte) {
    Hva hva = spte.slot().gfnToHva(gfn);
    for (Section section : open) {
      boolean counted = section.ending && kvm.mmuNotifierSeq.latest() != section.mmuSeq;
      if (section.kvm == kvm && section.range.contains(hva) && !counted) {
        broken(gfn + " -> " + spte + " was installed between start and end of " + section.range);
      }
    }
  }
}
