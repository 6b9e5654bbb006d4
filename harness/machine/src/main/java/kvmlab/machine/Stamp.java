// SPDX-License-Identifier: MIT
package kvmlab.machine;

/// What an event published: everything that its task had done and seen by then.
///
/// A primitive keeps the stamp of a release (an unlock, a wake-up, the end of a grace period) and
/// hands it to the task that acquires. Only the engine looks inside. A stamp is no part of a state:
/// under sequential consistency it decides nothing but whether there is a data race.
public interface Stamp {

  /// Returns a stamp that publishes what this one and `other` publish.
  Stamp join(Stamp other);
}
