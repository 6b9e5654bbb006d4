// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import kvmlab.machine.StateHash;
import kvmlab.machine.Stateful;

/// That a lock was asked for while another was held: an edge of lockdep's graph.
///
/// @param from the class of the lock that was held
/// @param to the class of the lock that was asked for
/// @param task the name of the task
/// @param held how the one was held
/// @param taken how the other was to be taken
/// @kernel kernel/locking/lockdep.c struct lock_list
record Dependency(int from, int to, String task, HeldLock held, HeldLock taken)
    implements Stateful {
  /// Leaves a lock that is held for reading.
  private static final int FROM_SHARED = 0b0011;

  /// Returns the one bit that stands for a dependency of this kind, out of four.
  static int bit(int heldMode, int takenMode) {
    int waits = HeldLocks.recursive(takenMode) ? 0b0101 : 0b1010;
    return waits & (HeldLocks.shared(heldMode) ? FROM_SHARED : ~FROM_SHARED & 0b1111);
  }

  /// Returns whether a waiter for the lock between two dependencies is blocked by its holder: all
  /// but a reader who is let in although writers wait, by one who holds the lock for reading.
  static boolean blocks(int takenMode, int heldMode) {
    return !(HeldLocks.recursive(takenMode) && HeldLocks.shared(heldMode));
  }

  @Override
  public void describe(StateHash into) {
    held.describe(into);
    taken.describe(into);
  }

  int bit() {
    return bit(held.mode(), taken.mode());
  }
}
