// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the tasks of one execution have come by since the last turn of its route.
///
/// A landmark is a hash of an object's name and of the kind of an event, not of its operand or its
/// order: to make a read an acquire moves no landmark. Two events with the same hash are the same
/// landmark, whoever counts, so a clash costs precision, never correctness.
final class Landmarks {
  /// Three digits of a route.
  static final int BITS = 15;

  private final Map<Integer, String> names = new HashMap<>();
  private final Map<Integer, Integer> passed = new HashMap<>();
  private final Map<Integer, Integer> stopped = new HashMap<>();
  private final List<Integer> created = new ArrayList<>();

  /// Opens an execution.
  void begin() {
    turn();
    created.clear();
  }

  /// Looks at the tasks that there are before a decision.
  void look(ExploredTask[] tasks) {
    for (ExploredTask task : tasks) {
      // One without a body is created by nobody yet.
      if (task.body != null && !created.contains(task.id())) {
        created.add(task.id());
      }
      if (task.status == ExploredTask.Status.READY) {
        of(task);
      }
    }
  }

  /// Returns the number of a task in the order of creation. Its id is that of another exploration,
  /// where tasks create tasks and another one came first.
  int rank(int task) {
    return created.indexOf(task);
  }

  /// Returns the landmark that `task` is about to come to, or stands at.
  int of(ExploredTask task) {
    String object = task.pending().name();
    String word = task.kind().word();
    int landmark = of(object, word);
    names.putIfAbsent(landmark, word + "(" + object + ")");
    return landmark;
  }

  static int of(String object, String word) {
    int hash = (object.hashCode() * 31 + word.hashCode()) * 0x9e3779b1;
    return (hash ^ hash >>> 15) & (1 << BITS) - 1;
  }

  /// Returns the C spelling of a landmark that some task has come to in this or an earlier
  /// execution.
  @Nullable String name(int landmark) {
    return names.get(landmark);
  }

  /// Counts that `task` passes the landmark that it stands at.
  void pass(ExploredTask task) {
    passed.merge(key(task, of(task)), 1, Integer::sum);
  }

  /// Counts that `task` cannot go on.
  void stop(ExploredTask task) {
    stopped.merge(task.id(), 1, Integer::sum);
  }

  /// Returns how often `task` has passed the landmark that it stands at.
  int passed(ExploredTask task) {
    return passed.getOrDefault(key(task, of(task)), 0);
  }

  /// Returns how often `task` could not go on.
  int stopped(ExploredTask task) {
    return stopped.getOrDefault(task.id(), 0);
  }

  /// Counts from here.
  void turn() {
    passed.clear();
    stopped.clear();
  }

  private static int key(ExploredTask task, int landmark) {
    return task.id() << BITS | landmark;
  }
}
