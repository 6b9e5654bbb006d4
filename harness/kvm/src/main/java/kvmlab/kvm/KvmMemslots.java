// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import kvmlab.kernel.KmemObject;
import kvmlab.kernel.LongCell;
import org.jspecify.annotations.Nullable;

/// The memslots of one address space. An update makes a new one and publishes it; the slots never
/// change, the generation does.
///
/// Simplified: a slot is found by trying each. Linux 5.12 keeps the slots sorted by guest page and
/// searches; what a wrong search misses, only code that replaces these methods can show.
///
/// @kernel include/linux/kvm_host.h struct kvm_memslots
public final class KvmMemslots {
  /// The bit of the generation that is set until every reader of the memslots before has gone.
  public static final long KVM_MEMSLOT_GEN_UPDATE_IN_PROGRESS = 1L << 63;

  /// Tells one array from the next, in one address space and in all. Written under `slots_lock`; a
  /// vCPU reads it without, so writes to published memslots are marked.
  public final LongCell generation;

  private final List<KvmMemorySlot> slots;

  /// 1 when the slots have reverse maps. Guarded by `slots_arch_lock`; each copy has its own.
  private final LongCell rmaps;

  private final KmemObject life = new KmemObject("a memslots array", "I17");

  KvmMemslots(long generation, List<KvmMemorySlot> slots) {
    this(generation, slots, 0);
  }

  private KvmMemslots(long generation, List<KvmMemorySlot> slots, long rmaps) {
    this.generation = new LongCell("memslots->generation", generation);
    this.slots = List.copyOf(slots);
    this.rmaps = new LongCell("slot->arch.rmap", rmaps).hidden();
  }

  /// Returns a copy, to be changed and published. The caller holds `slots_lock`.
  ///
  /// @kernel virt/kvm/kvm_main.c kvm_dup_memslots()
  public KvmMemslots copy() {
    return holding(slots);
  }

  /// Returns a copy that holds `slot` in the place of the slot with the same number, if any.
  public KvmMemslots with(KvmMemorySlot slot) {
    List<KvmMemorySlot> updated = new ArrayList<>(slots);
    updated.removeIf(old -> old.id() == slot.id());
    updated.add(slot);
    return holding(updated);
  }

  /// Returns a copy without the slot with this number.
  public KvmMemslots without(int id) {
    return holding(slots.stream().filter(slot -> slot.id() != id).toList());
  }

  private KvmMemslots holding(List<KvmMemorySlot> copied) {
    return new KvmMemslots(generation.get(), copied, rmaps.get());
  }

  /// Gives every slot a reverse map. The caller holds `slots_arch_lock`.
  ///
  /// @kernel arch/x86/kvm/x86.c memslot_rmap_alloc()
  void allocRmaps() {
    rmaps.set(1);
  }

  /// Returns whether the slots have reverse maps.
  boolean haveRmaps() {
    return rmaps.get() != 0;
  }

  /// Returns the slots, in no particular order. Whoever walks them uses the array: reported when it
  /// is freed by then, or may be.
  public List<KvmMemorySlot> slots() {
    return new AbstractList<>() {
      @Override
      public KvmMemorySlot get(int index) {
        life.access("walk");
        return slots.get(index);
      }

      @Override
      public int size() {
        life.access("walk");
        return slots.size();
      }
    };
  }

  /// Returns the slots, whoever asks. For invariants and reports.
  public List<KvmMemorySlot> latestSlots() {
    return slots;
  }

  /// Returns the slot that `gfn` belongs to, a slot marked invalid included, or null.
  ///
  /// @kernel include/linux/kvm_host.h __gfn_to_memslot()
  public @Nullable KvmMemorySlot gfnToMemslot(Gfn gfn) {
    for (KvmMemorySlot slot : slots()) {
      if (slot.contains(gfn)) {
        return slot;
      }
    }
    return null;
  }

  /// Returns the slot with this number, or null.
  ///
  /// @kernel include/linux/kvm_host.h id_to_memslot()
  public @Nullable KvmMemorySlot idToMemslot(int id) {
    for (KvmMemorySlot slot : slots()) {
      if (slot.id() == id) {
        return slot;
      }
    }
    return null;
  }

  /// Gives the array back to the allocator.
  public void free() {
    life.free();
  }

  @Override
  public String toString() {
    long number = generation.latest();
    return "generation "
        + (number & ~KVM_MEMSLOT_GEN_UPDATE_IN_PROGRESS)
        + (number < 0 ? ", in progress" : "");
  }
}
