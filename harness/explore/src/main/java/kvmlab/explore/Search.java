// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.Arrays;
import java.util.List;
import kvmlab.machine.Kind;
import kvmlab.machine.Location;
import kvmlab.machine.SharedObject;
import org.jspecify.annotations.Nullable;

/// Depth-first search through the interleavings of a program, without repeating equivalent ones.
///
/// Two executions are equivalent when one becomes the other by exchanging neighbouring events that
/// commute. Source-DPOR: whenever an event turns out to race with an earlier one, some task that
/// can begin the reversed order is added to what must be tried at the earlier one. Sleep sets: what
/// has been tried need not be tried again until something that does not commute with it happens.
///
/// Weak memory. A read chooses its message, so it commutes with later writes; what a later write
/// changes is that the read has one alternative more. Hence tasks sleep with the messages that they
/// need not read again, and the one race to reverse is an earlier read with a later write.
///
/// Watched locations. The writes of all of them are ordered among each other, because an invariant
/// looks at them together.
///
/// @source P. Abdulla, S. Aronis, B. Jonsson and K. Sagonas, "Optimal dynamic partial order
///   reduction", POPL 2014 (source sets); P. Godefroid, LNCS 1032 (sleep sets)
final class Search extends Strategy {
  private final Reduction reduction;
  private final boolean weakMemory;
  private Node[] path = new Node[256];
  private int depth;

  /// How many nodes of the path are given: the last of them takes a new alternative.
  private int replayed;

  private int[] lastOn = new int[64];
  private int lastWatched;
  private int[] eventClock = Clock.ZERO;

  Search(Reduction reduction, MemoryModel model) {
    this.reduction = reduction;
    this.weakMemory = model == MemoryModel.LKMM;
  }

  private boolean reverses() {
    return reduction == Reduction.SOURCE_SETS;
  }

  private boolean sleeps() {
    return reduction != Reduction.NONE;
  }

  @Override
  void begin(Execution execution) {
    depth = 0;
    lastWatched = -1;
    if (lastOn.length < execution.objects()) {
      lastOn = new int[execution.objects() * 2];
    }
    Arrays.fill(lastOn, -1);
  }

  // ---- choosing

  @Override
  int pick(Execution execution, int enabled, int running) {
    if (depth < replayed) {
      int given = path[depth++].task;
      if ((enabled & 1 << given) == 0) {
        throw new NondeterministicProgram(execution.tasks()[given]);
      }
      return given;
    }
    Node node = push();
    node.open(enabled);
    if (sleeps() && depth > 1) {
      inherit(execution, path[depth - 2], node);
    }
    int candidates = enabled & ~node.fullyAsleep;
    if (candidates == 0) {
      depth--;
      maximal(execution);
      return PRUNE;
    }
    node.task = execution.usual(candidates, running);
    node.backtrack = reverses() ? 1 << node.task : candidates;
    return node.task;
  }

  private Node push() {
    if (depth == path.length) {
      path = Arrays.copyOf(path, depth * 2);
    }
    if (path[depth] == null) {
      path[depth] = new Node();
    }
    return path[depth++];
  }

  /// Lets those go on sleeping whom the event of `parent` does not wake.
  private static void inherit(Execution execution, Node parent, Node node) {
    for (int rest = parent.sleep & ~(1 << parent.task); rest != 0; rest &= rest - 1) {
      int sleeper = Integer.numberOfTrailingZeros(rest);
      ExploredTask task = execution.tasks()[sleeper];
      if (parent.dependsOn(task)) {
        continue;
      }
      if (task.pendingChoosesMessage()) {
        int[] messages = parent.sleepingKeys(sleeper);
        if (messages == null) {
          continue;
        }
        node.sleepWith(sleeper, messages);
        if (!((ViewLocation) task.pending()).awake(task, messages)) {
          node.fullyAsleep |= 1 << sleeper;
        }
      } else {
        node.fullyAsleep |= 1 << sleeper;
      }
      node.sleep |= 1 << sleeper;
    }
  }

