// SPDX-License-Identifier: MIT
package kvmlab.mm;

/// The addresses that an invalidation is about, half-open: `start` is the first byte inside, `end`
/// the first byte outside.
///
/// @param start the first address
/// @param end the address behind the last
/// @param blockable whether a callback may sleep; if not, it may fail with `-EAGAIN` instead
/// @kernel include/linux/mmu_notifier.h struct mmu_notifier_range
public record MmuNotifierRange(Hva start, Hva end, boolean blockable) {

  public MmuNotifierRange {
    if (start.compareTo(end) >= 0) {
      throw new IllegalArgumentException("an empty range: " + start + ".." + end);
    }
  }

  /// Returns the range of one page, blockable.
  static MmuNotifierRange page(Hva hva) {
    return new MmuNotifierRange(hva, hva.plus(Hva.PAGE_SIZE), true);
  }

  /// Returns whether `address` lies inside.
  public boolean contains(Hva address) {
    return start.compareTo(address) <= 0 && address.compareTo(end) < 0;
  }

  @Override
  public String toString() {
    return start + ".." + end + (blockable ? "" : ", non-blockable");
  }
}
