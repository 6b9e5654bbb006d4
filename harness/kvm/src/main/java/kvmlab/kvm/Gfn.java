// SPDX-License-Identifier: MIT
package kvmlab.kvm;

/// The number of a page of guest-physical memory, `g0`.
///
/// @param number the page number
/// @kernel include/linux/kvm_types.h gfn_t
public record Gfn(long number) implements Comparable<Gfn> {

  /// Returns the page `pages` further on.
  public Gfn plus(long pages) {
    return new Gfn(number + pages);
  }

  @Override
  public int compareTo(Gfn other) {
    return Long.compare(number, other.number);
  }

  @Override
  public String toString() {
    return "g" + number;
  }
}
