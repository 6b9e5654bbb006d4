// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import java.util.List;
import kvmlab.machine.Kind;
import kvmlab.machine.StateHash;
import kvmlab.machine.Stateful;

/// A lock as a task took it, or is about to: for reports.
///
/// @param map the lock
/// @param mode how it is taken: see {@link HeldLocks}
/// @param kind the event that takes it
/// @param calls the traced calls in which it is taken, outermost first; empty where no trace is
///   recorded
record HeldLock(LockdepMap map, int mode, Kind kind, List<String> calls) implements Stateful {

  @Override
  public void describe(StateHash into) {
    into.add((long) map.name().hashCode() << 32 | mode);
  }

  /// Returns the C spelling of the event.
  String spelling() {
    int subclass = HeldLocks.subclass(mode);
    return kind.word() + "(" + map + (subclass == 0 ? "" : ", nested " + subclass) + ")";
  }

  /// Returns the lock in the words of a scenario: what its acquisition does to others.
  String word() {
    String word = (mode & HeldLocks.SHARED) != 0 ? "rlock" : "lock";
    int subclass = HeldLocks.subclass(mode);
    return word + "(" + map + (subclass == 0 ? "" : "/" + subclass) + ");";
  }
}
