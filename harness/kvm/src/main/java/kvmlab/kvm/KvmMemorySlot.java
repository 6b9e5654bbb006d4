// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import kvmlab.mm.Hva;

/// A piece of guest-physical memory and the host memory behind it. Immutable.
///
/// @param id the slot's number in its address space
/// @param asId the address space it belongs to
/// @param baseGfn its first page
/// @param npages how many pages it has
/// @param userspaceAddr where its first page is in the host's address space
/// @param invalid whether the slot is being deleted or moved (`KVM_MEMSLOT_INVALID`): faults must
///   not use it any more, invalidations must still find it
/// @kernel include/linux/kvm_host.h struct kvm_memory_slot
public record KvmMemorySlot(
    int id, int asId, Gfn baseGfn, long npages, Hva userspaceAddr, boolean invalid) {

  /// Makes a valid slot of address space 0.
  public KvmMemorySlot(int id, Gfn baseGfn, long npages, Hva userspaceAddr) {
    this(id, 0, baseGfn, npages, userspaceAddr, false);
  }

  /// Returns this slot, marked as being deleted or moved.
  public KvmMemorySlot invalidated() {
    return new KvmMemorySlot(id, asId, baseGfn, npages, userspaceAddr, true);
  }

  /// Returns whether `gfn` is a page of this slot.
  public boolean contains(Gfn gfn) {
    return baseGfn.compareTo(gfn) <= 0 && gfn.compareTo(baseGfn.plus(npages)) < 0;
  }

  /// Returns the host address of page `gfn` of this slot.
  ///
  /// @kernel include/linux/kvm_host.h __gfn_to_hva_memslot()
  public Hva gfnToHva(Gfn gfn) {
    return userspaceAddr.plus((gfn.number() - baseGfn.number()) << Hva.PAGE_SHIFT);
  }

  /// Returns the page of this slot that holds host address `hva`.
  ///
  /// @kernel include/linux/kvm_host.h hva_to_gfn_memslot()
  public Gfn hvaToGfn(Hva hva) {
    return baseGfn.plus((hva.address() - userspaceAddr.address()) >> Hva.PAGE_SHIFT);
  }

  /// Returns the host address behind the last byte of this slot.
  public Hva userspaceEnd() {
    return userspaceAddr.plus(npages << Hva.PAGE_SHIFT);
  }
}