  @Override
  int choose(Execution execution, ExploredTask task, int count, int[] keys) {
    Node node = path[depth - 1];
    if (node.alternatives == 0) {
      int[] asleep = task.pendingChoosesMessage() ? node.sleepingKeys(task.id()) : null;
      node.keys = new int[count];
      for (int i = 0; i < count; i++) {
        if (!Message.contains(asleep, keys[i])) {
          node.keys[node.alternatives++] = keys[i];
        }
      }
      if (node.alternatives == 0) {
        return PRUNE;
      }
    }
    for (int i = 0; i < count; i++) {
      if (keys[i] == node.keys[node.chosen]) {
        return i;
      }
    }
    throw new NondeterministicProgram(task);
  }

  @Override
  boolean advance() {
    while (depth > 0) {
      Node node = path[depth - 1];
      if (node.chosen + 1 < node.alternatives) {
        node.chosen++;
        replayed = depth;
        return true;
      }
      if (sleeps()) {
        node.explored();
      } else {
        node.done |= 1 << node.task;
      }
      int candidates = node.backtrack & node.enabled & ~node.done & ~node.fullyAsleep;
      if (candidates != 0) {
        node.task = Integer.numberOfTrailingZeros(candidates);
        node.chosen = 0;
        node.alternatives = 0;
        replayed = depth;
        return true;
      }
      depth--;
    }
    return false;
  }

  // ---- what happened

  /// Returns the events of the execution that has just ended. Valid until the next one begins.
  List<Node> path() {
    return Arrays.asList(path).subList(0, depth);
  }

  @Override
  void commit(Execution execution, ExploredTask task, @Nullable Message source, boolean stores) {
    int at = depth - 1;
    Node node = path[at];
    SharedObject target = task.pending();
    Kind kind = task.kind();
    if (target.id() >= lastOn.length) {
      int known = lastOn.length;
      lastOn = Arrays.copyOf(lastOn, target.id() * 2);
      Arrays.fill(lastOn, known, lastOn.length, -1);
    }
    if (at < replayed - 1) {
      if (node.object != target.id() || node.kind != kind) {
        throw new NondeterministicProgram(task);
      }
    } else {
      node.object = target.id();
      node.kind = kind;
      node.previous = lastOn[node.object];
      node.previousWatched = lastWatched;
      describe(node, target, kind, stores);
      if (reverses()) {
        reverse(execution, node, at, task, source);
      }
    }
    node.target = target;
    lastOn[node.object] = at;
    if (node.watched) {
      lastWatched = at;
    }
    task.before = node.clock;
    eventClock = node.clock;
  }

  private static void describe(Node node, SharedObject target, Kind kind, boolean stores) {
    node.target = target;
    node.reads = false;
    node.stores = false;
    node.watched = false;
    if (target instanceof Location location) {
      Location.Access access = (Location.Access) kind;
      node.reads = access.reads();
      node.stores = target instanceof ViewLocation ? stores : access.writes();
      // An update that stores nothing counts too: before it happens nobody knows that it will not,
      // and a sleeper must be woken by the same events that are exchanged.
      node.watched = access.writes() && location.watched();
      if (target instanceof NewestLocation newest) {
        node.before = newest.latest();
        node.version = newest.version();
      }
    }
  }

  /// Sets the clock of the new event, and lets every race that it closes be tried in reverse.
  private void reverse(
      Execution execution, Node node, int at, ExploredTask task, @Nullable Message source) {
    int[] base = task.before;
    int[] clock = Clock.next(base, task.id(), execution.tasks().length);
    node.clock = clock;
    boolean weak = node.target instanceof ViewLocation;
    boolean waits = task.waits();
    if (source != null) {
      int writer = source.event;
      if (node.kind == Location.Access.UPDATE && writer >= 0) {
        // An update that read from an update could have come first instead, whether it stores or
        // not: it would have read another value.
        Node wrote = path[writer];
        if (wrote.reads && wrote.task != task.id() && !precedes(wrote, clock)) {
          race(writer, at, task.id(), clock);
        }
      }
      joinInto(clock, source.clock);
    }
    int onObject = node.previous;
    int onWatched = node.watched ? node.previousWatched : -1;
    while (onObject >= 0 || onWatched >= 0) {
      int earlier = Math.max(onObject, onWatched);
      Node other = path[earlier];
      boolean same = earlier == onObject;
      boolean bothWatched = earlier == onWatched;
      if (same) {
        onObject = other.previous;
      }
      if (bothWatched) {
        onWatched = other.previousWatched;
      }
      if (other.task == task.id()) {
        continue;
      }
      // What is ordered already is no race, and all that comes before it is known.
      if (!waits && precedes(other, clock)) {
        continue;
      }
      if (bothWatched || same && !weak && dependent(other, node)) {
        if (!bothWatched && waits && other.stores) {
          // Any earlier write that closed the window is a race, the last one or not.
          if (Clock.at(base, other.task) < other.clock[other.task] && endsWait(task, other)) {
            race(earlier, at, task.id(), clock);
          }
          joinInto(clock, other.clock);
        } else if (!waits || !precedes(other, clock)) {
          race(earlier, at, task.id(), clock);
          joinInto(clock, other.clock);
        }
      } else if (same && weak && node.stores && other.reads && !precedes(other, clock)) {
        race(earlier, at, task.id(), clock);
      }
    }
  }

