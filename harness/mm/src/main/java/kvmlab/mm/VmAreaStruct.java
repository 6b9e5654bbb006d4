// SPDX-License-Identifier: MIT
package kvmlab.mm;

import java.util.ArrayList;
import java.util.List;

/// A part of an address space in which the program may touch memory.
///
/// @param start the first address
/// @param end the address behind the last
/// @kernel include/linux/mm_types.h struct vm_area_struct
record VmAreaStruct(Hva start, Hva end) {

  boolean contains(Hva address) {
    return start.compareTo(address) <= 0 && address.compareTo(end) < 0;
  }

  /// Returns what is left of this area without the addresses from `from` to `to`.
  List<VmAreaStruct> without(Hva from, Hva to) {
    List<VmAreaStruct> left = new ArrayList<>(2);
    Hva below = from.compareTo(end) < 0 ? from : end;
    if (start.compareTo(below) < 0) {
      left.add(new VmAreaStruct(start, below));
    }
    Hva above = to.compareTo(start) > 0 ? to : start;
    if (above.compareTo(end) < 0) {
      left.add(new VmAreaStruct(above, end));
    }
    return left;
  }
}
