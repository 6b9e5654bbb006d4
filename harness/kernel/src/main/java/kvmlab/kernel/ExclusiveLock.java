// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import java.util.ArrayDeque;
import java.util.List;
import kvmlab.machine.Kind;
import kvmlab.machine.Stamp;
import kvmlab.machine.StateHash;
import kvmlab.machine.Task;
import org.jspecify.annotations.Nullable;

/// A lock with one owner, handed over in the order of the requests.
///
/// Why hand-off loses no behaviour: requests are events of their own, so every order of them is
/// explored, and with it every order of acquisitions. And why a release commutes with a request:
/// request-then-release and release-then-request lead to the same owner and the same queue.
abstract class ExclusiveLock extends Lock {
  private final ArrayDeque<Task> queue = new ArrayDeque<>(2);
  private @Nullable Task owner;
  private Stamp released;

  private final Events events;

  private enum Step {
    INIT,
    LOCK,
    TRYLOCK,
    UNLOCK
  }

  private record Event(Step step, String word) implements Kind {}

  /// The kinds of event of one class of lock, under the kernel's words for them.
  static final class Events {
    private final Event init;
    private final Event lock;
    private final Event trylock;
    private final Event unlock;

    Events(String init, String lock, String trylock, String unlock) {
      this.init = new Event(Step.INIT, init);
      this.lock = new Event(Step.LOCK, lock);
      this.trylock = new Event(Step.TRYLOCK, trylock);
      this.unlock = new Event(Step.UNLOCK, unlock);
    }
  }

  ExclusiveLock(String name, boolean sleeping, Events events) {
    super(name, sleeping);
    this.events = events;
    released = engine.nothing();
  }

  /// Takes the lock; waits while another task holds it.
  public final void lock() {
    lockNested(0);
  }

  /// Takes the lock while another one of its class is held, and says that this is no mistake: locks
  /// of different subclasses are different to lockdep.
  ///
  /// @kernel include/linux/spinlock.h spin_lock_nested(); include/linux/mutex.h mutex_lock_nested()
  public final void lockNested(int subclass) {
    mayWait();
    perform(events.lock, subclass);
  }

  /// Takes the lock if it is free; returns whether it did. Never waits.
  public final boolean trylock() {
    return perform(events.trylock, 0) != 0;
  }

  /// Releases the lock. The caller holds it.
  public final void unlock() {
    perform(events.unlock, 0);
  }

  @Override
  final Kind initKind() {
    return events.init;
  }

  private static Step step(Kind kind) {
    return ((Event) kind).step();
  }

  @Override
  public final boolean commutes(Kind one, Kind other) {
    Step a = step(one);
    Step b = step(other);
    if (a == Step.INIT || b == Step.INIT) {
      return false;
    }
    if (a == Step.TRYLOCK || b == Step.TRYLOCK) {
      return false;
    }
    return a == Step.UNLOCK || b == Step.UNLOCK;
  }

  @Override
  public final void execute(Task task) {
    if (initialises(task)) {
      return;
    }
    switch (step(task.kind())) {
      case LOCK -> {
        requested(task, HeldLocks.EXCLUSIVE);
        if (owner == null) {
          acquire(task);
        } else if (owner == task) {
          misuse(
              SanitizerRule.OWNED,
              task + " takes " + name() + " once",
              task + " takes it while holding it");
        } else {
          queue.add(task);
          block(task);
        }
      }
      case TRYLOCK -> {
        if (owner == null) {
          acquire(task);
          task.result(1);
        }
      }
      case UNLOCK -> {
        if (owner != task) {
          String by = owner == null ? "nobody" : owner.name();
          notHeld(task, name() + " is released by its owner", task + " releases it, held by " + by);
        }
        released(task);
        released = publishUnlock(task);
        owner = queue.poll();
        if (owner != null) {
          acquire(owner);
          grant(owner);
        }
      }
      case INIT -> throw new AssertionError();
    }
  }

  @Override
  final void describeHolders(StateHash into) {
    into.add(owner);
    into.add(queue.size());
    for (Task waiting : queue) {
      into.add(waiting);
    }
  }

  private void acquire(Task task) {
    owner = task;
    acquired(task, HeldLocks.EXCLUSIVE);
    observeLock(task, released);
  }

  @Override
  public final String effect(Task task) {
    if (heldForReading(task)) {
      return "acquired";
    }
    return step(task.kind()) == Step.TRYLOCK ? "busy" : "released";
  }

  @Override
  final boolean heldForReading(Task task) {
    return owner == task;
  }

  @Override
  final boolean heldForWriting(Task task) {
    return owner == task;
  }

  @Override
  final void reset(Task task) {
    released = publish(task);
    owner = null;
    queue.clear();
  }

  @Override
  final List<Task> blockers(Task waiter) {
    return owner == null ? List.of() : List.of(owner);
  }

  @Override
  final String holders() {
    return owner == null ? "" : "held by " + owner;
  }
}
