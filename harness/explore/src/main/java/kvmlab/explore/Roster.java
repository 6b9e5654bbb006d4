// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.Arrays;

/// The tasks of one execution, and where they stand: what the status says of each, kept as sets.
final class Roster {
  /// How many tasks a set of tasks can hold.
  static final int TASKS_MAX = 32;

  private final Shared shared;
  private int declared;
  private ExploredTask[] tasks = {};

  // The sets; a task in none of them is blocked.
  private int local;
  private int ready;
  private int ended;

  /// Of those that are ready, which announced a read that waits for a value.
  private int waiting;

  Roster(Shared shared) {
    this.shared = shared;
  }

  ExploredTask[] tasks() {
    return tasks;
  }

  /// Adds a task before any of them runs.
  void declare(String name, Runnable body) {
    int id = declared++;
    check(id);
    tasks = Arrays.copyOf(tasks, declared);
    tasks[id] = new ExploredTask(id, name, body, shared.spin(id));
  }

  /// Adds a task that `creator` creates.
  ExploredTask create(ExploredTask creator, String name, Runnable body) {
    int id = shared.task(creator.id(), creator.spawned++, declared);
    check(id);
    int known = tasks.length;
    if (id >= known) {
      tasks = Arrays.copyOf(tasks, id + 1);
      for (int i = known; i < id; i++) {
        // Created by another task in other executions, and in this one perhaps later.
        tasks[i] = new ExploredTask(i, "", null, shared.spin(i));
        end(tasks[i]);
      }
    }
    ended &= ~(1 << id);
    ExploredTask task = new ExploredTask(id, name, body, shared.spin(id));
    task.createdBy(creator);
    tasks[id] = task;
    return task;
  }

  private static void check(int id) {
    if (id >= TASKS_MAX) {
      throw new IllegalStateException("an execution has at most " + TASKS_MAX + " tasks");
    }
  }

  // ---- where a task stands

  /// The task has local work to do.
  void goOn(ExploredTask task) {
    task.status = ExploredTask.Status.LOCAL;
    local |= 1 << task.id();
  }

  /// The task has announced its next event.
  void announced(ExploredTask task) {
    local &= ~(1 << task.id());
    ready |= 1 << task.id();
    if (task.argument() != 0 && task.object() instanceof ExploredLocation) {
      waiting |= 1 << task.id();
    }
  }

  /// The task performs its event now.
  void picked(ExploredTask task) {
    ready &= ~(1 << task.id());
    waiting &= ~(1 << task.id());
  }

  void end(ExploredTask task) {
    task.status = ExploredTask.Status.DONE;
    local &= ~(1 << task.id());
    ended |= 1 << task.id();
  }

  // ---- who can move

  /// Returns the lowest task with local work to do, or -1.
  int local() {
    return local == 0 ? -1 : Integer.numberOfTrailingZeros(local);
  }

  /// Returns whether a task has not ended.
  boolean live() {
    return Integer.bitCount(ended) < tasks.length;
  }

  /// Returns the tasks whose next event is possible.
  int enabled() {
    int enabled = ready;
    for (int rest = waiting; rest != 0; rest &= rest - 1) {
      int waiter = rest & -rest;
      if (!tasks[Integer.numberOfTrailingZeros(waiter)].enabled()) {
        enabled &= ~waiter;
      }
    }
    return enabled;
  }
}
