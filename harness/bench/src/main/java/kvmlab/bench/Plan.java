// SPDX-License-Identifier: MIT
package kvmlab.bench;

import java.util.ArrayList;
import java.util.List;

/// What a run of the benchmark measures, and for how long.
///
/// @param rounds how often each speed and each cold start is measured, in turn
/// @param warmUp seconds before each measurement of a speed, for the compiler
/// @param speed seconds for each measurement of a speed
/// @param firstBug seconds within which tools look for bugs
/// @param exhaust seconds within which a tool must have seen everything
/// @param series the sizes of the scaling series
record Plan(
    int rounds, double warmUp, double speed, double firstBug, double exhaust, List<String> series) {
  private static final List<String> FEW = List.of("S2 1x1", "S2 2x1", "S5 1x1", "S5 2x1");
  private static final List<String> MORE =
      List.of(
          "S2 1x1x2",
          "S2 2x1x2",
          "S2 3x1",
          "S2 1x2",
          "S2 2x2",
          "S2 1x3",
          "S2 4x1",
          "S2 3x2",
          "S2 2x3",
          "S5 2x2",
          "S5 3x1");
  private static final List<String> MOST =
      List.of("S2 3x1x2", "S2 2x2x2", "S2 4x2", "S2 3x3", "S5 1x1x2", "S5 2x1x2", "S5 3x2");

  static Plan quick() {
    return new Plan(1, 1, 0.5, 1, 1, FEW);
  }

  static Plan usual() {
    List<String> series = new ArrayList<>(FEW);
    series.addAll(MORE);
    return new Plan(3, 1.5, 1, 2, 2, series);
  }

  static Plan whole() {
    List<String> series = new ArrayList<>(FEW);
    series.addAll(MORE);
    series.addAll(MOST);
    return new Plan(5, 4, 3, 10, 10, series);
  }

  /// The speeds, to be measured in turn, round after round.
  List<Cell> speeds() {
    List<Cell> cells = new ArrayList<>();
    for (String scenario : List.of("S2 2x1", "S5 2x1")) {
      for (Contender tool : Contender.values()) {
        if (tool != Contender.SPIN
            && tool != Contender.OURS_STATES
            && tool != Contender.OURS_ON_TWO) {
          cells.add(new Cell(Measure.SPEED, tool, scenario));
        }
      }
    }
    return cells;
  }

  List<Cell> firstBugs() {
    List<Cell> cells = new ArrayList<>();
    for (String scenario : List.of("S1 1x1", "S3", "S4 1x1", "S5 late-state 2x1")) {
      for (Contender tool : Contender.values()) {
        boolean models =
            tool != Contender.SPIN && tool != Contender.OURS_STATES || !scenario.startsWith("S4");
        // jcstress cannot end a test that hangs.
        boolean ends = tool != Contender.JCSTRESS;
        boolean twice =
            tool == Contender.OURS_WEAK
                || tool == Contender.OURS_ON_TWO
                || tool == Contender.OURS_POS_ON_TWO;
        if (models && ends && !twice) {
          cells.add(new Cell(Measure.FIRST_BUG, tool, scenario));
        }
      }
    }
    return cells;
  }

  List<Cell> exhaustions() {
    List<Cell> cells = new ArrayList<>();
    for (String scenario : series) {
      cells.add(new Cell(Measure.EXHAUST, Contender.OURS_EXHAUSTIVE, scenario));
      cells.add(new Cell(Measure.EXHAUST, Contender.OURS_ON_TWO, scenario));
      cells.add(new Cell(Measure.EXHAUST, Contender.OURS_WEAK, scenario));
      cells.add(new Cell(Measure.EXHAUST, Contender.OURS_STATES, scenario));
      cells.add(new Cell(Measure.EXHAUST, Contender.SPIN, scenario));
    }
    return cells;
  }
}
