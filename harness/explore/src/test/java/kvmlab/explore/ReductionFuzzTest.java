// SPDX-License-Identifier: MIT
package kvmlab.explore;

import static kvmlab.explore.Comparison.Extent.EVERYTHING;
import static kvmlab.explore.Comparison.Extent.NOTHING;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import kvmlab.explore.Comparison.Extent;
import kvmlab.machine.Engine;
import kvmlab.machine.Fence;
import kvmlab.machine.Location;
import kvmlab.machine.Order;
import kvmlab.machine.Setup;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;

/// Generated programs over memory: every reduction sees what the naive enumeration sees, and runs
/// one execution of each class.
class ReductionFuzzTest {
  private static final int TRIES = 1_000;
  private static final int EXECUTIONS_MAX = 2_000;

  /// What a step does to the cell, to the watched cell beside it, or to neither.
  enum Kind {
    READ,
    WRITE,
    ADD,
    CMPXCHG,
    AWAIT,
    WRITE_WATCHED,
    UPDATE_WATCHED,
    MB,
    RMB,
    WMB,
    ACQUIRE,
    RELEASE,
    SPIN,
    CHOOSE
  }

  record Step(Kind kind, int cell, int value) {
    @Override
    public String toString() {
      String name = "xy".substring(cell, cell + 1);
      return switch (kind) {
        case READ, ACQUIRE -> kind + " " + name;
        case WRITE, RELEASE, ADD, AWAIT, SPIN -> kind + " " + name + " " + value;
        case CMPXCHG -> kind + " " + name + " 0 " + value;
        case WRITE_WATCHED, UPDATE_WATCHED -> kind + " " + "vw".charAt(cell) + " " + value;
        case MB, RMB, WMB, CHOOSE -> kind.toString();
      };
    }
  }

  /// Kinds that get at each other.
  private static final List<List<Kind>> FAMILIES =
      List.of(
          List.of(Kind.READ, Kind.WRITE, Kind.MB, Kind.ACQUIRE, Kind.RELEASE),
          List.of(Kind.READ, Kind.WRITE, Kind.RMB, Kind.WMB),
          List.of(Kind.READ, Kind.WRITE, Kind.ADD, Kind.CMPXCHG, Kind.AWAIT),
          List.of(Kind.READ, Kind.WRITE, Kind.WRITE_WATCHED, Kind.UPDATE_WATCHED),
          List.of(Kind.WRITE, Kind.ADD, Kind.AWAIT, Kind.SPIN, Kind.RELEASE),
          List.of(Kind.values()));

  @Property(tries = TRIES, seed = "20210331", edgeCases = EdgeCasesMode.NONE)
  void nothingIsLostUnderSequentialConsistency(@ForAll("programs") Generated<Step> program) {
    compare(program, MemoryModel.SC);
  }

  @Property(tries = TRIES, seed = "20210401", edgeCases = EdgeCasesMode.NONE)
  void nothingIsLostUnderTheKernelsModel(@ForAll("programs") Generated<Step> program) {
    compare(program, MemoryModel.LKMM);
  }

  private static void compare(Generated<Step> program, MemoryModel model) {
    Extent extent = new Comparison(() -> new Run(program), model, EXECUTIONS_MAX).compare();
    Statistics.collect(extent);
    Statistics.coverage(coverage -> {
      coverage.check(EVERYTHING).percentage(share -> share > 60);
      coverage.check(NOTHING).percentage(share -> share < 20);
    });
  }

  @Provide
  Arbitrary<Generated<Step>> programs() {
    return Arbitraries.of(FAMILIES)
        .flatMap(kinds ->
            Generated.programs(
                Combinators.combine(
                        Arbitraries.of(kinds),
                        Arbitraries.integers().between(0, 1),
                        Arbitraries.integers().between(1, 2))
                    .as(Step::new),
                5));
  }

  /// The program with the registers that its executions leave behind.
  private static final class Run implements Subject {
    private final List<List<Step>> code;
    private final StringBuilder[] results;
    private final Location[] cells = new Location[2];
    private final Location[] watched = new Location[2];
    private final Set<String> together = new TreeSet<>();

    Run(Generated<Step> program) {
      code = program.tasks();
      results = new StringBuilder[code.size()];
    }

    @Override
    public void build(Setup setup) {
      for (int i = 0; i < 2; i++) {
        cells[i] = Engine.current().location("xy".substring(i, i + 1), 0);
        watched[i] = Engine.current().location("vw".substring(i, i + 1), 0);
        watched[i].watch();
      }
      setup.afterEachEvent(() -> together.add(watched[0].latest() + " " + watched[1].latest()));
      for (int i = 0; i < code.size(); i++) {
        List<Step> steps = code.get(i);
        StringBuilder result = new StringBuilder();
        results[i] = result;
        setup.task("t" + i, () -> steps.forEach(step -> perform(step, result)));
      }
    }

    private void perform(Step step, StringBuilder result) {
      Location cell = cells[step.cell()];
      int value = step.value();
      switch (step.kind()) {
        case READ -> result.append(cell.read(Order.RELAXED));
        case ACQUIRE -> result.append(cell.read(Order.ACQUIRE));
        case WRITE -> cell.write(value, Order.RELAXED);
        case RELEASE -> cell.write(value, Order.RELEASE);
        case ADD ->
            result.append(
                cell.update(
                    "add", v -> (int) v + value, Order.values()[(value + step.cell()) % 4]));
        case CMPXCHG ->
            result.append(
                cell.tryUpdate(
                    "cmpxchg",
                    v -> (int) v == 0 ? (Object) value : Location.UNCHANGED,
                    value == 1 ? Order.ACQUIRE : Order.FULL));
        case AWAIT -> cell.await(v -> (int) v == value, Order.RELAXED);
        case SPIN -> {
          while ((int) cell.read(Order.RELAXED) < value) {
            Engine.current().relax();
          }
        }
        case WRITE_WATCHED -> watched[step.cell()].write(value, Order.RELAXED);
        case UPDATE_WATCHED ->
            watched[step.cell()].tryUpdate(
                "cmpxchg", v -> (int) v == 0 ? (Object) value : Location.UNCHANGED, Order.RELAXED);
        case MB -> Engine.current().fence(Fence.FULL);
        case RMB -> Engine.current().fence(Fence.READ);
        case WMB -> Engine.current().fence(Fence.WRITE);
        case CHOOSE -> result.append(Engine.current().choose("coin", 2));
      }
    }

    @Override
    public String outcome() {
      return String.join("|", results)
          + " "
          + cells[0].latest()
          + cells[1].latest()
          + watched[0].latest()
          + watched[1].latest();
    }

    @Override
    public Set<String> moments() {
      return together;
    }
  }
}
