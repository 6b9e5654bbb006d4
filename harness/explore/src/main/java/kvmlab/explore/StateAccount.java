// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.Arrays;
import kvmlab.machine.Location;
import kvmlab.machine.SharedObject;
import kvmlab.machine.StateHash;
import org.jspecify.annotations.Nullable;

/// Keeps account of what makes the state of an execution, for a strategy that recognises states:
/// its objects, and what each task has learnt.
final class StateAccount {
  private final Execution execution;
  private final Strategy strategy;
  private @Nullable SharedObject[] objects = new SharedObject[16];

  StateAccount(Execution execution, Strategy strategy) {
    this.execution = execution;
    this.strategy = strategy;
  }

  void created(int number, SharedObject object) {
    if (number >= objects.length) {
      objects = Arrays.copyOf(objects, number * 2);
    }
    objects[number] = object;
  }

  /// `task` has performed an event of `object`.
  void performed(ExploredTask task, SharedObject object) {
    task.history.add(object.id());
    task.history.add(task.result());
    if (object instanceof ExploredLocation location) {
      Location.Access access = (Location.Access) task.kind();
      strategy.accessed(execution, task, location, false, access.writes());
      if (access.reads()) {
        strategy.accessed(execution, task, location, false, false);
        learnt(task, task.value);
      }
    }
  }

  /// `task` has accessed `location` plainly.
  ///
  /// @param read the value that was read; null for a write
  void accessed(ExploredTask task, ExploredLocation location, @Nullable Object read) {
    strategy.accessed(execution, task, location, true, read == null);
    if (read != null) {
      learnt(task, read);
    }
  }

  private void learnt(ExploredTask task, Object value) {
    try {
      task.history.addValue(value);
    } catch (IllegalArgumentException e) {
      execution.cut(task, String.valueOf(e.getMessage()));
    }
  }

  /// Adds the state between two events to `into`: what decides the future.
  ///
  /// @throws IllegalArgumentException when a location holds what does not tell its state
  void describe(ExploredTask[] tasks, StateHash into) {
    for (ExploredTask task : tasks) {
      task.describe(into);
    }
    for (int i = 0; i < objects.length; i++) {
      SharedObject object = objects[i];
      if (object != null) {
        into.add(i);
        object.describe(into);
      }
    }
  }
}
