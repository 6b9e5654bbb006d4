// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmMemslots;
import kvmlab.kvm.Vcpu;
import kvmlab.machine.Engine;
import org.jspecify.annotations.Nullable;

/// Which memslots the faults that are under way may look at: those that were the newest when the
/// fault's read section began, and all that were published since.
///
/// The beginning of a read section is not ordered against a publication. Seen too early it makes
/// more memslots visible than there are: that hides a wrong answer in this order of the events, not
/// in the one where the publisher's wait for readers comes before the section.
final class VisibleMemslots {
  private final Map<Where, KvmMemslots> newest = new HashMap<>();
  private final Map<Where, KvmMemslots> replaced = new HashMap<>();
  private final Map<Vcpu, List<KvmMemslots>> visible = new HashMap<>();

  private record Where(Kvm kvm, int asId) {}

  void published(Kvm kvm, int asId, KvmMemslots slots) {
    Where where = new Where(kvm, asId);
    KvmMemslots before = newest.put(where, slots);
    if (before != null) {
      replaced.put(where, before);
    }
    visible.forEach((vcpu, seen) -> {
      if (where.equals(new Where(vcpu.kvm(), vcpu.asId()))) {
        seen.add(slots);
      }
    });
  }

  void faultEntered(Vcpu vcpu) {
    KvmMemslots latest = vcpu.kvm().latestMemslots(vcpu.asId());
    List<KvmMemslots> seen = new ArrayList<>(2);
    seen.add(latest);
    KvmMemslots before = replaced.get(new Where(vcpu.kvm(), vcpu.asId()));
    // Until the publisher has waited for readers, a weakly ordered read may find the ones before.
    if (before != null
        && latest.generation.latest() < 0
        && !Engine.current().memoryModel().equals("sc")) {
      seen.add(before);
    }
    visible.put(vcpu, seen);
  }

  /// Returns whether the fault of `vcpu` may look at memslots whose slot of `gfn`, or null where
  /// they have none, is as `wanted`.
  boolean any(Vcpu vcpu, Gfn gfn, Predicate<@Nullable KvmMemorySlot> wanted) {
    return visible.getOrDefault(vcpu, List.of()).stream()
        .anyMatch(slots -> wanted.test(slot(slots, gfn)));
  }

  private static @Nullable KvmMemorySlot slot(KvmMemslots slots, Gfn gfn) {
    return slots.latestSlots().stream().filter(slot -> slot.contains(gfn)).findFirst().orElse(null);
  }
}
