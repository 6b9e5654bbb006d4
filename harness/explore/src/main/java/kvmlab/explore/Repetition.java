// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import kvmlab.machine.Task;
import kvmlab.machine.Trace;
import kvmlab.machine.TraceEvent;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// Runs a program twice under each of several schedules, and compares what it does line by line:
/// events, plain accesses, calls, notes, and the verdict.
///
/// What an object without `toString` of its own is printed as counts for equal: its hash code tells
/// nothing of what the program does.
final class Repetition {
  private static final Pattern IDENTITY = Pattern.compile("@[0-9a-f]{1,8}\\b");

  private record Recording(Trace trace, @Nullable Violation violation, Schedule schedule) {}

  private final Supplier<Runner> runners;

  /// @param runners each runs the program as if nobody had run it before
  Repetition(Supplier<Runner> runners) {
    this.runners = runners;
  }

  /// Returns the first difference under the usual schedule and `schedules` - 1 random ones, or null
  /// if there is none.
  @Nullable Divergence find(int schedules) {
    for (int i = 0; i < schedules; i++) {
      Recording first = record(i == 0 ? new Replay(Schedule.DEFAULT) : random(i));
      Divergence found = compare(first, record(new Replay(first.schedule())));
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static Strategy random(int seed) {
    RandomStrategy strategy = Sampling.pos().strategy();
    strategy.seed(seed, 1);
    return strategy;
  }

  private Recording record(Strategy strategy) {
    TraceRecorder recorder = TraceRecorder.ofEverything();
    Execution execution = runners.get().run(strategy, recorder);
    List<String> tasks = Arrays.stream(execution.tasks()).map(Task::name).toList();
    return new Recording(
        recorder.trace(tasks, execution.culprit()), execution.violation(), execution.schedule());
  }

  private static @Nullable Divergence compare(Recording one, Recording two) {
    List<TraceEvent> lines = one.trace().events();
    List<TraceEvent> others = two.trace().events();
    Map<Integer, Deque<String>> calls = new HashMap<>();
    int step = 1;
    for (int i = 0; i < Math.max(lines.size(), others.size()); i++) {
      String expected = i < lines.size() ? inWords(one.trace(), lines.get(i)) : end(one);
      String came = i < others.size() ? inWords(two.trace(), others.get(i)) : end(two);
      if (!expected.equals(came)) {
        Deque<String> open = i < lines.size() ? calls.get(lines.get(i).task()) : null;
        String call = open == null || open.isEmpty() ? "" : open.getLast();
        return new Divergence(step, expected, came, call);
      }
      TraceEvent line = lines.get(i);
      switch (line.kind()) {
        case CALL ->
            calls.computeIfAbsent(line.task(), task -> new ArrayDeque<>()).addLast(line.text());
        case RETURN -> {
          Deque<String> open = calls.get(line.task());
          if (open != null) {
            open.pollLast();
          }
        }
        default -> step++;
      }
    }
    return end(one).equals(end(two)) ? null : new Divergence(step, end(one), end(two), "");
  }

  private static String inWords(Trace trace, TraceEvent line) {
    String value = line.value();
    String words =
        trace.tasks().get(line.task())
            + ": "
            + line.text()
            + (value == null ? "" : " -> " + value)
            + (line.stale() ? " (old)" : "");
    return IDENTITY.matcher(words).replaceAll("");
  }

  private static String end(Recording recording) {
    Violation violation = recording.violation();
    return violation == null
        ? "the end"
        : IDENTITY.matcher("the end: " + violation.seen()).replaceAll("");
  }
}
