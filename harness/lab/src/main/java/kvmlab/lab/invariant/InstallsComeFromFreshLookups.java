// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.Spte;
import kvmlab.lab.Invariant;
import kvmlab.machine.Engine;
import kvmlab.machine.Task;
import kvmlab.mm.Hva;
import kvmlab.mm.MmuNotifierRange;
import kvmlab.mm.Pfn;

/// I5. What is installed was looked up after the last invalidation of the page that has ended.
///
/// Judged by the newest look-up that the installing task made of that address. A look-up that read
/// an old value late, as weak memory may, passes here and is found by I1.
@AutoService(Invariant.class)
public final class InstallsComeFromFreshLookups extends Invariant {
  private final List<MmuNotifierRange> ended = new ArrayList<>(2);
  private final Map<Lookup, Integer> endedBefore = new HashMap<>();

  private record Lookup(Task task, Hva hva) {}

  public InstallsComeFromFreshLookups() {
    super(
        "I5",
        "a translation is installed only if no invalidation of its page ended since the look-up");
  }

  @Override
  protected boolean standsConcurrency() {
    // A look-up is told late, which makes it look fresher than it was, never older.
    return true;
  }

  @Override
  public void rangeEnding(MmuNotifierRange range) {
    ended.add(range);
  }

  @Override
  public void lookedUp(Hva hva, Pfn pfn) {
    endedBefore.put(new Lookup(Engine.current().task(), hva), ended.size());
  }

  @Override
  public void spteInstalled(Kvm kvm, Gfn gfn, Spte spte) {
    Hva hva = spte.slot().gfnToHva(gfn);
    Integer before = endedBefore.get(new Lookup(Engine.current().task(), hva));
    if (before == null) {
      return;
    }
    for (MmuNotifierRange range : ended.subList(before, ended.size())) {
      if (range.contains(hva)) {
        broken(
            gfn
                + " -> "
                + spte
                + " was looked up before the end of "
                + range
                + " and installed after it");
      }
    }
  }
}
