// SPDX-License-Identifier: MIT
package kvmlab.mm;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A part of an address space in which the program may touch memory. Immutable.
///
/// @param start the first address
/// @param end the address behind the last
/// @param prot what may be done with it (`vm_page_prot`)
/// @param hugePages whether it wants huge pages (`VM_HUGEPAGE`)
/// @param file what it maps, shared; null for anonymous memory, which is private
/// @param pgoff the page of the file at `start`
/// @kernel include/linux/mm_types.h struct vm_area_struct
record VmAreaStruct(
    Hva start, Hva end, Prot prot, boolean hugePages, @Nullable AddressSpace file, long pgoff) {

  /// Makes an area of anonymous memory.
  VmAreaStruct(Hva start, Hva end) {
    this(start, end, Prot.READ_WRITE, false, null, 0);
  }

  boolean writable() {
    return prot == Prot.READ_WRITE;
  }

  boolean contains(Hva address) {
    return start.compareTo(address) <= 0 && address.compareTo(end) < 0;
  }

  boolean overlaps(Hva from, Hva to) {
    return start.compareTo(to) < 0 && from.compareTo(end) < 0;
  }

  /// Returns the page of the file at `address`.
  long pgoff(Hva address) {
    return pgoff + address.pageNumber() - start.pageNumber();
  }

  /// Returns where page `page` of the file is.
  Hva address(long page) {
    return start.plus((page - pgoff) << Hva.PAGE_SHIFT);
  }

  VmAreaStruct with(Prot other) {
    return new VmAreaStruct(start, end, other, hugePages, file, pgoff);
  }

  VmAreaStruct withHugePages() {
    return new VmAreaStruct(start, end, prot, true, file, pgoff);
  }

  /// Returns this area as it is somewhere else.
  VmAreaStruct movedTo(Hva other) {
    Hva behind = other.plus(end.address() - start.address());
    return new VmAreaStruct(other, behind, prot, hugePages, file, pgoff);
  }

  /// Returns the part of this area from `from` to `to`, which overlap it.
  VmAreaStruct within(Hva from, Hva to) {
    Hva first = from.compareTo(start) > 0 ? from : start;
    Hva behind = to.compareTo(end) < 0 ? to : end;
    return new VmAreaStruct(first, behind, prot, hugePages, file, file == null ? 0 : pgoff(first));
  }

  /// Returns what is left of this area without the addresses from `from` to `to`.
  List<VmAreaStruct> without(Hva from, Hva to) {
    if (!overlaps(from, to)) {
      return List.of(this);
    }
    List<VmAreaStruct> left = new ArrayList<>(2);
    if (start.compareTo(from) < 0) {
      left.add(within(start, from));
    }
    if (to.compareTo(end) < 0) {
      left.add(within(to, end));
    }
    return left;
  }
}
