// SPDX-License-Identifier: MIT
package kvmlab.explore.stress;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import kvmlab.machine.Kind;
import kvmlab.machine.SharedObject;
import kvmlab.machine.Task;
import org.jspecify.annotations.Nullable;

/// A task of one round, on a thread of its own.
///
/// Its own thread writes everything here but `granted`, which the granting task sets. The watchdog
/// reads along.
final class StressTask extends Task {
  private static final VarHandle EVENTS;

  static {
    try {
      EVENTS = MethodHandles.lookup().findVarHandle(StressTask.class, "events", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /// What a task is about, as far as the watchdog cares.
  enum Doing {
    RUN,
    /// Waits for a grant.
    BLOCK,
    /// Looks again and again whether a condition holds.
    AWAIT,
    END
  }

  final Runnable body;
  final Noise noise = new Noise();

  volatile Doing doing = Doing.RUN;
  volatile int looks;
  private long events;

  volatile @Nullable Thread thread;

  // Written in an event: under the monitor of its object.
  private boolean blocked;
  private volatile boolean granted;

  StressTask(int id, String name, Runnable body) {
    super(id, name);
    this.body = body;
  }

  void announce(SharedObject next, Kind nextKind, long nextArgument) {
    object = next;
    kind = nextKind;
    argument = nextArgument;
    result = 0;
    blocked = false;
    granted = false;
  }

  long result() {
    return result;
  }

  void block() {
    blocked = true;
  }

  void grant() {
    granted = true;
    LockSupport.unpark(thread);
  }

  boolean blocked() {
    return blocked;
  }

  boolean granted() {
    return granted;
  }

  /// Counts an event.
  void count() {
    // Opaque: a volatile write would be a full barrier at every event, and hide what is looked for.
    EVENTS.setOpaque(this, events + 1);
  }

  long events() {
    return (long) EVENTS.getOpaque(this);
  }

  /// Returns whether nothing but another task could make this one go on.
  boolean waits() {
    return switch (doing) {
      case RUN -> false;
      case BLOCK -> !granted;
      case AWAIT, END -> true;
    };
  }
}
