// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import kvmlab.machine.Kind;
import kvmlab.machine.Stamp;
import kvmlab.machine.StateHash;
import kvmlab.machine.Task;
import kvmlab.machine.Wait;
import org.jspecify.annotations.Nullable;

/// A reader-writer lock that is fair to writers: a reader queues behind a waiting writer; a release
/// lets the first writer in, or all readers up to the next writer.
///
/// Fairness is what makes a nested read lock dangerous: the inner one queues behind the writer that
/// waits for the outer one.
abstract class FairRwLock extends Lock {
  // Why hand-off in the order of the requests loses no behaviour: as in ExclusiveLock; a request
  // that
  // waits is seen by nobody but later requests, and may as well come later. So it makes no
  // difference that Linux lets other readers of the queue in with the first one.
  //
  // Which events commute. A release commutes with a request: whoever is next, and what it has seen,
  // is the same. Requests to read commute with each other and with the release of a reader, since
  // neighbouring readers are let in together. What decides who comes first, a reader or a writer,
  // or who finds the lock free, does not commute.
  //
  // A reader that barges commutes with less: it passes every writer that waits, so it matters to it
  // when one stops waiting, which is at any release.

  private final List<Task> readers = new ArrayList<>(4);
  private final ArrayDeque<Task> queue = new ArrayDeque<>(4);
  private @Nullable Task writer;

  /// How often the lock is held for reading by nobody in particular.
  private int nonOwners;

  /// Readers that wait for the writer that holds the lock, and for no other.
  private final List<Task> barging = new ArrayList<>(1);

  private Stamp writerReleased;
  private Stamp readersReleased;

  private final Events events;

  /// What an event does. The first seven are common to all classes, in this order.
  enum Step {
    INIT,
    READ,
    WRITE,
    TRY_READ,
    TRY_WRITE,
    READ_DONE,
    WRITE_DONE,
    /// Takes the lock for reading before every writer that only waits.
    BARGE,
    DOWNGRADE,
    /// Takes the lock for reading on behalf of whoever will release it.
    READ_NON_OWNER,
    READ_NON_OWNER_DONE
  }

  private record Event(Step step, String word) implements Kind {}

  /// The kinds of event of one class of lock, under the kernel's words for them.
  static final class Events {
    private final Event[] events;

    /// @param words in this order: initialise; take for reading, for writing; try to take for
    ///   reading, for writing; release from reading, from writing
    Events(String... words) {
      events = new Event[Step.values().length];
      for (int i = 0; i < words.length; i++) {
        with(Step.values()[i], words[i]);
      }
    }

    /// Adds what only this class of lock can do. Returns this.
    Events with(Step step, String word) {
      events[step.ordinal()] = new Event(step, word);
      return this;
    }

    private Event of(Step step) {
      return events[step.ordinal()];
    }
  }

  FairRwLock(String name, boolean sleeping, Events events) {
    super(name, sleeping);
    this.events = events;
    writerReleased = engine.nothing();
    readersReleased = writerReleased;
  }

  final boolean tryForReading() {
    return perform(events.of(Step.TRY_READ), 0) != 0;
  }

  final void releaseFromReading() {
    perform(events.of(Step.READ_DONE), 0);
  }

  final void takeForWriting(int subclass) {
    mayWait();
    perform(events.of(Step.WRITE), subclass);
  }

  final boolean tryForWriting() {
    return perform(events.of(Step.TRY_WRITE), 0) != 0;
  }

  final void releaseFromWriting() {
    perform(events.of(Step.WRITE_DONE), 0);
  }

  /// Performs what only some classes can do, or not in the same way.
  final void perform(Step step) {
    perform(step, 0);
  }

  final void perform(Step step, int subclass) {
    perform(events.of(step), subclass);
  }

  @Override
  final Kind initKind() {
    return events.of(Step.INIT);
  }

  private static Step step(Kind kind) {
    return ((Event) kind).step();
  }

