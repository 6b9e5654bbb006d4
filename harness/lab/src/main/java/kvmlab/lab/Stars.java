// SPDX-License-Identifier: MIT
package kvmlab.lab;

/// What the stars of a [Check] are worth.
public final class Stars {

  private Stars() {}

  /// The points that `stars` stars are worth: 1, 2, 3, 6, 10.
  ///
  /// @throws IllegalArgumentException if `stars` is not in 1..5
  public static int points(int stars) {
    return switch (stars) {
      case 1 -> 1;
      case 2 -> 2;
      case 3 -> 3;
      case 4 -> 6;
      case 5 -> 10;
      default -> throw new IllegalArgumentException("stars must be 1 to 5, not " + stars);
    };
  }
}
