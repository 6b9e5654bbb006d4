// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import kvmlab.machine.Kind;
import kvmlab.machine.SharedObject;
import kvmlab.machine.Stamp;
import kvmlab.machine.StateHash;
import kvmlab.machine.Stateful;
import kvmlab.machine.Task;
import kvmlab.machine.Wait;

/// Sleepable read-copy-update: readers never wait; an updater waits for the readers that were there
/// before it.
///
/// A domain that was declared with `new` must be initialised with {@link #init} before its first
/// use, as in C; {@link #define} does both, as `DEFINE_SRCU` does.
///
/// @kernel include/linux/srcu.h struct srcu_struct
public final class SrcuStruct extends SharedObject {
  private final LockdepMap depMap;
  private final List<Task> readers = new ArrayList<>(4);
  private final List<GracePeriod> gracePeriods = new ArrayList<>(1);
  private Stamp readersEnded;
  private Stamp gracePeriodBegan;
  private int initError;
  private boolean initialised;
  private boolean cleanedUp;

  private enum Event implements Kind {
    INIT("init_srcu_struct"),
    CLEANUP("cleanup_srcu_struct"),
    READ_LOCK("srcu_read_lock"),
    READ_UNLOCK("srcu_read_unlock"),
    SYNCHRONIZE("synchronize_srcu");

    private final String word;

    Event(String word) {
      this.word = word;
    }

    @Override
    public String word() {
      return word;
    }
  }

  /// A wait for the readers that were there when it began, and what it will have seen at its end.
  ///
  /// Readers that came later are left out of both: whether they leave before or after the last
  /// awaited one makes no difference, so nothing may be ordered by it.
  private static final class GracePeriod implements Stateful {
    private final Task updater;
    private final Set<Task> awaited;
    private Stamp ended;

    GracePeriod(Task updater, List<Task> readers, Stamp ended) {
      this.updater = updater;
      this.awaited = new HashSet<>(readers);
      this.ended = ended;
    }

    /// Notes that `reader` has left; returns whether nobody is left to wait for.
    boolean endsWith(Task reader, Stamp left) {
      if (!awaited.remove(reader)) {
        return false;
      }
      ended = ended.join(left);
      return awaited.isEmpty();
    }

    @Override
    public void describe(StateHash into) {
      into.add(updater);
      into.addSet(awaited);
    }
  }

  /// Declares an SRCU domain; {@link #init} comes next.
  public SrcuStruct(String name) {
    super(name);
    depMap = new LockdepMap(name, SrcuStruct.class, false);
    readersEnded = engine.nothing();
    gracePeriodBegan = readersEnded;
  }

  /// Declares and initialises an SRCU domain without readers.
  public static SrcuStruct define(String name) {
    SrcuStruct srcu = new SrcuStruct(name);
    srcu.init();
    return srcu;
  }

  /// Makes {@link #init} fail with `error`, a negative error number. For tests of error paths, as
  /// the kernel's fault injection.
  public void failInit(int error) {
    initError = error;
  }

  /// Initialises the domain: it has no readers. May sleep.
  ///
  /// @return 0 or a negative error number
  public int init() {
    Sched.mightSleep("init_srcu_struct");
    if (initError == 0) {
      perform(Event.INIT, 0);
    }
    return initError;
  }

  /// Frees what {@link #init} allocated. Nobody is in a read section, and nobody will be.
  public void cleanup() {
    Sched.mightSleep("cleanup_srcu_struct");
    perform(Event.CLEANUP, 0);
  }

  /// Returns whether the domain has been initialised and not cleaned up. For invariants and
  /// reports.
  public boolean initialised() {
    return initialised;
  }

  /// Opens a read section; returns the index to close it with. Sections nest; never waits.
  public int readLock() {
    return (int) perform(Event.READ_LOCK, 0);
  }

  /// Closes the read section that {@link #readLock} opened and gave `index` for.
  public void readUnlock(int index) {
    perform(Event.READ_UNLOCK, index);
  }

  /// Waits until every read section that is open now has been closed. A full barrier.
  public void synchronize() {
    Sched.mightSleep("synchronize_srcu");
    Barriers.smpMb();
    perform(Event.SYNCHRONIZE, 0);
    Barriers.smpMb();
  }

  /// Returns whether the calling task is in a read section.
  public boolean readLockHeld() {
    Task task = engine.task();
    return task.id() < 0 || ask(() -> readers.contains(task));
  }

  @Override
  public boolean commutes(Kind one, Kind other) {
    if (ofTheDomain(one) || ofTheDomain(other)) {
      return false;
    }
    // A grace period takes a picture of its readers, so only the arrival of one matters to it:
    // a reader that leaves first is not in the picture, one that leaves later ends the wait.
    return one == other
        || !(one == Event.SYNCHRONIZE && other == Event.READ_LOCK
            || one == Event.READ_LOCK && other == Event.SYNCHRONIZE);
  }