  @Override
  public final boolean commutes(Kind one, Kind other) {
    return commute(step(one), step(other)) && commute(step(other), step(one));
  }

  private static boolean commute(Step a, Step b) {
    return switch (a) {
      case INIT -> false;
      // A downgrade leaves no gap in which an attempt to write could succeed.
      case TRY_WRITE -> b == Step.DOWNGRADE;
      case READ, READ_NON_OWNER -> b != Step.WRITE;
      case WRITE -> b != Step.WRITE && b != Step.TRY_READ && b != Step.BARGE;
      case TRY_READ -> b != Step.WRITE_DONE && b != Step.DOWNGRADE;
      case BARGE -> b != Step.READ_DONE && b != Step.WRITE_DONE;
      // Whether there is something to release, and for whom nothing is left.
      case READ_NON_OWNER_DONE ->
          b != Step.READ_NON_OWNER
              && b != Step.READ_NON_OWNER_DONE
              && b != Step.WRITE_DONE
              && b != Step.DOWNGRADE;
      case READ_DONE, WRITE_DONE, DOWNGRADE -> true;
    };
  }

  @Override
  public final void execute(Task task) {
    if (initialises(task)) {
      return;
    }
    boolean contended = writer != null || !queue.isEmpty();
    switch (step(task.kind())) {
      case READ -> {
        // A reader queues behind a writer, so to lockdep it waits for readers, too.
        requested(task, HeldLocks.SHARED);
        readOrWait(task, contended);
      }
      case READ_NON_OWNER -> readOrWait(task, contended);
      case BARGE -> {
        requested(task, HeldLocks.RECURSIVE);
        if (writer != null) {
          waitIn(barging, task);
        } else {
          read(task);
        }
      }
      case WRITE -> {
        requested(task, HeldLocks.EXCLUSIVE);
        if (contended || held()) {
          waitIn(queue, task);
        } else {
          write(task);
        }
      }
      case TRY_READ -> {
        if (!contended) {
          read(task);
          task.result(1);
        }
      }
      case TRY_WRITE -> {
        if (!contended && !held()) {
          write(task);
          task.result(1);
        }
      }
      case READ_DONE -> {
        if (!readers.remove(task)) {
          notHeld(task, name() + " is released by a reader", task + " does not hold it");
        }
        released(task);
        readersReleased = readersReleased.join(publishUnlock(task));
        admit();
      }
      case READ_NON_OWNER_DONE -> {
        if (nonOwners == 0) {
          misuse(
              SanitizerRule.OWNED,
              name() + " is released for a reader that is no owner",
              task + " releases it, held by no such reader");
        }
        nonOwners--;
        readersReleased = readersReleased.join(publishUnlock(task));
        admit();
      }
      case WRITE_DONE -> {
        releaseWriter(task);
        released(task);
        admit();
      }
      case DOWNGRADE -> {
        releaseWriter(task);
        downgraded(task);
        readers.add(task);
        admit();
      }
      case INIT -> throw new AssertionError();
    }
  }

  private void readOrWait(Task task, boolean contended) {
    if (contended) {
      waitIn(queue, task);
    } else {
      read(task);
    }
  }

  private boolean held() {
    return nonOwners > 0 || !readers.isEmpty();
  }

  private void waitIn(Collection<Task> waiting, Task task) {
    if (writer == task) {
      misuse(
          SanitizerRule.OWNED,
          task + " takes " + name() + " once",
          task + " waits for itself as writer");
    }
    waiting.add(task);
    block(task);
  }

  private void releaseWriter(Task task) {
    if (writer != task) {
      notHeld(task, name() + " is released by its writer", task + " does not hold it for writing");
    }
    writer = null;
    writerReleased = publishUnlock(task);
  }

