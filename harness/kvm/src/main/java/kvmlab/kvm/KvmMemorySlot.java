// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import kvmlab.mm.Hva;
import org.jspecify.annotations.Nullable;

/// A piece of guest-physical memory and the host memory behind it. Immutable, but for the metadata
/// that it points to.
///
/// @param id the slot's number in its address space
/// @param asId the address space it belongs to
/// @param baseGfn its first page
/// @param npages how many pages it has
/// @param userspaceAddr where its first page is in the host's address space
/// @param flags [#KVM_MEM_LOG_DIRTY_PAGES], [#KVM_MEM_READONLY], [#KVM_MEMSLOT_INVALID], or 0
/// @param arch the metadata of its pages; null until the slot is installed, as user space has none
/// @kernel include/linux/kvm_host.h struct kvm_memory_slot
public record KvmMemorySlot(
    int id,
    int asId,
    Gfn baseGfn,
    long npages,
    Hva userspaceAddr,
    int flags,
    @Nullable KvmArchMemorySlot arch) {
  /// How many slots user space has, of numbers from 0 on. Those behind are the architecture's own.
  public static final int KVM_USER_MEM_SLOTS = 509;

  /// Writes of the guest are noted, page by page.
  public static final int KVM_MEM_LOG_DIRTY_PAGES = 1;

  /// The guest may read only; its writes are a device's.
  public static final int KVM_MEM_READONLY = 1 << 1;

  /// The slot is being deleted or moved: faults must not use it any more, invalidations must still
  /// find it. Never set by user space.
  public static final int KVM_MEMSLOT_INVALID = 1 << 16;

  /// Makes a slot of address space 0, as user space asks for it.
  public KvmMemorySlot(int id, Gfn baseGfn, long npages, Hva userspaceAddr) {
    this(id, 0, baseGfn, npages, userspaceAddr);
  }

  /// Makes a slot as user space asks for it.
  public KvmMemorySlot(int id, int asId, Gfn baseGfn, long npages, Hva userspaceAddr) {
    this(id, asId, baseGfn, npages, userspaceAddr, 0, null);
  }

  /// Returns this slot with these flags and no others.
  public KvmMemorySlot withFlags(int flags) {
    return new KvmMemorySlot(id, asId, baseGfn, npages, userspaceAddr, flags, arch);
  }

  /// Returns this slot from page `base` on.
  public KvmMemorySlot movedTo(Gfn base) {
    return new KvmMemorySlot(id, asId, base, npages, userspaceAddr, flags, arch);
  }

  /// Returns this slot without pages: what user space asks for to delete it.
  public KvmMemorySlot deleted() {
    return new KvmMemorySlot(id, asId, baseGfn, 0, userspaceAddr, flags, arch);
  }

  /// Returns this slot, marked as being deleted or moved.
  public KvmMemorySlot invalidated() {
    return withFlags(flags | KVM_MEMSLOT_INVALID);
  }

  /// Notes that the calling task uses the metadata of the pages.
  void access() {
    if (arch != null) {
      arch.access();
    }
  }

  /// Notes that the guest may have written `gfn` from now on, if the slot logs that.
  void markPageDirty(Gfn gfn) {
    if (arch != null && logsDirtyPages()) {
      arch.markPageDirty(gfn);
    }
  }

  KvmMemorySlot with(@Nullable KvmArchMemorySlot arch) {
    return new KvmMemorySlot(id, asId, baseGfn, npages, userspaceAddr, flags, arch);
  }

  /// Returns whether the slot is being deleted or moved.
  public boolean invalid() {
    return (flags & KVM_MEMSLOT_INVALID) != 0;
  }

  /// Returns whether the guest may read only.
  public boolean readonly() {
    return (flags & KVM_MEM_READONLY) != 0;
  }

  /// Returns whether writes of the guest are noted.
  public boolean logsDirtyPages() {
    return (flags & KVM_MEM_LOG_DIRTY_PAGES) != 0;
  }

  /// Returns whether `gfn` is a page of this slot.
  public boolean contains(Gfn gfn) {
    return baseGfn.compareTo(gfn) <= 0 && gfn.compareTo(end()) < 0;
  }

  /// Returns whether this slot and `other` have a page in common.
  public boolean overlaps(KvmMemorySlot other) {
    return baseGfn.compareTo(other.end()) < 0 && other.baseGfn.compareTo(end()) < 0;
  }

  /// Returns the page behind the last.
  public Gfn end() {
    return baseGfn.plus(npages);
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
