// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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
/// Several threads. A search may begin with given decisions and explore what lies below them, and
/// it may give away such subtrees of its own: see {@link Team}.
///
/// @source P. Abdulla, S. Aronis, B. Jonsson and K. Sagonas, "Optimal dynamic partial order
///   reduction", POPL 2014 (source sets); P. Godefroid, LNCS 1032 (sleep sets)
final class Search extends Strategy {
  private final Reduction reduction;
  private final boolean weakMemory;

  /// The depth of the first event that is not given, or -1.
  private final int root;

  private final Set<Subtree.Race> racesAbove = new LinkedHashSet<>();
  private Node[] path = new Node[256];
  private int depth;

  /// How many nodes of the path are given: the last of them takes a new alternative.
  private int replayed;

  /// How many nodes of the path are described: their events are those of the execution before.
  private int described;

  private long executions;
  private int[] lastOn = new int[64];
  private int lastWatched;
  private int[] eventClock = Clock.ZERO;

  Search(Reduction reduction, MemoryModel model) {
    this(reduction, model, null);
  }

  /// @param given the subtree to explore, or null for the whole tree
  Search(Reduction reduction, MemoryModel model, @Nullable Subtree given) {
    this.reduction = reduction;
    this.weakMemory = model == MemoryModel.LKMM;
    this.root = given == null ? -1 : given.root();
    if (given != null) {
      descend(given);
    }
  }

  private void descend(Subtree given) {
    for (int i = 0; i <= root; i++) {
      Node node = push();
      node.task = given.tasks[i];
      node.backtrack = given.covered[i];
      if (given.keys[i] != Subtree.NO_KEY) {
        node.keys = new int[] {given.keys[i]};
        node.alternatives = 1;
      }
    }
    path[root].sleep = given.sleepers.sleep;
    path[root].sleepingKeys = given.sleepers.sleepingKeys;
    replayed = root + 1;
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
    executions++;
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
    node.began = executions;
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
        again();
        return true;
      }
      if (depth - 1 == root) {
        return false;
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
        node.began = executions;
        again();
        return true;
      }
      depth--;
    }
    return false;
  }

  /// Returns a lower bound of the probability that a random walk through the tasks that can move,
  /// and through the values that they may read, makes an execution that is equivalent to one that
  /// this search has made.
  ///
  /// A node whose every task has been explored, or need not be, is covered with all that lies below
  /// it; of one on the path, what has been explored is.
  double covered() {
    double covered = 0;
    double reached = 1;
    for (int i = 0; i < depth; i++) {
      Node node = path[i];
      int tasks = Integer.bitCount(node.enabled);
      int closed = (node.done | node.fullyAsleep) & node.enabled & ~(1 << node.task);
      covered += reached * Integer.bitCount(closed) / tasks;
      reached /= tasks;
      if (node.alternatives > 0) {
        int values = node.keys.length;
        covered += reached * (values - node.alternatives + node.chosen) / values;
        reached /= values;
      }
    }
    return covered;
  }

  private void again() {
    replayed = depth;
    described = depth - 1;
  }

  // ---- several threads

  /// Gives away something to explore that comes later, or null if there is nothing large enough.
  ///
  /// Of what can be given away, the deepest comes first in this search. How large it is, nobody
  /// knows; it is taken to be as large as its brother has proved to be.
  ///
  /// @param grain how many executions are worth being given away
  /// @param left how many executions the search may still make
  @Nullable Subtree giveAway(@Nullable Subtree mine, Shared shared, long grain, long left) {
    for (int at = depth - 1; at > root; at--) {
      Node node = path[at];
      int pending = node.pending();
      long brother = executions - node.began;
      if (pending != 0 && brother >= grain && brother <= left / 4) {
        int who = Integer.numberOfTrailingZeros(pending);
        Node sleepers = node.sleepersBefore(who, weakMemory);
        if (sleepers != null) {
          Subtree subtree = subtree(mine, at, who, sleepers, shared.fork(), left);
          node.giveAway(subtree);
          return subtree;
        }
      }
    }
    return null;
  }

  private Subtree subtree(
      @Nullable Subtree mine, int at, int who, Node sleepers, Shared shared, long left) {
    int[] tasks = new int[at + 1];
    int[] keys = new int[at + 1];
    int[] covered = new int[at + 1];
    for (int i = 0; i <= at; i++) {
      Node node = path[i];
      tasks[i] = i < at ? node.task : who;
      keys[i] = i < at && node.alternatives > 0 ? node.keys[node.chosen] : Subtree.NO_KEY;
      covered[i] = covered(node);
    }
    return new Subtree(mine, tasks, keys, covered, sleepers, shared, left);
  }

  /// Returns the subtree that the next execution would enter, if it has been given away, else null.
  @Nullable Subtree elsewhere() {
    Node node = path[depth - 1];
    return node.alternatives == 0 ? node.elsewhere(node.task) : null;
  }

  /// Returns whether `subtree`, which the next execution would enter, is what was thought.
  boolean hasForeseen(Subtree subtree, Shared shared) {
    return subtree.isForeseen(path[depth - 1], shared);
  }

  /// Takes over what others found in the subtree that the next execution would enter.
  void takeOver(Subtree.Outcome outcome) {
    Node node = path[depth - 1];
    for (Subtree.Race race : outcome.races()) {
      add(race);
    }
    node.explored(node.task, outcome.messages());
    executions += outcome.tally().executions;
  }

  /// Returns what this search has found out.
  Subtree.Outcome outcome(Tally tally) {
    int[] messages = root < 0 ? null : path[root].messages();
    return new Subtree.Outcome(tally, List.copyOf(racesAbove), messages);
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
    if (at < described) {
      if (node.object != target.id() || node.kind != kind) {
        throw new NondeterministicProgram(divergence(node, at, task));
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

  private static Divergence divergence(Node node, int at, ExploredTask task) {
    SharedObject target = node.target;
    Kind kind = node.kind;
    String expected = target == null || kind == null ? "" : kind.word() + "(" + target + ")";
    String came = task.kind().word() + "(" + task.pending() + ")";
    return new Divergence(at + 1, task + ": " + expected, task + ": " + came, "");
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
    if (later < root) {
      // Known to whoever gave this subtree away.
      return;
    }
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
    if ((initials & covered(first)) == 0) {
      add(new Subtree.Race(earlier, initials, racer));
    }
  }

  /// Lets one of the initials be tried, unless one of them is covered; where that is not for this
  /// search to decide, remembers it.
  private void add(Subtree.Race race) {
    Node first = path[race.earlier()];
    int initials = race.initials();
    if (race.earlier() <= root) {
      racesAbove.add(race);
    } else if ((initials & covered(first)) == 0) {
      int racer = 1 << race.racer();
      first.backtrack |= (initials & racer) != 0 ? racer : Integer.lowestOneBit(initials);
    }
  }

  private int covered(Node node) {
    // With weak memory a task sleeps for some messages only, so sleeping does not cover it.
    return node.backtrack | (weakMemory ? 0 : node.sleep);
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
