// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import java.util.IdentityHashMap;
import java.util.Map;
import kvmlab.kvm.Kvm;
import kvmlab.lab.Invariant;
import kvmlab.mm.Hva;
import kvmlab.mm.MmuNotifierRange;
import org.jspecify.annotations.Nullable;

/// I29. A fault does not start over because of invalidations of other pages that are in progress.
///
/// Other pages are those outside of the hull of all ranges since nothing was in progress, as Linux
/// keeps one range and never shrinks it. Says what is slow: Linux before 5.12 starts over for any.
@AutoService(Invariant.class)
public final class UnrelatedFaultsGoOn extends Sections {
  private final Map<Kvm, MmuNotifierRange> hulls = new IdentityHashMap<>();

  public UnrelatedFaultsGoOn() {
    super("I29", "a fault starts over only for invalidations of its own page");
  }

  @Override
  protected boolean isPerformance() {
    return true;
  }

  @Override
  public void startEntered(Kvm kvm, MmuNotifierRange range) {
    boolean first = open().stream().noneMatch(section -> section.kvm == kvm);
    super.startEntered(kvm, range);
    MmuNotifierRange hull = hulls.get(kvm);
    hulls.put(kvm, first || hull == null ? range : hull(hull, range));
  }

  @Override
  public void retryTested(Kvm kvm, long mmuSeq, Hva hva, boolean retry) {
    // What is counted under mmu_lock, which the fault holds, has been told here before.
    if (retry && kvm.mmuNotifierSeq.latest() == mmuSeq && !isNear(kvm, hulls.get(kvm), hva)) {
      broken(
          "a fault on "
              + hva
              + " starts over, no invalidation has ended, and none of it is in progress");
    }
  }

  private boolean isNear(Kvm kvm, @Nullable MmuNotifierRange hull, Hva hva) {
    return hull != null
        && hull.contains(hva)
        && open().stream().anyMatch(section -> section.kvm == kvm);
  }

  private static MmuNotifierRange hull(MmuNotifierRange one, MmuNotifierRange other) {
    return new MmuNotifierRange(
        min(one.start(), other.start()), max(one.end(), other.end()), one.blockable());
  }

  private static Hva min(Hva one, Hva other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static Hva max(Hva one, Hva other) {
    return one.compareTo(other) > 0 ? one : other;
  }
}
