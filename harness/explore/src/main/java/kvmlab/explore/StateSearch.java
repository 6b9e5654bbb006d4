// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.Arrays;
import kvmlab.machine.Kind;
import kvmlab.machine.Location;
import kvmlab.machine.SharedObject;
import kvmlab.machine.StateHash;
import org.jspecify.annotations.Nullable;

/// Depth-first search through the states of a program, each of which is expanded once, whatever way
/// leads to it.
///
/// Sleep sets and persistent sets leave out orders of independent events; see {@link Footprints}
/// for how the latter are known. A state in which the smallest persistent set is one task is not
/// remembered: it has one way on only.
///
/// Under sequential consistency only. Under the kernel's memory model a state would hold what each
/// task may still read of each write: too many states to pay, and it was not shown that none are
/// taken for one another.
///
/// What is claimed: every violation that some order of events leads to is led to by an order that
/// is explored, except data races, which are a matter of the order itself; they are claimed absent
/// where no order is needed for that, else the result names what was not looked at ({@link
/// PlainAccesses}). What an invariant keeps in variables of its own is not part of a state: it must
/// be decided by what the program's objects hold.
///
/// @source P. Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems", LNCS
///   1032 (persistent sets, sleep sets, and both with a store of states)
final class StateSearch extends Strategy {
  // What a state is: what decides the future. Of each task its history, which stands for its local
  // state and so for its next event, and whether it is ready, blocked or done; of each shared
  // object what it says of itself. The history is the results of the task's events and of its plain
  // reads since it was last at a boundary; the program is deterministic, so equal histories mean
  // equal local states.
  //
  // Why no state comes back within one execution, so that there are no cycles to care about: a
  // history grows with each event, and where it is forgotten the position rises.
  //
  // Why a state that is known need not be looked at again, whoever slept when it was. A task sleeps
  // when everything that begins with it has been covered already. So when the first visit of a
  // state has ended, everything that is possible from there is covered: by that visit, or, if it
  // begins with a task that slept, before. And it has ended when the state comes up again, since
  // none comes back within one execution. (With cycles that would not be so, and the tasks that
  // slept would have to be stored with a state.)

  private final Footprints footprints = new Footprints();
  private final PlainAccesses accesses = new PlainAccesses();
  private final StateTable table;
  private final StateHash hash = new StateHash();
  private Step[] path = new Step[256];
  private int depth;
  private int replayed;
  private boolean stopped;

  /// One event of the execution that is being explored.
  private static final class Step {
    /// The tasks that are still to be tried here, and those that need not be.
    int todo;

    int sleep;
    int task;
    int alternatives;
    int chosen;
    int object;
    Kind kind = Location.Access.READ;
    boolean watched;
  }

  StateSearch(int statesMax) {
    table = new StateTable(statesMax);
  }

  int states() {
    return table.states();
  }

  long bytes() {
    return table.bytes();
  }

  @Override
  boolean remembers() {
    return true;
  }

  @Override
  void begin(Execution execution) {
    depth = 0;
  }

  @Override
  int pick(Execution execution, int enabled, int running) {
    if (depth < replayed) {
      int given = path[depth++].task;
      if ((enabled & 1 << given) == 0) {
        throw new NondeterministicProgram(execution.tasks()[given]);
      }
      return given;
    }
    ExploredTask[] tasks = execution.tasks();
    footprints.learn(tasks);
    if (footprints.mistaken()) {
      return PRUNE;
    }
    int sleep = depth == 0 ? 0 : sleepers(tasks, path[depth - 1]);
    if ((enabled & ~sleep) == 0) {
      return PRUNE;
    }
    int persistent = footprints.persistent(tasks, enabled, running);
    int todo = persistent & ~sleep;
    if (Integer.bitCount(persistent) > 1) {
      try {
        hash.clear();
        execution.describe(hash);
      } catch (IllegalArgumentException e) {
        return stop(execution, String.valueOf(e.getMessage()));
      }
      switch (table.add(hash.low(), hash.high())) {
        case KNOWN -> {
          return PRUNE;
        }
        case FULL -> {
          return stop(execution, "at most " + table.states() + " states");
        }
        case NEW -> {}
      }
    }
    if (todo == 0) {
      return PRUNE;
    }
    Step step = push();
    step.sleep = sleep;
    step.todo = todo;
    step.alternatives = 0;
    step.chosen = 0;
    step.task = execution.usual(todo, running);
    return step.task;
  }

  private int stop(Execution execution, String bound) {
    execution.leaveOut(bound);
    stopped = true;
    return PRUNE;
  }

  private Step push() {
    if (depth == path.length) {
      path = Arrays.copyOf(path, depth * 2);
    }
    if (path[depth] == null) {
      path[depth] = new Step();
    }
    return path[depth++];
  }

  /// Returns who goes on sleeping after the event of `step`.
  private static int sleepers(ExploredTask[] tasks, Step step) {
    int sleepers = 0;
    for (int rest = step.sleep & ~(1 << step.task); rest != 0; rest &= rest - 1) {
      int sleeper = Integer.numberOfTrailingZeros(rest);
      if (commute(step, tasks[sleeper])) {
        sleepers |= 1 << sleeper;
      }
    }
    return sleepers;
  }

  private static boolean commute(Step step, ExploredTask other) {
    SharedObject object = other.pending();
    if (object.id() == step.object) {
      return object.commutes(step.kind, other.kind());
    }
    return !(step.watched && writesWatched(object, other.kind()));
  }

  private static boolean writesWatched(SharedObject object, Kind kind) {
    return object instanceof Location location
        && location.watched()
        && ((Location.Access) kind).writes();
  }

  @Override
  int choose(Execution execution, ExploredTask task, int count, int[] keys) {
    Step step = path[depth - 1];
    if (step.alternatives == 0) {
      step.alternatives = count;
    } else if (step.alternatives != count) {
      throw new NondeterministicProgram(task);
    }
    return step.chosen;
  }

  @Override
  void commit(Execution execution, ExploredTask task, @Nullable Message source, boolean stores) {
    Step step = path[depth - 1];
    SharedObject target = task.pending();
    task.performed();
    if (depth < replayed) {
      if (step.object != target.id() || step.kind != task.kind()) {
        throw new NondeterministicProgram(task);
      }
    } else {
      step.object = target.id();
      step.kind = task.kind();
      step.watched = writesWatched(target, task.kind());
    }
  }

  @Override
  void maximal(Execution execution) {
    footprints.learn(execution.tasks());
  }

  @Override
  void accessed(
      Execution execution,
      ExploredTask task,
      ExploredLocation location,
      boolean plain,
      boolean writes) {
    if (accesses.add(location, task, plain, writes)) {
      execution.leaveOut("no search for data races on " + location.name());
    }
  }

  @Override
  boolean advance() {
    if (stopped) {
      return false;
    }
    if (footprints.mistaken()) {
      footprints.reconsider();
      table.clear();
      depth = 0;
      replayed = 0;
      return true;
    }
    while (depth > 0) {
      Step step = path[depth - 1];
      if (step.chosen + 1 < step.alternatives) {
        step.chosen++;
        replayed = depth;
        return true;
      }
      step.sleep |= 1 << step.task;
      step.todo &= ~(1 << step.task);
      if (step.todo != 0) {
        step.task = Integer.numberOfTrailingZeros(step.todo);
        step.alternatives = 0;
        step.chosen = 0;
        replayed = depth;
        return true;
      }
      depth--;
    }
    return false;
  }
}