  private static boolean ofTheDomain(Kind kind) {
    return kind == Event.INIT || kind == Event.CLEANUP;
  }

  @Override
  public void execute(Task task) {
    if (initialised == (task.kind() == Event.INIT)) {
      outOfLife(task);
    }
    switch ((Event) task.kind()) {
      // Neither orders anything: a task that may use the domain has heard of it in another way.
      case INIT -> initialised = true;
      case CLEANUP -> {
        if (!readers.isEmpty() || !gracePeriods.isEmpty()) {
          engine.fail(
              SrcuReport.life(
                  SanitizerRule.ALIVE,
                  task,
                  name(),
                  "cleanup_srcu_struct is called when the last read section has been closed",
                  "somebody is still in one"));
        }
        initialised = false;
        cleanedUp = true;
      }
      case READ_LOCK -> {
        TaskStruct struct = TaskStruct.of(task);
        // Never waited for, and still in the order: what a reader takes inside, and an updater
        // holds while it waits for readers, is a deadlock.
        struct.requested(task, depMap, HeldLocks.RECURSIVE, task.kind());
        struct.acquired(task, depMap, HeldLocks.RECURSIVE);
        readers.add(task);
        // The index is the nesting depth: enough to find sections closed in the wrong order.
        task.result(depth(task) - 1);
        observe(task, gracePeriodBegan);
      }
      case READ_UNLOCK -> {
        if (depth(task) == 0) {
          misuse(
              task,
              "a read section is closed by the task that opened it",
              task + " closes one of " + name() + " and is in none");
        }
        if (depth(task) - 1 != task.argument()) {
          misuse(
              task,
              "srcu_read_unlock gets the index that srcu_read_lock returned",
              task + " passes " + task.argument() + " in " + depth(task) + " open section(s)");
        }
        readers.remove(task);
        Stamp left = publish(task);
        readersEnded = readersEnded.join(left);
        TaskStruct.of(task).released(depMap);
        if (depth(task) == 0) {
          left(task, left);
        }
      }
      case SYNCHRONIZE -> {
        if (readers.contains(task)) {
          misuse(
              task,
              "synchronize_srcu is never called inside a read section of the same domain",
              task + " would wait for itself");
        }
        TaskStruct.of(task).requested(task, depMap, HeldLocks.EXCLUSIVE, task.kind());
        gracePeriodBegan = gracePeriodBegan.join(publish(task));
        if (readers.isEmpty()) {
          observe(task, readersEnded);
        } else {
          gracePeriods.add(new GracePeriod(task, readers, readersEnded));
          block(task);
        }
      }
    }
  }

  /// Reports that `task` initialises the domain a second time, or uses it before or after its life.
  private void outOfLife(Task task) {
    String call = task + " calls " + spelling(task);
    if (initialised) {
      engine.fail(
          SrcuReport.life(
              SanitizerRule.INITIALISED,
              task,
              name(),
              name() + " is initialised once",
              call + " again"));
    } else if (cleanedUp) {
      engine.fail(
          SrcuReport.life(
              SanitizerRule.ALIVE,
              task,
              name(),
              name() + " is not used after its life",
              call + " afterwards"));
    } else {
      engine.fail(
          SrcuReport.life(
              SanitizerRule.INITIALISED,
              task,
              name(),
              name() + " is initialised before its first use",
              call + " before any initialisation"));
    }
  }

  @Override
  public void describe(StateHash into) {
    into.add(initialised);
    into.addSet(readers);
    into.addSet(gracePeriods);
  }

  private int depth(Task task) {
    int depth = 0;
    for (Task reader : readers) {
      if (reader == task) {
        depth++;
      }
    }
    return depth;
  }

  private void left(Task reader, Stamp left) {
    gracePeriods.removeIf(period -> {
      if (!period.endsWith(reader, left)) {
        return false;
      }
      observe(period.updater, period.ended);
      grant(period.updater);
      return true;
    });
  }

  private void misuse(Task task, String rule, String seen) {
    engine.fail(SrcuReport.misuse(task, name(), rule, seen));
  }

  @Override
  public Wait waiting(Task waiter) {
    List<Task> awaited =
        gracePeriods.stream()
            .filter(period -> period.updater == waiter)
            .flatMap(period -> readers.stream().filter(period.awaited::contains).distinct())
            .toList();
    String names = awaited.stream().map(Task::name).collect(Collectors.joining(", "));
    return new Wait(
        "stalled grace period",
        SanitizerRule.GRACE_PERIOD.id(),
        "which waits for the read section of " + names,
        awaited);
  }
}
