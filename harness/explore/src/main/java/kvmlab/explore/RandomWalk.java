// SPDX-License-Identifier: MIT
package kvmlab.explore;

/// Runs any task that can move, each as likely as the others.
///
/// The plainest way, and a poor one: an order that needs one task to fall far behind is unlikely.
final class RandomWalk extends RandomStrategy {

  @Override
  int pick(Execution execution, int enabled, int running) {
    int rest = enabled;
    for (int skip = random.next(Integer.bitCount(enabled)); skip > 0; skip--) {
      rest &= rest - 1;
    }
    return Integer.numberOfTrailingZeros(rest);
  }
}
