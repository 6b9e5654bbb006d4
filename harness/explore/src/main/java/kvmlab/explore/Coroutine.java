// SPDX-License-Identifier: MIT
package kvmlab.explore;

/// A body that can stop in the middle and go on later. Used once.
abstract class Coroutine {

  /// Makes coroutines of one kind.
  interface Factory {
    Coroutine of(Runnable body);
  }

  /// Thrown out of {@link #suspend} in a coroutine that is given up, so that its thread ends.
  static final class Abandoned extends Error {
    private static final long serialVersionUID = 1L;

    Abandoned() {
      super(null, null, false, false);
    }
  }

  /// Runs the body up to its next {@link #suspend}, or to its end.
  abstract void resume();

  /// Stops the body; called by the body itself.
  abstract void suspend();

  /// Gives the body up.
  abstract void abandon();
}
