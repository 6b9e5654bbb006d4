// SPDX-License-Identifier: MIT
package kvmlab.mm;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import kvmlab.kernel.Mutex;
import kvmlab.kernel.RefCell;
import kvmlab.kernel.RwSemaphore;

/// Where the anonymous pages of an address space and of its relatives by fork may be mapped: at one
/// address in any of them.
///
/// Simplified: one for each family, where Linux has one for each area; and one page lock for all
/// anonymous pages. What waits here and not there is a section that holds one of the two; nothing
/// is hidden, since no section of one page waits for another. A page that was moved in one of the
/// family is not found there.
///
/// @kernel include/linux/rmap.h struct anon_vma
final class AnonVma {
  /// Held for writing while the family changes, for reading while a page is looked for.
  final RwSemaphore rwsem = RwSemaphore.define("anon_vma->rwsem");

  /// Held by who reclaims, moves or merges a page.
  final Mutex pageLock = Mutex.define("PG_locked");

  // Guarded by rwsem.
  private final RefCell<List<MmStruct>> family =
      new RefCell<List<MmStruct>>("anon_vma", List.of()).guardedBy(rwsem).hidden();

  /// Returns the family. The caller holds `rwsem`.
  List<MmStruct> family() {
    return Objects.requireNonNull(family.get());
  }

  /// Adds an address space, before it can be seen or by `fork`, its parent.
  ///
  /// @kernel mm/rmap.c anon_vma_fork()
  void join(MmStruct mm) {
    rwsem.downWrite();
    List<MmStruct> larger = new ArrayList<>(family());
    larger.add(mm);
    family.set(List.copyOf(larger));
    rwsem.upWrite();
  }
}
