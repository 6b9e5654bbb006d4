// SPDX-License-Identifier: MIT
package kvmlab.explore;

/// Follows a given schedule.
final class Replay extends Strategy {
  private final Schedule schedule;
  private int decisions;

  Replay(Schedule schedule) {
    this.schedule = schedule;
  }

  @Override
  void begin(Execution execution) {
    decisions = 0;
  }

  @Override
  int pick(Execution execution, int enabled, int running) {
    int usual = stay(enabled, running);
    if (Integer.bitCount(enabled) < 2) {
      return usual;
    }
    int picked = schedule.decision(decisions++, usual);
    return picked < 32 && (enabled & 1 << picked) != 0 ? picked : PRUNE;
  }

  @Override
  int choose(Execution execution, ExploredTask task, int count, int[] keys) {
    if (count < 2) {
      return 0;
    }
    int chosen = schedule.decision(decisions++, 0);
    return chosen < count ? chosen : PRUNE;
  }
}
