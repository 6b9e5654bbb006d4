// SPDX-License-Identifier: MIT
package kvmlab.kernel.memory;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import kvmlab.kernel.memory.Event.Tag;
import kvmlab.kernel.memory.Event.Type;
import kvmlab.machine.Order;

/// The events of a program and what its text alone says about them: program order, which read and
/// write are one atomic operation, which events are critical sections.
///
/// Whether a `cmpxchg` stores depends on what it reads, and with it the events; so a program has
/// one structure for each combination of successes.
final class EventStructure {
  /// The location number of the SRCU domain.
  static final int SRCU = LitmusProgram.CELLS + LitmusProgram.LOCKS;

  /// What a `cmpxchg` must, or must not, read for its events to be these.
  record Condition(int read, int expected, boolean stores) {}

  /// The events of one critical section of a spinlock.
  record Section(int lkr, int lkw, int ul) {}

  final List<Event> events = new ArrayList<>();
  final List<Condition> conditions = new ArrayList<>();

  /// For each register, the read that sets it.
  final List<Integer> registers = new ArrayList<>();

  private final List<int[]> rmwPairs = new ArrayList<>();
  private final List<int[]> srcuPairs = new ArrayList<>();
  private final List<List<Section>> sections = new ArrayList<>();

  final Relation po;
  final Relation rmw;
  final Relation srcuRscs;
  final Relation loc;
  final Relation poLoc;

  /// `int`: both events of one task. `ext`: not so.
  final Relation internal;

  final Relation external;

  /// @param successes which `cmpxchg` stores: bit i for the i-th of the program
  EventStructure(LitmusProgram program, int successes) {
    for (int cell = 0; cell < SRCU; cell++) {
      add(-1, Type.WRITE, cell, 0);
    }
    for (int lock = 0; lock < LitmusProgram.LOCKS; lock++) {
      sections.add(new ArrayList<>());
    }
    int conditional = 0;
    for (int task = 0; task < program.tasks().size(); task++) {
      int[] locked = new int[LitmusProgram.LOCKS];
      int opened = -1;
      for (Instruction instruction : program.tasks().get(task)) {
        if (instruction.returnsValue()) {
          registers.add(events.size());
        }
        switch (instruction) {
          case Instruction.Read read -> read(task, read.cell(), read.order());
          case Instruction.Write write ->
              add(task, Type.WRITE, write.cell(), write.value(), releasing(write.order()));
          case Instruction.Exchange exchange -> {
            int read = read(task, exchange.cell(), exchange.order());
            update(task, read, exchange.cell(), exchange.value(), exchange.order());
          }
          case Instruction.CompareExchange attempt -> {
            boolean stores = (successes >> conditional++ & 1) != 0;
            // A failed one is a READ_ONCE.
            Order order = stores ? attempt.order() : Order.RELAXED;
            int read = read(task, attempt.cell(), order);
            conditions.add(new Condition(read, attempt.expected(), stores));
            if (stores) {
              update(task, read, attempt.cell(), attempt.value(), order);
            }
          }
          case Instruction.Barrier barrier ->
              add(
                  task,
                  Type.FENCE,
                  -1,
                  0,
                  switch (barrier.fence()) {
                    case FULL -> Tag.MB;
                    case READ -> Tag.RMB;
                    case WRITE -> Tag.WMB;
                  });
          case Instruction.SpinLock lock -> {
            int location = LitmusProgram.CELLS + lock.lock();
            int lkr = add(task, Type.READ, location, 0, Tag.LKR, Tag.ACQUIRE);
            int lkw = add(task, Type.WRITE, location, 1, Tag.LKW);
            rmwPairs.add(new int[] {lkr, lkw});
            locked[lock.lock()] = lkr;
          }
          case Instruction.SpinUnlock unlock -> {
            int location = LitmusProgram.CELLS + unlock.lock();
            int ul = add(task, Type.WRITE, location, 0, Tag.UL, Tag.RELEASE);
            int lkr = locked[unlock.lock()];
            sections.get(unlock.lock()).add(new Section(lkr, lkr + 1, ul));
          }
          case Instruction.SrcuReadLock lock ->
              opened = add(task, Type.FENCE, SRCU, 0, Tag.SRCU_LOCK);
          case Instruction.SrcuReadUnlock unlock -> {
            int closed = add(task, Type.FENCE, SRCU, 0, Tag.SRCU_UNLOCK);
            srcuPairs.add(new int[] {opened, closed});
          }
          case Instruction.SynchronizeSrcu sync -> add(task, Type.FENCE, SRCU, 0, Tag.SYNC_SRCU);
        }
      }
    }
    po = pairs((a, b) -> a < b && event(a).task() >= 0 && event(a).task() == event(b).task());
    rmw = Relation.of(size(), rmwPairs);
    srcuRscs = Relation.of(size(), srcuPairs);
    loc = pairs((a, b) -> event(a).location() >= 0 && event(a).location() == event(b).location());
    poLoc = po.and(loc).from(memory()).to(memory());
    internal =
        pairs((a, b) -> a == b || event(a).task() >= 0 && event(a).task() == event(b).task());
    external = pairs((a, b) -> !internal.contains(a, b));
  }

  private int add(int task, Type type, int location, int value, Tag... tags) {
    Set<Tag> set = EnumSet.noneOf(Tag.class);
    set.addAll(List.of(tags));
    events.add(new Event(task, type, location, value, set));
    if (events.size() > Long.SIZE) {
      throw new IllegalArgumentException("more events than a row has bits");
    }
    return events.size() - 1;
  }

  private int read(int task, int cell, Order order) {
    return switch (order) {
      case RELAXED, RELEASE -> add(task, Type.READ, cell, 0);
      case ACQUIRE -> add(task, Type.READ, cell, 0, Tag.ACQUIRE);
      case FULL -> add(task, Type.READ, cell, 0, Tag.MB);
    };
  }

  private void update(int task, int read, int cell, int value, Order order) {
    Tag[] tags = order == Order.FULL ? new Tag[] {Tag.MB} : releasing(order);
    rmwPairs.add(new int[] {read, add(task, Type.WRITE, cell, value, tags)});
  }

  private static Tag[] releasing(Order order) {
    return order == Order.RELEASE ? new Tag[] {Tag.RELEASE} : new Tag[0];
  }

  private Relation pairs(Relation.Pairs pairs) {
    return Relation.of(size(), pairs);
  }

  Event event(int number) {
    return events.get(number);
  }

  int size() {
    return events.size();
  }

  /// Returns whether a read is the first half of an update; the write then follows at once.
  boolean updates(int read) {
    return read + 1 < size() && rmw.contains(read, read + 1);
  }

  /// Returns the critical sections of a spinlock.
  List<Section> sections(int lock) {
    return sections.get(lock);
  }

  boolean usesSrcu() {
    return set(Tag.SYNC_SRCU) != 0;
  }

  // ---- sets of events

  long set(Tag tag) {
    long set = 0;
    for (int i = 0; i < events.size(); i++) {
      if (event(i).is(tag)) {
        set |= 1L << i;
      }
    }
    return set;
  }

  long set(Type type) {
    long set = 0;
    for (int i = 0; i < events.size(); i++) {
      if (event(i).type() == type) {
        set |= 1L << i;
      }
    }
    return set;
  }

  long memory() {
    return set(Type.READ) | set(Type.WRITE);
  }
}
