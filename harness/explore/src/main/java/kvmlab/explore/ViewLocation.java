// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kvmlab.machine.Location;
import kvmlab.machine.StateHash;
import kvmlab.machine.Task;
import org.jspecify.annotations.Nullable;

/// A location under the kernel's memory model: keeps every write, and a read may return any that
/// the reader's views allow.
///
/// The views are explained in {@link Knowledge}.
///
/// Equal to `linux-kernel.cat` on marked accesses, barriers, updates and locks, with one addition:
/// a read is ordered before every later write of the same task. It can hide load buffering; it
/// raises no false alarm but one in 20,000 generated programs. Dependencies are not tracked.
///
/// @source tools/memory-model/linux-kernel.cat
final class ViewLocation extends ExploredLocation {
  /// The alternative of an attempt that reads nothing yet; no message has this key.
  private static final int LEAVE_TO_UPDATE = -1;

  final int index;
  final ArrayList<Message> order = new ArrayList<>(4);

  /// The alternatives of the event that is being performed: messages and their keys.
  private Message[] readable = Views.NONE;

  private int[] keys = Clock.ZERO;

  ViewLocation(Execution execution, String name, int index, Object initial) {
    super(execution, name);
    this.index = index;
    order.add(new Message(this, initial, -1, index));
  }

  @Override
  public Object latest() {
    return order.getLast().value;
  }

  @Override
  boolean remembers() {
    return true;
  }

  @Override
  List<Object> older(ExploredTask task) {
    int from = Views.position(task.knowledge().current, index);
    return order.subList(from, order.size() - 1).stream()
        .map(message -> message.value)
        .filter(value -> !value.equals(latest()))
        .toList();
  }

  @Override
  void store(ExploredTask task, Object value) {
    if (task.id() < 0) {
      // Before the tasks run there is one value only, and when they have ended only the newest
      // one counts.
      Message message = new Message(this, value, -1, index);
      message.position = order.size() - 1;
      order.set(message.position, message);
      return;
    }
    Message message = insert(task, order.size(), value);
    Knowledge knows = task.knowledge();
    message.view = knows.released;
    message.clock = task.before;
    knows.wrote(message);
    knows.own = Views.with(knows.own, message);
  }

  @Override
  public void describe(StateHash into) {
    throw new UnsupportedOperationException("the state of a memory that keeps older values");
  }

  private Message insert(ExploredTask task, int at, Object value) {
    Message message = new Message(this, value, task.id(), ++task.knowledge().writes);
    order.add(at, message);
    for (int i = at; i < order.size(); i++) {
      order.get(i).position = i;
    }
    return message;
  }

  /// Returns whether the pending event of `task` has an alternative that is not among `asleep`.
  boolean awake(ExploredTask task, int[] asleep) {
    int count = alternatives(task);
    for (int i = 0; i < count; i++) {
      if (!Message.contains(asleep, keys[i])) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean enabled(Task task) {
    return task.argument() == 0 || task.id() < 0 || alternatives(task(task)) > 0;
  }

  @Override
  boolean changedSince(long version, @Nullable Message message) {
    return message != null && message.position + 1 < order.size();
  }

  /// Collects the messages that the pending event may read, or be placed after, newest first: so
  /// the first execution explored is the one that memory without tricks would give.
  private int alternatives(ExploredTask task) {
    Location.Access access = (Location.Access) task.kind();
    Knowledge knows = task.knowledge();
    int reads = Views.position(knows.current, index);
    if (task.argument() != 0 && task.spin.awaits(this)) {
      Message seen = task.spin.awaitedMessage();
      reads = seen == null ? reads : Math.max(reads, seen.position + 1);
    }
    int writes = Views.position(knows.observed, index);
    if (readable.length <= order.size()) {
      readable = new Message[order.size() + 4];
      keys = new int[order.size() + 4];
    }
    int count = 0;
    boolean attempt = access == Access.ATTEMPT;
    if (attempt && apply(task, latest()) != UNCHANGED) {
      keys[count++] = LEAVE_TO_UPDATE;
    }
    for (int i = order.size() - 1; i >= (access.reads() ? reads : writes); i--) {
      Message message = order.get(i);
      boolean possible =
          switch (access) {
            case READ -> true;
            case AWAIT -> holds(task, message.value);
            case WRITE -> !message.taken;
            case ATTEMPT -> apply(task, message.value) == UNCHANGED;
            case UPDATE -> apply(task, message.value) == UNCHANGED || i >= writes && !message.taken;
          };
      if (possible) {
        readable[count] = message;
        keys[count++] = message.key;
      }
    }
    if (attempt && apply(task, latest()) == UNCHANGED) {
      keys[count++] = LEAVE_TO_UPDATE;
    }
    return count;
  }

  @Override
  public void execute(Task performer) {
    ExploredTask task = task(performer);
    Location.Access access = (Location.Access) task.kind();
    if (task.id() < 0) {
      executeAlone(task, access);
      return;
    }
    int count = alternatives(task);
    int[] offered = Arrays.copyOf(keys, count);
    int chosen = execution.choose(task, count, offered);
    if (offered[chosen] == LEAVE_TO_UPDATE) {
      execution.commit(task, null, false);
      task.value = UNCHANGED;
      return;
    }
    Message source = readable[chosen];
    task.stale = source != order.getLast();
    Object after = access == Access.UPDATE ? apply(task, source.value) : task.operand;
    boolean stores = access.writes() && after != UNCHANGED;
    execution.commit(task, access.reads() ? source : null, stores);
    if (access.reads()) {
      // An update that stores nothing orders nothing.
      readFrom(task, source, task.order.acquires() && after != UNCHANGED);
    }
    if (stores) {
      task.spin.acted();
      writeAfter(task, source, access, after);
    } else if (access != Access.AWAIT) {
      task.spin.looked(this, 0, source);
    }
  }

  private void executeAlone(ExploredTask task, Location.Access access) {
    Object before = latest();
    task.value = before;
    if (access.writes()) {
      Object after = access == Access.UPDATE ? apply(task, before) : task.operand;
      if (after != UNCHANGED) {
        store(task, after);
      }
    }
  }

  private void readFrom(ExploredTask task, Message source, boolean acquires) {
    if (!task.byHardware) {
      races.markedRead(execution, task);
    }
    task.value = source.value;
    Knowledge knows = task.knowledge();
    knows.read(source);
    // A task learns nothing from its own writes.
    if (source.writer != task.id()) {
      knows.learn(source, acquires);
      if (acquires) {
        task.synced = Clock.join(task.synced, source.synced);
      }
    }
  }

  private void writeAfter(ExploredTask task, Message source, Location.Access access, Object value) {
    if (!task.byHardware) {
      races.markedWrite(execution, task, value);
    }
    Message message = insert(task, source.position + 1, value);
    if (access == Access.UPDATE) {
      source.taken = true;
    }
    Knowledge knows = task.knowledge();
    knows.wrote(message);
    Message[] view = Views.with(task.order.releases() ? knows.observed : knows.released, message);
    if (access == Access.UPDATE) {
      view = Views.join(view, source.view);
      message.synced = source.synced;
    }
    message.view = view;
    message.global = knows.global;
    knows.own = Views.join(knows.own, view);
    message.clock = execution.eventClock();
    message.event = execution.eventDepth();
    if (task.order.releases()) {
      message.synced = Clock.join(task.synced, message.synced);
      task.synced = Clock.next(task.synced, task.id(), task.synced.length);
    }
  }
}
