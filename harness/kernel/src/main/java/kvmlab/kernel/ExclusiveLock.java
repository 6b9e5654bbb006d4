// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import java.util.ArrayDeque;
import kvmlab.machine.Kind;
import kvmlab.machine.Stamp;
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

  /// The kinds of event of an exclusive lock.
  enum Step {
    INIT,
    LOCK,
    TRYLOCK,
    UNLOCK
  }

  ExclusiveLock(String name) {
    super(name);
    released = engine.nothing();
  }

  /// Returns the step that a kind of the subclass stands for.
  abstract Step step(Kind kind);

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
        if (owner == null) {
          acquire(task);
        } else if (owner == task) {
          misuse("I26", task + " takes " + name() + " once", task + " takes it while holding it");
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
          misuse("I26", name() + " is released by its owner", task + " releases it, held by " + by);
        }
        TaskStruct.of(task).released(this);
        released = publish(task);
        owner = queue.poll();
        if (owner != null) {
          acquire(owner);
          grant(owner);
        }
      }
      case INIT -> throw new AssertionError();
    }
  }

  private void acquire(Task task) {
    owner = task;
    TaskStruct.of(task).acquired(this);
    observe(task, released);
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
  final String holders() {
    return owner == null ? "" : "held by " + owner;
  }
}
