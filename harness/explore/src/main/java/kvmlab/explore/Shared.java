// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// What the executions of one exploration share.
///
/// What tasks create is numbered, so that the same object, and the same task, has the same number
/// in every execution: the n-th that its creator makes, whatever the others do.
final class Shared {
  /// By creator, counted from -1, and how-many-th of it; -1 where there is none yet.
  private int[][] objects = new int[Roster.TASKS_MAX + 1][0];

  private int nextObject;
  private final Map<Long, Integer> tasks;
  private final List<Spin> spins = new ArrayList<>();
  private boolean incomplete;
  private final Set<String> bounds = new TreeSet<>();
  private int nextTask;

  Shared() {
    this(Map.of(), 0);
  }

  private Shared(Map<Long, Integer> tasks, int nextTask) {
    this.tasks = new HashMap<>(tasks);
    this.nextTask = nextTask;
  }

  /// Returns one where the tasks known so far have the same numbers, for another thread.
  Shared fork() {
    return new Shared(tasks, nextTask);
  }

  int object(int creator, int nth) {
    int[] made = objects[creator + 1];
    if (nth >= made.length) {
      int known = made.length;
      made = Arrays.copyOf(made, Math.max(16, nth * 2));
      Arrays.fill(made, known, made.length, -1);
      objects[creator + 1] = made;
    }
    if (made[nth] < 0) {
      made[nth] = nextObject++;
    }
    return made[nth];
  }

  int objects() {
    return nextObject;
  }

  /// Returns the number of a task that another task creates; those below `declared` are taken.
  int task(int creator, int nth, int declared) {
    Long key = (long) creator << 32 | nth;
    Integer known = tasks.get(key);
    if (known == null) {
      nextTask = Math.max(nextTask, declared);
      known = nextTask++;
      tasks.put(key, known);
    }
    return known;
  }

  /// Forgets the numbers of created tasks: in each execution they are numbered as it creates them.
  void forgetTasks() {
    tasks.clear();
    nextTask = 0;
  }

  /// Takes over what `later`, forked from this one, has learnt since.
  void takeOver(Shared later) {
    tasks.putAll(later.tasks);
    nextTask = Math.max(nextTask, later.nextTask);
    bounds.addAll(later.bounds);
    incomplete |= later.incomplete;
  }

  /// Returns how many created tasks are numbered.
  int tasks() {
    return tasks.size();
  }

  /// Returns the fresh spin state of a task: one execution runs at a time, so they take turns with
  /// it.
  Spin spin(int task) {
    while (spins.size() <= task) {
      spins.add(new Spin());
    }
    Spin spin = spins.get(task);
    spin.reset();
    return spin;
  }

  void bounded(String what) {
    bounds.add(what);
  }

  void leaveOut(String bound) {
    bounded(bound);
    incomplete = true;
  }

  /// Returns whether something was left out that no execution covers.
  boolean incomplete() {
    return incomplete;
  }

  /// Returns the bounds that were hit, in alphabetical order.
  List<String> bounds() {
    return List.copyOf(bounds);
  }
}
