// SPDX-License-Identifier: MIT
package kvmlab.lab;

import kvmlab.explore.MemoryModel;

/// A race to explore, in a few tasks. One class each, named as the race: `FaultRacesUnmap`.
///
/// A scenario has a public constructor without parameters, so that a replay token can name it. It
/// keeps no state: it is built for many executions, on several threads at once.
public interface Scenario {

  /// Builds the world afresh for one execution. What happens here happens before every task.
  void build(World world);

  /// Returns what reads of marked memory may return; the kernel's memory model by default.
  default MemoryModel model() {
    return MemoryModel.LKMM;
  }

  /// Returns whether the invariant with this identifier judges the scenario. By default every one
  /// does that says what is wrong; one that says what is slow, where the scenario asks for it.
  ///
  /// What a sanitizer judges stays judged; but without I23 there is no lockdep, and with it go
  /// whatever invariants it judges.
  default boolean watches(String invariant) {
    return !Judges.performance().contains(invariant);
  }

  /// Returns the largest number of executions to try; an exploration that reaches it says so.
  default long executionsMax() {
    return 100_000;
  }

  /// Returns how many random runs of each kind follow when {@link #executionsMax} is reached.
  default int randomRuns() {
    return 10_000;
  }

  /// Returns the name under which tokens and reports know the scenario: `ex02:FaultRacesUnmap`.
  default String id() {
    return getClass().getPackageName() + ":" + getClass().getSimpleName();
  }
}