  private static boolean dependent(Node one, Node other) {
    SharedObject target = one.target;
    Kind kind = one.kind;
    Kind otherKind = other.kind;
    return target != null && kind != null && otherKind != null && !target.commutes(kind, otherKind);
  }

  /// Returns whether the pending read of `task`, which waits, was possible just before `write`.
  private static boolean endsWait(ExploredTask task, Node write) {
    return write.stores
        && task.pending() instanceof NewestLocation place
        && place.endsWait(task, write.before, write.version);
  }

  private static boolean precedes(Node event, int[] clock) {
    return clock[event.task] >= event.clock[event.task];
  }

  private static void joinInto(int[] clock, int[] other) {
    for (int i = 0; i < other.length; i++) {
      if (other[i] > clock[i]) {
        clock[i] = other[i];
      }
    }
  }

  /// A wait that has not ended races with the writes that closed its window.
  @Override
  void maximal(Execution execution) {
    if (!reverses()) {
      return;
    }
    for (ExploredTask task : execution.tasks()) {
      if (task.status == ExploredTask.Status.READY
          && task.pending() instanceof NewestLocation
          && task.waits()) {
        for (int i = lastOn[task.pending().id()]; i >= 0; i = path[i].previous) {
          Node write = path[i];
          if (Clock.at(task.before, write.task) < write.clock[write.task]
              && endsWait(task, write)) {
            race(i, depth, task.id(), task.before);
          }
        }
      }
    }
  }

  /// Lets event `earlier` be tried after event `later` of `racer`: some task that can begin the
  /// part of the path that does not depend on `earlier`, followed by `later`, must be tried in its
  /// place.
  private void race(int earlier, int later, int racer, int[] laterClock) {
    Node first = path[earlier];
    int stamp = first.clock[first.task];
    int initials = 0;
    int seen = 0;
    for (int k = earlier + 1; k <= later; k++) {
      int task = k < later ? path[k].task : racer;
      int[] clock = k < later ? path[k].clock : laterClock;
      if ((seen & 1 << task) != 0 || k < later && clock[first.task] >= stamp) {
        continue;
      }
      seen |= 1 << task;
      if (begins(earlier, k, first.task, stamp, clock)) {
        initials |= 1 << task;
      }
    }
    // With weak memory a task sleeps for some messages only, so sleeping does not cover it.
    int covered = first.backtrack | (weakMemory ? 0 : first.sleep);
    if ((initials & covered) == 0) {
      first.backtrack |= (initials & 1 << racer) != 0 ? 1 << racer : Integer.lowestOneBit(initials);
    }
  }

  /// Returns whether nothing between `earlier` and `at`, of what does not depend on `earlier`,
  /// comes before the event with `clock`.
  private boolean begins(int earlier, int at, int firstTask, int stamp, int[] clock) {
    for (int g = earlier + 1; g < at; g++) {
      Node between = path[g];
      if (between.clock[firstTask] < stamp
          && Clock.at(clock, between.task) >= between.clock[between.task]) {
        return false;
      }
    }
    return true;
  }

  @Override
  int[] eventClock() {
    return eventClock;
  }

  @Override
  int eventDepth() {
    return depth - 1;
  }
}
