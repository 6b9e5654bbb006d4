// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import java.util.IdentityHashMap;
import java.util.Map;
import kvmlab.kvm.Kvm;
import kvmlab.lab.Invariant;

/// I12. `mmu_notifier_seq` has risen by at least the number of invalidations of guest memory whose
/// end has returned, and never falls. A fault that kept an older number knows by it that its
/// look-up is void.
///
/// At least: to number an invalidation of other memory too, or one twice, costs faults that start
/// over, and nothing else. Each end has written its number when it returns, so the claim holds
/// whatever other tasks have done by then.
@AutoService(Invariant.class)
public final class EndsAreNumbered extends Sections {
  private final Map<Kvm, Numbers> numbers = new IdentityHashMap<>();

  private static final class Numbers {
    private long least;
    private long seen;
  }

  public EndsAreNumbered() {
    super("I12", "mmu_notifier_seq rises with every invalidation that ends");
  }

  @Override
  void started(Section section) {
    look(section.kvm);
  }

  @Override
  void ended(Section section) {
    Numbers its = look(section.kvm);
    if (section.alwaysOfGuestMemory()) {
      its.least++;
    }
    if (its.seen < its.least) {
      broken(
          its.least
              + " invalidations of guest memory have ended, and mmu_notifier_seq is "
              + its.seen);
    }
  }

  private Numbers look(Kvm kvm) {
    Numbers its = numbers.computeIfAbsent(kvm, _ -> new Numbers());
    long seq = kvm.mmuNotifierSeq.latest();
    if (seq < its.seen) {
      broken("mmu_notifier_seq was " + its.seen + " and is " + seq);
    }
    its.seen = seq;
    return its;
  }
}
