// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.ArrayList;
import java.util.List;
import kvmlab.machine.Location;
import kvmlab.machine.SharedObject;
import kvmlab.machine.Trace;
import kvmlab.machine.TraceEvent;
import org.jspecify.annotations.Nullable;

/// Writes down what the tasks of one execution do.
///
/// A call is written down together with the first thing that happens in it: a task enters it before
/// it waits for its turn, and to a reader that would look like a turn of its own.
final class TraceRecorder {
  private final List<TraceEvent> lines = new ArrayList<>();
  private final List<TraceEvent> entered = new ArrayList<>();
  private final boolean everything;

  TraceRecorder() {
    this(false);
  }

  private TraceRecorder(boolean everything) {
    this.everything = everything;
  }

  /// Returns a recorder that writes down what no reader wants to see, too.
  static TraceRecorder ofEverything() {
    return new TraceRecorder(true);
  }

  void line(
      ExploredTask task,
      TraceEvent.Kind kind,
      String text,
      @Nullable SharedObject object,
      @Nullable String value) {
    line(task, kind, text, object, value, false);
  }

  private void line(
      ExploredTask task,
      TraceEvent.Kind kind,
      String text,
      @Nullable SharedObject object,
      @Nullable String value,
      boolean stale) {
    if (object != null && object.quiet() && !everything) {
      return;
    }
    if (kind == TraceEvent.Kind.RETURN) {
      task.depth--;
    }
    String name = object == null ? null : object.name();
    TraceEvent line = new TraceEvent(task.id(), kind, task.depth, text, name, value, stale);
    if (kind == TraceEvent.Kind.CALL) {
      task.depth++;
      entered.add(line);
      return;
    }
    for (TraceEvent call : entered) {
      if (call.task() == task.id()) {
        lines.add(call);
      }
    }
    entered.removeIf(call -> call.task() == task.id());
    lines.add(line);
  }

  /// Adds the event that `task` has just performed.
  void performed(ExploredTask task) {
    SharedObject object = task.pending();
    String text = object.spelling(task);
    if (object instanceof Location) {
      Location.Access access = (Location.Access) task.kind();
      Object value = access.reads() ? task.value : task.operand;
      if (value == Location.UNCHANGED) {
        // An attempt that leaves all to the update, which comes next.
        return;
      }
      TraceEvent.Kind kind = access.writes() ? TraceEvent.Kind.WRITE : TraceEvent.Kind.READ;
      line(task, kind, text, object, String.valueOf(value), access.reads() && task.stale);
    } else if (object instanceof FullFence) {
      line(task, TraceEvent.Kind.FENCE, text, null, null);
    } else {
      boolean waits = task.status == ExploredTask.Status.BLOCKED;
      line(task, TraceEvent.Kind.SYNC, text, object, waits ? "waits" : object.effect(task));
    }
  }

  /// Adds that `task`, which had waited, got what it waited for.
  void granted(ExploredTask task) {
    SharedObject object = task.pending();
    line(task, TraceEvent.Kind.SYNC, object.spelling(task), object, "granted");
  }

  Trace trace(List<String> tasks) {
    lines.addAll(entered);
    return new Trace(tasks, lines);
  }
}
