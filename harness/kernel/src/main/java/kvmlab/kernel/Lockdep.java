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

  /// A lock of each class, and its subclass.
  private LockdepMap[] classes = {};

  private int[] subclasses = {};
  private int size;

  /// By class and class: the kinds of dependency that are known, as bits of [Dependency#bit]. Read
  /// without a lock: who reads an array that has been replaced since, or reads too early, adds a
  /// dependency again.
  private byte[] known = {};

  private final List<Dependency> dependencies = new ArrayList<>(4);
  private final List<ForbiddenOrder> forbidden = new ArrayList<>(4);
  private boolean proving = true;

  Lockdep() {}

  /// Turns the proof off, or on again, for the rest of this execution; on at its beginning. For
  /// programs about the deadlock itself.
  ///
  /// @kernel kernel/locking/lockdep.c prove_locking
  public static void proveLocking(boolean prove) {
    of(Engine.current()).proving = prove;
  }

  /// Reports whoever nests two locks in this order, for the rest of this execution.
  public static void forbid(ForbiddenOrder order) {
    of(Engine.current()).forbidden.add(order);
  }

  /// Returns the kernel's names of the locks that the calling task holds, in the order in which it
  /// took them; read sections are no locks.
  ///
  /// @kernel kernel/locking/lockdep.c lockdep_print_held_locks()
  public static List<String> held() {
    return TaskStruct.current().held().locks();
  }

  static Lockdep of(Engine engine) {
    return engine.context(Lockdep.class, Lockdep::new);
  }

  /// Returns the number of the class that `map` belongs to, a new one where nobody has asked.
  synchronized int register(LockdepMap map, int subclass) {
    for (int i = 0; i < size; i++) {
      if (subclasses[i] == subclass && classes[i].sameClass(map)) {
        return i;
      }
    }
    if (size == classes.length) {
      grow(Math.max(4, size * 2));
    }
    classes[size] = map;
    subclasses[size] = subclass;
    return size++;
  }

  private void grow(int length) {
    byte[] wider = new byte[length * length];
    for (int from = 0; from < size; from++) {
      System.arraycopy(known, from * size, wider, from * length, size);
    }
    known = wider;
    classes = Arrays.copyOf(classes, length);
    subclasses = Arrays.copyOf(subclasses, length);
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
      } else if (!knows(from, to, Dependency.bit(heldMode, mode))) {
        HeldLock taken = new HeldLock(next, mode, kind, task.calls());
        for (ForbiddenOrder order : forbidden) {
          if (order.forbids(held.map(i), next, mode)) {
            fail(LockdepReport.forbidden(task, order, held.get(i), taken));
          }
        }
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

  private boolean knows(int from, int to, int bit) {
    byte[] all = known;
    // The side of the square: a power of two.
    int side = 1 << (Integer.numberOfTrailingZeros(all.length) >> 1);
    return from < side && to < side && (all[from * side + to] & bit) != 0;
  }

  private static void fail(Violation violation) {
    Engine.current().fail(violation);
  }

  /// Adds a dependency; returns a shortest way back, empty if there is none.
  private synchronized List<Dependency> add(Dependency dependency) {
    known[dependency.from() * classes.length + dependency.to()] |= (byte) dependency.bit();
    boolean goesOn = false;
    for (int i = 0; i < dependencies.size(); i++) {
      goesOn |= dependencies.get(i).from() == dependency.to();
    }
    dependencies.add(dependency);
    return goesOn ? wayBack(dependency) : List.of();
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
