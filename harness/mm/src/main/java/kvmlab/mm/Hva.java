// SPDX-License-Identifier: MIT
package kvmlab.mm;

/// A host virtual address. Prints as its page number, `h0`, and with an offset when it is not the
/// first byte of a page, `h0+0x10`.
///
/// @param address the byte address
/// @kernel include/linux/kvm_types.h hva_t
public record Hva(long address) implements Comparable<Hva> {
  /// How many bits of an address count the bytes of a page.
  public static final int PAGE_SHIFT = 12;

  /// How many bytes a page has.
  public static final long PAGE_SIZE = 1L << PAGE_SHIFT;

  /// How many pages a huge page has.
  ///
  /// Simplified: 4, where x86 has 512. Alignment, and ranges that cover a part of one, are the
  /// same.
  ///
  /// @kernel include/linux/huge_mm.h HPAGE_PMD_NR
  public static final int PAGES_PER_HPAGE = 4;

  /// How many bytes a huge page has.
  public static final long HPAGE_SIZE = PAGES_PER_HPAGE * PAGE_SIZE;

  /// The last address there is: the end of a range that has no other.
  ///
  /// Simplified: addresses are signed here, and unsigned in C.
  public static final Hva ULONG_MAX = new Hva(Long.MAX_VALUE);

  /// Returns the address of the first byte of page `number`.
  public static Hva page(long number) {
    return new Hva(number << PAGE_SHIFT);
  }

  /// Returns the number of the page that holds this byte.
  public long pageNumber() {
    return address >> PAGE_SHIFT;
  }

  /// Returns the address of the first byte of the huge page that holds this byte.
  public Hva hugePageStart() {
    return new Hva(address & -HPAGE_SIZE);
  }

  /// Returns the address `bytes` further on.
  public Hva plus(long bytes) {
    return new Hva(address + bytes);
  }

  @Override
  public int compareTo(Hva other) {
    return Long.compare(address, other.address);
  }

  @Override
  public String toString() {
    if (equals(ULONG_MAX)) {
      return "ULONG_MAX";
    }
    long offset = address & (PAGE_SIZE - 1);
    return "h" + pageNumber() + (offset == 0 ? "" : "+0x" + Long.toHexString(offset));
  }
}
