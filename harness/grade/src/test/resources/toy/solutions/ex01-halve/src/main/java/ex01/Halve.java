// SPDX-License-Identifier: MIT
package ex01;

/// Halves numbers.
final class Halve {

  private final int offset;

  Halve(int offset) {
    this.offset = offset;
  }

  // tag::half[]
  int half(int x) {
    // begin TODO 1: Return half of `x`, rounded towards zero,
    // plus the offset.
    return x / 2 + offset;
    // stub: return 0;
    // end TODO 1
  }
  // end::half[]

  boolean isEven(int x) {
    // begin TODO 2: Say whether `x` is even.
    return x % 2 == 0;
    // stub: throw new UnsupportedOperationException("TODO 2");
    // end TODO 2
  }
}
