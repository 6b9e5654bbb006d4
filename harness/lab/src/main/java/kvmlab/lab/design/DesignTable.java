// SPDX-License-Identifier: MIT
package kvmlab.lab.design;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmConfig;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.design.CountsInvalidations;
import kvmlab.kvm.design.Design;
import kvmlab.kvm.design.FreezesMemslots;
import kvmlab.lab.Exploration;
import kvmlab.lab.Lab;
import kvmlab.machine.Violation;
import kvmlab.mm.MmStruct;

/// What came of every trial of every design: which invariants hold, and which break, by what.
///
/// One defect may hide another. So when an invariant breaks, the trial is explored again without
/// it, until nothing breaks any more or something does that cannot be switched off; what had not
/// been settled by then, that trial does not settle.
///
/// @param cells by invariant, in the order of their numbers, and by design
public record DesignTable(Map<String, Map<Design, Cell>> cells) {

  /// What is known of one invariant in one design.
  public sealed interface Cell {}

  /// No trial breaks it.
  ///
  /// @param trials the trials that put it to the test
  /// @param executions how many executions that took
  /// @param exhausted whether every execution of each is covered
  public record Holds(List<String> trials, long executions, boolean exhausted) implements Cell {}

  /// A trial breaks it.
  ///
  /// @param trial the first one that does
  /// @param seen what was seen, in a sentence
  /// @param executions how many executions it took to find out
  public record Broken(String trial, String seen, long executions) implements Cell {}

  /// No trial settles it.
  ///
  /// @param why why not, in half a sentence
  public record Untested(String why) implements Cell {}

  /// What a design promises on top: without the promise there is nothing to judge.
  private static final Map<String, Class<?>> PROMISES =
      Map.of("I15", CountsInvalidations.class, "I16", FreezesMemslots.class);

  /// Returns what the thread calls the designs, in the order of the columns.
  public static List<String> titles() {
    return Arrays.stream(Design.values()).map(Design::title).toList();
  }

  /// Puts every design to every trial.
  public static DesignTable compute() {
    Map<String, Map<Design, Cell>> cells =
        new TreeMap<>(Comparator.comparingInt(id -> Integer.parseInt(id.substring(1))));
    for (Trial trial : Trial.all()) {
      for (Design design : Design.values()) {
        compute(trial, design.name(), design.ops())
            .forEach((invariant, cell) ->
                cells
                    .computeIfAbsent(invariant, _ -> new EnumMap<>(Design.class))
                    .merge(design, cell, DesignTable::merge));
      }
    }
    return new DesignTable(cells);
  }

  /// Puts the pieces `ops` to one trial. Returns what is known then of each invariant that the
  /// trial is about, and of any other that broke.
  ///
  /// @param what the name of the pieces
  public static Map<String, Cell> compute(Trial trial, String what, KvmOps ops) {
    Map<String, Cell> known = new TreeMap<>();
    Set<String> watched = new TreeSet<>();
    for (String invariant : trial.invariants()) {
      if (isPromised(invariant, ops)) {
        watched.add(invariant);
      } else {
        known.put(invariant, new Untested("no promise of the design"));
      }
    }
    while (true) {
      Exploration exploration = Lab.explore(trial.of(what, ops, watched));
      long executions = exploration.schedules();
      if (exploration.finding().isEmpty()) {
        Cell holds = new Holds(List.of(trial.name()), executions, exploration.exhausted());
        watched.forEach(invariant -> known.put(invariant, holds));
        return known;
      }
      Violation violation = exploration.finding().get().violation();
      String broken = trial.broken(violation);
      if (broken == null) {
        throw new IllegalStateException(exploration.explain());
      }
      known.putIfAbsent(broken, new Broken(trial.name(), violation.seen(), executions));
      if (!watched.remove(broken) || violation.kind() != Violation.Kind.INVARIANT) {
        // It cannot be switched off.
        watched.forEach(invariant -> known.put(invariant, new Untested("behind " + broken)));
        return known;
      }
    }
  }

  private static boolean isPromised(String invariant, KvmOps ops) {
    Class<?> promise = PROMISES.get(invariant);
    return promise == null
        || Lab.alone(() -> Kvm.alloc(new MmStruct(1), KvmConfig.SMALL, ops).piece(promise) != null);
  }

  private static Cell merge(Cell one, Cell other) {
    if (one instanceof Holds held && other instanceof Holds holds) {
      List<String> trials = new ArrayList<>(held.trials);
      trials.addAll(holds.trials);
      return new Holds(
          List.copyOf(trials),
          held.executions + holds.executions,
          held.exhausted && holds.exhausted);
    }
    // What one trial breaks, no other mends.
    return one instanceof Broken || other instanceof Untested ? one : other;
  }

  /// Returns the table as text: a row for each invariant, a column for each design.
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(String.format("%-5s", ""));
    titles().forEach(title -> text.append(String.format("%-28s", title)));
    cells.forEach((invariant, row) -> {
      text.append(String.format("%n%-5s", invariant));
      row.values().forEach(cell -> text.append(String.format("%-28s", spelling(cell))));
    });
    return text.toString().replaceAll("(?m) +$", "");
  }

  private static String spelling(Cell cell) {
    return switch (cell) {
      case Holds holds -> "holds " + holds.executions + (holds.exhausted ? "" : "+");
      case Broken broken -> "BROKEN " + broken.executions;
      case Untested untested -> "- " + untested.why();
    };
  }
}
