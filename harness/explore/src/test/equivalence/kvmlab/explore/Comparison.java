// SPDX-License-Identifier: MIT
package kvmlab.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import kvmlab.machine.Violation;

/// Explores a program with every reduction, and proves that what each leaves out is nothing.
///
/// - Equivalent executions lead to the same: the shared objects declare truly what commutes.
/// - Every reduction leads to all that the naive enumeration leads to, and completes one execution
///   of each of its classes, no class twice. So what is redundant is what was given up, and
///   counted.
/// - The clocks by which source sets decide order nothing that two equivalent executions exchange.
///
/// An execution that a violation breaks off is no class: which events of other tasks came before it
/// is chance, and what would have raced with those that did not come is unknown. Of a program that
/// has such executions, only that every reduction finds one is compared, and that it finds nothing
/// that is not there.
public final class Comparison {

  /// What was small enough to be compared.
  public enum Extent {
    /// Nothing.
    NOTHING,
    /// That there are violations.
    VIOLATIONS,
    /// The reductions with each other.
    REDUCTIONS,
    /// The reductions with the naive enumeration.
    EVERYTHING
  }

  /// The executions of one class.
  private static final class Members {
    private final String outcome;
    private final int[] starts;

    /// For each event, the set of those that came before it in any execution; null when there are
    /// too many events.
    private final long[] before;

    Members(List<Node> path, String outcome) {
      this.outcome = outcome;
      starts = new int[CanonicalForm.tasks(path) + 1];
      path.forEach(event -> starts[event.task + 1]++);
      for (int i = 1; i < starts.length; i++) {
        starts[i] += starts[i - 1];
      }
      before = path.size() <= Long.SIZE ? new long[path.size()] : null;
    }

    void add(List<Node> path) {
      if (before == null) {
        return;
      }
      int[] next = starts.clone();
      long past = 0;
      for (Node event : path) {
        int number = next[event.task]++;
        before[number] |= past;
        past |= 1L << number;
      }
    }

    /// Returns whether some execution exchanges two events that the clocks of `path` order.
    boolean exchanges(List<Node> path) {
      if (before == null) {
        return false;
      }
      int[] next = starts.clone();
      for (Node event : path) {
        long later = 1L << next[event.task]++;
        for (int task = 0; task < starts.length - 1; task++) {
          int count = Clock.at(event.clock, task);
          if (task != event.task && count > 0 && (before[starts[task] + count - 1] & later) != 0) {
            return true;
          }
        }
      }
      return false;
    }
  }

  /// What one reduction saw.
  private final class Seen {
    private final Reduction reduction;
    private final Subject subject = subjects.get();
    private final Map<CanonicalForm, Members> classes = new HashMap<>();
    private final Set<String> outcomes = new TreeSet<>();
    private final Set<String> brokenOff = new TreeSet<>();
    private long executions;
    private long ended;
    private boolean exhausted;

    Seen(Reduction reduction) {
      this.reduction = reduction;
    }

    Seen explore(Map<CanonicalForm, Members> known) {
      Search search = new Search(reduction, model);
      do {
        if (executions == executionsMax) {
          return this;
        }
        executions++;
        Execution execution = new Execution(search, model, COROUTINES, shared, null);
        execution.run(subject);
        if (!execution.pruned()) {
          record(search.path(), execution.violation(), known);
        }
      } while (search.advance());
      exhausted = true;
      return this;
    }

    void completedEachClassOnce() {
      assertThat(ended).as(reduction + ": executions, a class each").isEqualTo(classes.size());
    }

    private void record(List<Node> path, Violation violation, Map<CanonicalForm, Members> known) {
      if (violation != null && !violation.kind().stuck()) {
        brokenOff.add(violation.kind() + ": " + violation.expected());
        violations.addAll(brokenOff);
        return;
      }
      ended++;
      String outcome = (violation == null ? "" : violation.kind() + " ") + subject.outcome();
      outcomes.add(outcome);
      CanonicalForm form = CanonicalForm.of(path);
      Members members = classes.computeIfAbsent(form, any -> new Members(path, outcome));
      if (reduction == Reduction.NONE) {
        members.add(path);
      }
      // Plain conditions: this runs a million times.
      if (!outcome.equals(members.outcome)) {
        throw new AssertionError(
            reduction + ": equivalent executions lead to " + outcome + " and " + members.outcome);
      }
      Members naive = known.get(form);
      if (naive != null && naive.exchanges(path)) {
        throw new AssertionError("clocks order what an equivalent execution exchanges");
      }
    }
  }

  private static final Coroutine.Factory COROUTINES = ContinuationCoroutine::new;

  private final Supplier<? extends Subject> subjects;
  private final MemoryModel model;
  private final long executionsMax;
  private final Shared shared = new Shared();
  private final Set<String> violations = new TreeSet<>();

  /// @param subjects makes the same program again and again
  /// @param executionsMax after how many executions a reduction is given up
  public Comparison(Supplier<? extends Subject> subjects, MemoryModel model, long executionsMax) {
    this.subjects = subjects;
    this.model = model;
    this.executionsMax = executionsMax;
  }

  /// Explores; returns what could be compared.
  ///
  /// @throws AssertionError when something was lost, or done twice
  public Extent compare() {
    Seen naive = new Seen(Reduction.NONE).explore(Map.of());
    Seen source =
        new Seen(Reduction.SOURCE_SETS).explore(naive.exhausted ? naive.classes : Map.of());
    Seen sleep = new Seen(Reduction.SLEEP_SETS).explore(Map.of());
    if (!source.exhausted || !sleep.exhausted) {
      return Extent.NOTHING;
    }
    source.completedEachClassOnce();
    sleep.completedEachClassOnce();
    same(sleep, source);
    if (!naive.exhausted) {
      return Extent.REDUCTIONS;
    }
    same(naive, source);
    return naive.brokenOff.isEmpty() ? Extent.EVERYTHING : Extent.VIOLATIONS;
  }

  /// Returns the violations that broke executions off.
  public Set<String> violations() {
    return violations;
  }

  private static void same(Seen more, Seen fewer) {
    String what = fewer.reduction + " against " + more.reduction;
    assertThat(fewer.brokenOff.isEmpty()).as(what).isEqualTo(more.brokenOff.isEmpty());
    if (more.brokenOff.isEmpty()) {
      assertThat(fewer.outcomes).as(what).isEqualTo(more.outcomes);
      assertThat(fewer.classes.keySet()).as(what + ", classes").isEqualTo(more.classes.keySet());
      assertThat(fewer.subject.moments()).as(what).isEqualTo(more.subject.moments());
    } else if (more.reduction == Reduction.NONE) {
      assertThat(more.brokenOff).as(what).containsAll(fewer.brokenOff);
      assertThat(more.outcomes).as(what).containsAll(fewer.outcomes);
    }
  }
}
