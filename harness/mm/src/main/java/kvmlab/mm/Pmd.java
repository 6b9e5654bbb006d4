// SPDX-License-Identifier: MIT
package kvmlab.mm;

import org.jspecify.annotations.Nullable;

/// An entry of the level above the page-table entries, for a range that may hold a huge page: it
/// leads to page-table entries, or to a huge page. Null while it leads nowhere.
///
/// @param huge the entry of the first page, when it is a huge page
/// @kernel arch/x86/include/asm/pgtable_types.h pmd_t
record Pmd(@Nullable Pte huge) {
  /// Leads to page-table entries.
  static final Pmd TABLE = new Pmd(null);

  /// Returns what a page-table entry of page `hva` of the huge page would say.
  static Pte pte(Pte huge, Hva hva) {
    long index = hva.pageNumber() - hva.hugePageStart().pageNumber();
    return new Pte(new Pfn(huge.pfn().number() + index), huge.writable(), huge.young());
  }

  @Override
  public String toString() {
    return huge == null ? "table" : "huge " + huge;
  }
}
