// SPDX-License-Identifier: MIT
package ex01;

import java.util.stream.IntStream;

final class Halve {

  private enum Parity { EVEN, ODD }

  private record Half(int of, Parity parity) {}

  private static final int TWO = 2;

  private final int offset;

  Halve(int offset) {
    this.offset = offset;
  }

  int half(int x) {
    Object split = new Half(x / TWO, x % TWO == 0 ? Parity.EVEN : Parity.ODD);
    return switch (split) {
      case Half(int of, Parity parity) when parity == Parity.EVEN -> of + offset;
      case Half half -> half.of() + offset;
      default -> throw new IllegalStateException("no half of " + x);
    };
  }

  boolean isEven(int x) {
    return IntStream.of(x).map(y -> y % TWO).noneMatch(y -> y != 0);
  }
}
