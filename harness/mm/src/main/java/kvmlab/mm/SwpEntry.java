// SPDX-License-Identifier: MIT
package kvmlab.mm;

import org.jspecify.annotations.Nullable;

/// A page that has contents and no frame mapped: they are in the swap area, or on their way to
/// another frame.
///
/// @param data the contents
/// @param migrating what was mapped, while the contents are being moved; null when they are in swap
/// @kernel include/linux/swapops.h swp_entry_t, is_migration_entry()
record SwpEntry(long data, @Nullable Pte migrating) implements PteEntry {

  @Override
  public String toString() {
    return migrating == null ? "swapped out" : "migrating " + migrating;
  }
}
