// SPDX-License-Identifier: MIT
package ex01;

/// Halves numbers.
final class Halve {

  private final int offset;

  Halve(int offset) {
    this.offset = offset;
  }

  int half(int x) {
    // TODO 1: Return half of `x`, rounded towards zero,
    // plus the offset.
    return 0;
  }

  boolean isEven(int x) {
    // TODO 2: Say whether `x` is even.
    throw new UnsupportedOperationException("TODO 2");
  }
}
