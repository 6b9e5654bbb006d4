// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kvmlab.machine.Engine;
import kvmlab.machine.Kind;
import kvmlab.machine.StateHash;
import kvmlab.machine.Stateful;
import kvmlab.machine.Task;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// Proves that locks are taken in one order: which lock was asked for while which was held makes a
/// graph of lock classes, and a cycle in it is a deadlock that is possible, also in an execution
/// where nobody waits.
///
/// Simplified: the graph is that of one execution. Linux keeps one from boot to shutdown, so it
/// also sees a cycle of which no single execution has every edge. Here each verdict must come again
/// when one execution is replayed.
///
/// @kernel kernel/locking/lockdep.c
public final class Lockdep implements Stateful {

  // Why every lock held gets an edge, and not the last one only: edges are labelled, and A -> B ->
  // C
  // need not block where A -> C does (B for reading by a reader whom no writer keeps out).
  //
  // Why an edge is added when a lock is asked for: then it is there whether or not the task gets
  // the
  // lock. A trylock asks for nothing, since it never waits; once it has succeeded the lock is held.
  //
  // Why the verdict depends on the edges alone, and not on when they come: any cycle is found when
  // its last edge is added, so equivalent executions agree.

  private final List<String> names = new ArrayList<>();
  private final List<Class<?>> types = new ArrayList<>();

  /// By class and class: the kinds of dependency that are known, as bits of [Dependency#bit].
  private byte[][] known = {};

  private final List<Dependency> dependencies = new ArrayList<>();
  private boolean proving = true;

  Lockdep() {}

  /// Turns the proof off, or on again, for the rest of this execution; on at its beginning. For
  /// programs about the deadlock itself.
  ///
  /// @kernel kernel/locking/lockdep.c prove_locking
  public static void proveLocking(boolean prove) {
    of(Engine.current()).proving = prove;
  }

  static Lockdep of(Engine engine) {
    return engine.context(Lockdep.class, Lockdep::new);
  }

  /// Returns the number of a class, a new one where nobody has registered it.
  synchronized int register(String name, Class<?> type, int subclass) {
    String full = subclass == 0 ? name : name + "/" + subclass;
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).equals(full) && types.get(i) == type) {
        return i;
      }
    }
    int number = names.size();
    names.add(full);
    types.add(type);
    if (number >= known.length) {
      byte[][] larger = Arrays.copyOf(known, number + 8);
      for (int i = 0; i < larger.length; i++) {
        larger[i] =
            i < known.length ? Arrays.copyOf(known[i], larger.length) : new byte[number + 8];
      }
      known = larger;
    }
    return number;
  }

  /// Notes that `task`, which holds `held`, asks for a lock.
  void request(Task task, HeldLocks held, LockdepMap next, int mode, Kind kind) {
    if (!proving) {
      return;
    }
    int to = next.lockClass(this, HeldLocks.subclass(mode));
    for (int i = 0; i < held.size(); i++) {
      int heldMode = held.mode(i);
      int from = held.map(i).lockClass(this, HeldLocks.subclass(heldMode));
      if (from == to) {
        if (!HeldLocks.recursive(mode) || !HeldLocks.shared(heldMode)) {
          HeldLock taken = new HeldLock(next, mode, kind, task.calls());
          fail(LockdepReport.recursive(task, held.get(i), taken));
        }
      } else if ((known[from][to] & Dependency.bit(heldMode, mode)) == 0) {
        HeldLock taken = new HeldLock(next, mode, kind, task.calls());
        Dependency dependency = new Dependency(from, to, task.name(), held.get(i), taken);
        List<Dependency> path = add(dependency);
        if (!path.isEmpty()) {
          fail(LockdepReport.circular(task, dependency, path));
        }
      }
    }
  }

  @Override
  public synchronized void describe(StateHash into) {
    into.addSet(dependencies);
  }

  private static void fail(Violation violation) {
    Engine.current().fail(violation);
  }

  /// Adds a dependency; returns a shortest way back, empty if there is none.
  private synchronized List<Dependency> add(Dependency dependency) {
    known[dependency.from()][dependency.to()] |= (byte) dependency.bit();
    dependencies.add(dependency);
    return wayBack(dependency);
  }

  private List<Dependency> wayBack(Dependency closing) {
    List<Dependency> reached = new ArrayList<>();
    List<@Nullable Dependency> from = new ArrayList<>();
    reach(closing, null, reached, from);
    for (int i = 0; i < reached.size(); i++) {
      Dependency last = reached.get(i);
      if (last.to() == closing.from()
          && Dependency.blocks(last.taken().mode(), closing.held().mode())) {
        return path(last, reached, from);
      }
      reach(last, last, reached, from);
    }
    return List.of();
  }

  /// Adds the dependencies that go on from `last` and have not been reached.
  private void reach(
      Dependency last,
      @Nullable Dependency via,
      List<Dependency> reached,
      List<@Nullable Dependency> from) {
    for (Dependency next : dependencies) {
      if (next.from() == last.to()
          && Dependency.blocks(last.taken().mode(), next.held().mode())
          && !reached.contains(next)) {
        reached.add(next);
        from.add(via);
      }
    }
  }

  private static List<Dependency> path(
      Dependency last, List<Dependency> reached, List<@Nullable Dependency> from) {
    List<Dependency> path = new ArrayList<>();
    for (Dependency step = last; step != null; step = from.get(reached.indexOf(step))) {
      path.addFirst(step);
    }
    return path;
  }
}
