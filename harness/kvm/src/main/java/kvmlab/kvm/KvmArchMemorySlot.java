// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import kvmlab.kernel.KmemObject;

/// The metadata of a memslot's pages: allocated when the slot is created or moved, freed when
/// nothing can reach the slot any more. Tells one life of a slot from the next.
///
/// @kernel arch/x86/include/asm/kvm_host.h struct kvm_arch_memory_slot; arch/x86/kvm/x86.c
///   kvm_alloc_memslot_metadata(), kvm_arch_free_memslot()
public final class KvmArchMemorySlot {
  private final KmemObject life;

  KvmArchMemorySlot(KvmMemorySlot slot) {
    life = new KmemObject("the metadata of memslot " + slot.id() + " at " + slot.baseGfn(), "I7");
  }

  /// Notes that the calling task uses the metadata: a fault does, when it installs a translation.
  void access() {
    life.access("lpage_info");
  }

  /// Gives the metadata back to the allocator.
  void free() {
    life.free();
  }
}