  private void admit() {
    if (writer != null) {
      return;
    }
    for (Task next : barging) {
      read(next);
      grant(next);
    }
    barging.clear();
    Task first = queue.peek();
    if (first != null && step(first.kind()) == Step.WRITE) {
      if (!held()) {
        queue.remove();
        write(first);
        grant(first);
      }
      return;
    }
    for (Iterator<Task> waiting = queue.iterator(); waiting.hasNext(); ) {
      Task next = waiting.next();
      if (step(next.kind()) == Step.WRITE) {
        return;
      }
      waiting.remove();
      read(next);
      grant(next);
    }
  }

  @Override
  final void describeHolders(StateHash into) {
    into.add(writer);
    into.addSet(readers);
    into.add(nonOwners);
    into.addSet(barging);
    // Readers between two writers are let in together: their order does not matter.
    into.add(queue.size());
    List<Task> together = new ArrayList<>(queue.size());
    for (Task waiting : queue) {
      if (step(waiting.kind()) == Step.WRITE) {
        into.addSet(together);
        into.add(waiting);
        together.clear();
      } else {
        together.add(waiting);
      }
    }
    into.addSet(together);
  }

  private void read(Task task) {
    switch (step(task.kind())) {
      case READ_NON_OWNER -> nonOwners++;
      case BARGE -> {
        readers.add(task);
        acquired(task, HeldLocks.RECURSIVE);
      }
      default -> {
        readers.add(task);
        acquired(task, HeldLocks.SHARED);
      }
    }
    observeLock(task, writerReleased);
  }

  private void write(Task task) {
    writer = task;
    acquired(task, HeldLocks.EXCLUSIVE);
    observeLock(task, writerReleased.join(readersReleased));
  }

  @Override
  public final String effect(Task task) {
    return switch (step(task.kind())) {
      case READ, READ_NON_OWNER, BARGE, WRITE, DOWNGRADE -> "acquired";
      case TRY_READ, TRY_WRITE -> heldForReading(task) ? "acquired" : "busy";
      case INIT, READ_DONE, READ_NON_OWNER_DONE, WRITE_DONE -> "released";
    };
  }

  @Override
  final boolean heldForReading(Task task) {
    return writer == task || ask(() -> readers.contains(task));
  }

  @Override
  final boolean heldForWriting(Task task) {
    return writer == task;
  }

  @Override
  final void reset(Task task) {
    writerReleased = publish(task);
    readersReleased = writerReleased;
    writer = null;
    readers.clear();
    nonOwners = 0;
    barging.clear();
    queue.clear();
  }

  @Override
  final List<Task> blockers(Task waiter) {
    // A reader waits for no reader: only for the writers that are ahead of it.
    boolean writes = step(waiter.kind()) == Step.WRITE;
    List<Task> before = new ArrayList<>(writes ? readers : List.of());
    if (writer != null) {
      before.add(writer);
    }
    if (queue.contains(waiter)) {
      for (Iterator<Task> ahead = queue.iterator(); ahead.hasNext(); ) {
        Task next = ahead.next();
        if (next == waiter) {
          break;
        }
        if (writes || step(next.kind()) == Step.WRITE) {
          before.add(next);
        }
      }
    }
    return before;
  }

  @Override
  public final Wait waiting(Task waiter) {
    boolean behind = writer == null && step(waiter.kind()) != Step.WRITE;
    String name = behind ? "reader behind a queued writer" : null;
    return new Wait(
        name, behind ? SanitizerRule.LOCK_ORDER.id() : null, holders(), blockers(waiter));
  }

  @Override
  final String holders() {
    List<Task> all = new ArrayList<>(barging);
    all.addAll(queue);
    String waiting = all.isEmpty() ? "" : ", waited for by " + names(all);
    if (writer != null) {
      return "held for writing by " + writer + waiting;
    }
    if (!held()) {
      return "";
    }
    String others = nonOwners == 0 ? "" : nonOwners + " without an owner";
    String both = readers.isEmpty() || others.isEmpty() ? "" : " and ";
    return "held for reading by " + names(readers) + both + others + waiting;
  }

  private static String names(List<Task> tasks) {
    return String.join(", ", tasks.stream().map(Task::name).toList());
  }
}
