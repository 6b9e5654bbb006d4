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

/// I4. From the return of start to the call of end, no translation of the range is made.
///
/// The moments of an invalidation are no events, so an install may be seen on the wrong side of
/// one. An install before the return of start is found by I3, at that return; one after the call of
/// end, of a frame looked up before it, is found by I5. What may pass is an install of a frame that
/// was looked up after the host's edits, where the look-up was seen behind the call of end: it maps
/// what the host maps.
@AutoService(Invariant.class)
public final class NoInstallDuringInvalidation extends Invariant {
  private final List<MmuNotifierRange> open = new ArrayList<>(2);

  public NoInstallDuringInvalidation() {
    super("I4", "no translation is installed while the host is changing the page");
  }

  @Override
  protected boolean standsConcurrency() {
    // An install is told under mmu_lock, which start takes before the range is told to have started
    // and end takes after it is told to be ending.
    return true;
  }

  @Override
  public void rangeStarted(MmuNotifierRange range) {
    open.add(range);
  }

  @Override
  public void rangeEnding(MmuNotifierRange range) {
    open.remove(range);
  }

  @Override
  public void spteInstalled(Kvm kvm, Gfn gfn, Spte spte) {
    Hva hva = spte.slot().gfnToHva(gfn);
    for (MmuNotifierRange range : open) {
      if (range.contains(hva)) {
        broken(gfn + " -> " + spte + " was installed between start and end of " + range);
      }
    }
  }
}
