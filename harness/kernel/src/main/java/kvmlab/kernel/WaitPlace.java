// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import kvmlab.machine.Task;
import org.jspecify.annotations.Nullable;

/// A place where tasks wait to be woken, and who came to wake somebody and found nobody: what a
/// report says of a wake-up that came too early.
final class WaitPlace {
  private final String name;
  private volatile @Nullable Task calledInVain;

  WaitPlace(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  /// Notes that `waker` found nobody who waits.
  void foundNobody(Task waker) {
    calledInVain = waker;
  }

  /// Forgets it: somebody has waited here and is done.
  void left() {
    calledInVain = null;
  }

  /// Returns the last task that found nobody, since somebody left.
  @Nullable Task calledInVain() {
    return calledInVain;
  }
}
