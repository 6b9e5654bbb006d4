// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import kvmlab.kernel.KmemObject;
import kvmlab.kernel.LongCell;
import org.jspecify.annotations.Nullable;

/// The metadata of a memslot's pages: allocated when the slot is created or moved, freed when
/// nothing can reach the slot any more. Tells one life of a slot from the next.
///
/// Simplified: the dirty bitmap is one word and part of it, where the kernel allocates one when the
/// slot begins to log, and frees it when it ends.
///
/// @kernel arch/x86/include/asm/kvm_host.h struct kvm_arch_memory_slot; arch/x86/kvm/x86.c
///   kvm_alloc_memslot_metadata(), kvm_arch_free_memslot()
public final class KvmArchMemorySlot {
  private final KmemObject life;
  private final Gfn baseGfn;

  /// Guarded by `mmu_lock`.
  private final LongCell dirtyBitmap;

  /// Makes the metadata of `slot`, which takes the place of `old`: nothing, or the same slot at
  /// another guest page. What the guest wrote there is still to be fetched, if both log it: bit 0
  /// is the first page of either.
  ///
  /// @kernel virt/kvm/kvm_main.c __kvm_set_memory_region(): `new.dirty_bitmap = old.dirty_bitmap`
  KvmArchMemorySlot(Kvm kvm, KvmMemorySlot slot, @Nullable KvmMemorySlot old) {
    life = new KmemObject("the metadata of memslot " + slot.id() + " at " + slot.baseGfn(), "I7");
    baseGfn = slot.baseGfn();
    KvmArchMemorySlot before =
        old != null && old.logsDirtyPages() && slot.logsDirtyPages() ? old.arch() : null;
    dirtyBitmap =
        before != null
            ? before.dirtyBitmap
            : new LongCell("memslot " + slot.id() + " dirty_bitmap", 0).guardedBy(kvm.mmuLock);
  }

  /// Notes that the calling task uses the metadata: a fault does, when it installs a translation.
  void access() {
    life.access("lpage_info");
  }

  /// Notes that the guest may have written `gfn` from now on.
  ///
  /// @kernel virt/kvm/kvm_main.c mark_page_dirty_in_slot()
  void markPageDirty(Gfn gfn) {
    dirtyBitmap.writeOnce(dirtyBitmap.get() | bit(gfn));
  }

  /// Forgets which pages the guest may have written, and returns them: bit 0 is the first page.
  long fetchDirtyBitmap() {
    return dirtyBitmap.xchg(0);
  }

  /// Returns whether the guest may have written `gfn`, whoever asks. For invariants and reports.
  public boolean latestDirty(Gfn gfn) {
    return (dirtyBitmap.latest() & bit(gfn)) != 0;
  }

  private long bit(Gfn gfn) {
    return 1L << (gfn.number() - baseGfn.number());
  }

  /// Gives the metadata back to the allocator.
  void free() {
    life.free();
  }
}
