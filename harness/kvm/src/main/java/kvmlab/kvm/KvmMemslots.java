// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The memslots of one address space. Immutable: an update makes a new one and publishes it.
///
/// @param generation how many updates came before; tells one array from another in reports
/// @param slots the slots, in no particular order
/// @kernel include/linux/kvm_host.h struct kvm_memslots
public record KvmMemslots(long generation, List<KvmMemorySlot> slots) {
  /// The memslots of a new address space.
  public static final KvmMemslots EMPTY = new KvmMemslots(0, List.of());

  public KvmMemslots {
    slots = List.copyOf(slots);
  }

  /// Returns a copy that holds `slot` in the place of the slot with the same number, if any.
  public KvmMemslots with(KvmMemorySlot slot) {
    List<KvmMemorySlot> updated = new ArrayList<>(slots);
    updated.removeIf(old -> old.id() == slot.id());
    updated.add(slot);
    return new KvmMemslots(generation + 1, updated);
  }

  /// Returns the slot that `gfn` belongs to, a slot marked invalid included, or null.
  ///
  /// @kernel include/linux/kvm_host.h __gfn_to_memslot()
  public @Nullable KvmMemorySlot gfnToMemslot(Gfn gfn) {
    for (KvmMemorySlot slot : slots) {
      if (slot.contains(gfn)) {
        return slot;
      }
    }
    return null;
  }

  @Override
  public String toString() {
    return "generation " + generation;
  }
}
