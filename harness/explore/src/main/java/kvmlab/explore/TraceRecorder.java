// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import kvmlab.machine.Location;
import kvmlab.machine.ObjectState;
import kvmlab.machine.SharedObject;
import kvmlab.machine.Trace;
import kvmlab.machine.TraceEvent;
import org.jspecify.annotations.Nullable;

/// Writes down what the tasks of one execution do, and how things stand after each line.
///
/// A call, and that a lock has been handed over, are written down together with the next thing that
/// the task does: it may not be its turn yet, and to a reader that would look like a turn of its
/// own.
final class TraceRecorder {
  private final Predicate<String> watched;
  private final List<TraceEvent> lines = new ArrayList<>();
  private final boolean everything;
  private final List<TraceEvent> held = new ArrayList<>();
  private final Map<Integer, @Nullable String> places = new HashMap<>();
  private final Standing standing = new Standing();
  private List<ObjectState> initial = List.of();

  /// @param watched tells by its name whether a class is of the code whose lines are wanted
  TraceRecorder(Predicate<String> watched) {
    this(watched, false);
  }

  private TraceRecorder(Predicate<String> watched, boolean everything) {
    this.watched = watched;
    this.everything = everything;
  }

  /// Returns a recorder that writes down what no reader wants to see, too, but no lines.
  static TraceRecorder ofEverything() {
    return new TraceRecorder(type -> false, true);
  }

  /// Looks at the state before the first event.
  void begin(ExploredTask[] tasks) {
    initial = standing.changes(tasks);
  }

  /// Adds a location whose state is shown.
  void created(ExploredLocation location) {
    standing.add(location);
  }

  /// Adds a line that is no event.
  void line(
      ExploredTask task,
      TraceEvent.Kind kind,
      String text,
      @Nullable SharedObject object,
      @Nullable String value,
      ExploredTask[] tasks) {
    line(task, kind, text, object, value, false, tasks);
  }

  private void line(
      ExploredTask task,
      TraceEvent.Kind kind,
      String text,
      @Nullable SharedObject object,
      @Nullable String value,
      boolean stale,
      ExploredTask[] tasks) {
    if (object != null && object.quiet() && !everything) {
      return;
    }
    if (kind == TraceEvent.Kind.RETURN) {
      task.depth--;
    }
    String name = object == null ? null : object.name();
    String place = place();
    places.put(task.id(), place);
    if (kind == TraceEvent.Kind.CALL) {
      held.add(
          new TraceEvent(
              task.id(), kind, task.depth++, text, name, value, stale, place, List.of()));
      return;
    }
    release(task.id());
    lines.add(
        new TraceEvent(
            task.id(), kind, task.depth, text, name, value, stale, place, standing.changes(tasks)));
  }

  private void release(int task) {
    for (TraceEvent line : held) {
      if (line.task() == task) {
        lines.add(line);
      }
    }
    held.removeIf(line -> line.task() == task);
  }

  /// Adds the event that `task` has just performed.
  void performed(ExploredTask task, ExploredTask[] tasks) {
    SharedObject object = task.pending();
    String text = object.spelling(task);
    if (object instanceof Location) {
      Location.Access access = (Location.Access) task.kind();
      Object value = access.reads() ? task.value : task.operand;
      TraceEvent.Kind kind = access.writes() ? TraceEvent.Kind.WRITE : TraceEvent.Kind.READ;
      boolean stale = access.reads() && task.stale;
      line(task, kind, text, object, String.valueOf(value), stale, tasks);
    } else if (object instanceof FullFence) {
      line(task, TraceEvent.Kind.FENCE, text, null, null, tasks);
    } else {
      boolean waits = task.status == ExploredTask.Status.BLOCKED;
      String effect = waits ? "waits" : object.effect(task);
      standing.became(object, task.id(), effect);
      line(task, TraceEvent.Kind.SYNC, text, object, effect, tasks);
    }
  }

  /// Adds that `task`, which had waited, got what it waited for.
  void granted(ExploredTask task) {
    SharedObject object = task.pending();
    if (object.quiet() && !everything) {
      return;
    }
    standing.granted(object, task);
    held.add(
        new TraceEvent(
            task.id(),
            TraceEvent.Kind.SYNC,
            task.depth,
            object.spelling(task),
            object.name(),
            "granted",
            false,
            places.get(task.id()),
            List.of()));
  }

  /// Returns the innermost line of the watched code on the stack.
  private @Nullable String place() {
    return StackWalker.getInstance()
        .walk(frames ->
            frames
                .filter(frame -> frame.getLineNumber() > 0 && watched.test(frame.getClassName()))
                .map(TraceRecorder::place)
                .findFirst()
                .orElse(null));
  }

  private static String place(StackWalker.StackFrame frame) {
    String type = frame.getClassName();
    String folder = type.substring(0, type.lastIndexOf('.') + 1).replace('.', '/');
    return folder + frame.getFileName() + ":" + frame.getLineNumber();
  }

  /// @param culprit the task that went wrong, or -1: the calls that it was in belong to the story
  Trace trace(List<String> tasks, int culprit) {
    release(culprit);
    Set<String> named =
        lines.stream().map(TraceEvent::object).filter(Objects::nonNull).collect(Collectors.toSet());
    List<ObjectState> before =
        initial.stream().filter(state -> named.contains(state.object())).toList();
    return new Trace(tasks, before, lines);
  }
}
