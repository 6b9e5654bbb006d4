// SPDX-License-Identifier: MIT
package kvmlab.kvm.design;

import kvmlab.mm.MmuNotifierRange;

/// A design that publishes no memslots between the start and the end of an invalidation. For
/// invariants, which hold a design to what it promises and to nothing else.
public interface FreezesMemslots {

  /// Returns whether no memslots are published between the start and the end of `range`.
  boolean freezes(MmuNotifierRange range);
}
