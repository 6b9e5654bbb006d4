// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.Arrays;
import java.util.List;
import kvmlab.machine.StateHash;

/// What all executions of one class have in common, and no other has: for each task its events, and
/// for each event which events of other tasks that do not commute with it come before; where memory
/// is weak, which message each read returned and the final order of the messages of each location.
///
/// Made from the declarations of the shared objects alone: it knows nothing of the clocks by which
/// an explorer decides what to try.
///
/// @source D. Foata's normal form serves the same end; this one needs no sorting
record CanonicalForm(long high, long low) {

  static CanonicalForm of(List<Node> path) {
    int tasks = tasks(path);
    StateHash[] histories = new StateHash[tasks];
    for (int i = 0; i < tasks; i++) {
      histories[i] = new StateHash();
    }
    int[] before = new int[tasks];
    for (int at = 0; at < path.size(); at++) {
      Node event = path.get(at);
      describe(event, histories[event.task]);
      predecessors(path, at, before);
      for (int count : before) {
        histories[event.task].add(count);
      }
    }
    StateHash form = new StateHash();
    for (StateHash history : histories) {
      form.add(history.high());
      form.add(history.low());
    }
    messages(path, form);
    return new CanonicalForm(form.high(), form.low());
  }

  static int tasks(List<Node> path) {
    return path.stream().mapToInt(event -> event.task + 1).max().orElse(0);
  }

  private static void describe(Node event, StateHash into) {
    into.add(event.object);
    into.add(event.kind.word().hashCode());
    boolean chooses =
        event.alternatives > 0 && (event.reads || !(event.target instanceof ViewLocation));
    into.add(chooses ? event.keys[event.chosen] : -1);
  }

  /// Counts, for each other task, its events up to the last one that must stay before.
  private static void predecessors(List<Node> path, int at, int[] into) {
    Node event = path.get(at);
    int[] events = new int[into.length];
    Arrays.fill(into, 0);
    for (int i = 0; i < at; i++) {
      Node earlier = path.get(i);
      events[earlier.task]++;
      if (earlier.task != event.task && ordered(earlier, event)) {
        into[earlier.task] = events[earlier.task];
      }
    }
  }

  private static boolean ordered(Node one, Node other) {
    if (one.watched && other.watched) {
      return true;
    }
    return one.object == other.object
        && !(one.target instanceof ViewLocation)
        && !one.target.commutes(one.kind, other.kind);
  }

  private static void messages(List<Node> path, StateHash into) {
    path.stream()
        .map(event -> event.target)
        .filter(ViewLocation.class::isInstance)
        .map(ViewLocation.class::cast)
        .distinct()
        .sorted((one, other) -> one.id() - other.id())
        .forEach(location -> {
          into.add(location.id());
          location.order.forEach(message -> into.add(message.key));
        });
  }
}
