// SPDX-License-Identifier: MIT
package kvmlab.mm;

/// A present entry of the host page table. An absent entry is null.
///
/// @param pfn the frame
/// @param writable whether the host may write through it
/// @param young whether it has been used since somebody last cleared this bit (`pte_young()`)
/// @kernel arch/x86/include/asm/pgtable_types.h pte_t
public record Pte(Pfn pfn, boolean writable, boolean young) implements PteEntry {

  /// Makes an entry that is young, as a page fault does.
  public Pte(Pfn pfn, boolean writable) {
    this(pfn, writable, true);
  }

  /// Returns whether an access, a write if `write`, needs no page fault.
  public boolean permits(boolean write) {
    return writable || !write;
  }

  /// `pte_wrprotect(pte)`.
  Pte wrprotect() {
    return new Pte(pfn, false, young);
  }

  /// `pte_mkwrite(pte_mkyoung(pte))`.
  Pte mkwrite() {
    return new Pte(pfn, true);
  }

  /// `pte_mkyoung(pte)`.
  Pte mkyoung() {
    return new Pte(pfn, writable);
  }

  /// `pte_mkold(pte)`.
  Pte mkold() {
    return new Pte(pfn, writable, false);
  }

  @Override
  public String toString() {
    return pfn + (writable ? "" : " read-only") + (young ? "" : " old");
  }
}
