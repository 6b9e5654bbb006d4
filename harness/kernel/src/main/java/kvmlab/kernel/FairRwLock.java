// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import kvmlab.machine.Kind;
import kvmlab.machine.Stamp;
import kvmlab.machine.StateHash;
import kvmlab.machine.Task;
import org.jspecify.annotations.Nullable;

/// A reader-writer lock that is fair to writers: a reader queues behind a waiting writer; a release
/// lets the first writer in, or all readers up to the next writer.
///
/// Fairness is what makes a nested read lock dangerous: the inner one queues behind the writer that
/// waits for the outer one.
abstract class FairRwLock extends Lock {
  private final List<Task> readers = new ArrayList<>(4);
  private final ArrayDeque<Task> queue = new ArrayDeque<>(4);
  private @Nullable Task writer;
  private Stamp writerReleased;
  private Stamp readersReleased;

  private final Events events;

  private enum Step {
    INIT,
    READ,
    WRITE,
    TRY_READ,
    TRY_WRITE,
    READ_DONE,
    WRITE_DONE,
    DOWNGRADE
  }

  private record Event(Step step, String word) implements Kind {}

  /// The kinds of event of one class of lock, under the kernel's words for them.
  static final class Events {
    private final Event[] events;

    /// @param words in this order: initialise; take for reading, for writing; try to take for
    ///   reading, for writing; release from reading, from writing; turn a write lock into a read
    ///   lock, where the class can
    Events(String... words) {
      events = new Event[words.length];
      for (int i = 0; i < words.length; i++) {
        events[i] = new Event(Step.values()[i], words[i]);
      }
    }

    private Event of(Step step) {
      return events[step.ordinal()];
    }
  }

  FairRwLock(String name, Events events) {
    super(name);
    this.events = events;
    writerReleased = engine.nothing();
    readersReleased = writerReleased;
  }

  final void takeForReading() {
    mayWait();
    perform(events.of(Step.READ), 0);
  }

  final boolean tryForReading() {
    return perform(events.of(Step.TRY_READ), 0) != 0;
  }

  final void releaseFromReading() {
    perform(events.of(Step.READ_DONE), 0);
  }

  final void takeForWriting() {
    mayWait();
    perform(events.of(Step.WRITE), 0);
  }

  final boolean tryForWriting() {
    return perform(events.of(Step.TRY_WRITE), 0) != 0;
  }

  final void releaseFromWriting() {
    perform(events.of(Step.WRITE_DONE), 0);
  }

  final void downgrade() {
    perform(events.of(Step.DOWNGRADE), 0);
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
      case INIT, TRY_WRITE -> false;
      case WRITE -> b != Step.READ && b != Step.WRITE && b != Step.TRY_READ;
      case TRY_READ -> b != Step.WRITE_DONE && b != Step.DOWNGRADE;
      case READ, READ_DONE, WRITE_DONE, DOWNGRADE -> true;
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
        if (contended) {
          waitFor(task);
        } else {
          read(task);
        }
      }
      case WRITE -> {
        if (contended || !readers.isEmpty()) {
          waitFor(task);
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
        if (!contended && readers.isEmpty()) {
          write(task);
          task.result(1);
        }
      }
      case READ_DONE -> {
        if (!readers.remove(task)) {
          misuse("I26", name() + " is released by a reader", task + " does not hold it");
        }
        TaskStruct.of(task).released(this);
        readersReleased = readersReleased.join(publish(task));
        admit();
      }
      case WRITE_DONE -> {
        releaseWriter(task);
        TaskStruct.of(task).released(this);
        admit();
      }
      case DOWNGRADE -> {
        releaseWriter(task);
        readers.add(task);
        admit();
      }
      case INIT -> throw new AssertionError();
    }
  }

  private void waitFor(Task task) {
    if (writer == task) {
      misuse("I26", task + " takes " + name() + " once", task + " waits for itself as writer");
    }
    queue.add(task);
    block(task);
  }

  private void releaseWriter(Task task) {
    if (writer != task) {
      misuse("I26", name() + " is released by its writer", task + " does not hold it for writing");
    }
    writer = null;
    writerReleased = publish(task);
  }

  private void admit() {
    if (writer != null) {
      return;
    }
    Task first = queue.peek();
    if (first != null && step(first.kind()) == Step.WRITE) {
      if (readers.isEmpty()) {
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
    into.add(writerReleased);
    into.add(readersReleased);
  }

  private void read(Task task) {
    readers.add(task);
    TaskStruct.of(task).acquired(this);
    observe(task, writerReleased);
  }

  private void write(Task task) {
    writer = task;
    TaskStruct.of(task).acquired(this);
    observe(task, writerReleased.join(readersReleased));
  }

  @Override
  public final String effect(Task task) {
    if (heldForReading(task)) {
      return "acquired";
    }
    Step step = step(task.kind());
    return step == Step.TRY_READ || step == Step.TRY_WRITE ? "busy" : "released";
  }

  @Override
  final boolean heldForReading(Task task) {
    return writer == task || readers.contains(task);
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
    queue.clear();
  }

  @Override
  final String holders() {
    String waiting = queue.isEmpty() ? "" : ", waited for by " + names(List.copyOf(queue));
    if (writer != null) {
      return "held for writing by " + writer + waiting;
    }
    return readers.isEmpty() ? "" : "held for reading by " + names(readers) + waiting;
  }

  private static String names(List<Task> tasks) {
    return String.join(", ", tasks.stream().map(Task::name).toList());
  }
}
