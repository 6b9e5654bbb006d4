// SPDX-License-Identifier: MIT
package kvmlab.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import kvmlab.machine.Engine;
import kvmlab.machine.Location;
import kvmlab.machine.Order;
import kvmlab.machine.Program;
import kvmlab.machine.Setup;
import kvmlab.machine.TraceEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SamplingTest {
  private static final int RUNS = 20_000;

  static List<Sampling> samplings() {
    return List.of(Sampling.pos(), Sampling.pct(1), Sampling.pct(3), Sampling.walk());
  }

  /// How often, of all runs, the program goes wrong.
  private static double wrong(Program program, Sampling sampling) {
    long[] wrong = {0};
    new Explorer(program)
        .goOn()
        .onComplete((run, violation) -> wrong[0] += violation == null ? 0 : 1)
        .sample(sampling, RUNS);
    return (double) wrong[0] / RUNS;
  }

  /// Two tasks of four events each; wrong when a2 comes before b1, that before a3, and that before
  /// b2: three constraints on the order of events.
  private static void threeConstraints(Setup setup) {
    Location order = Engine.current().location("order", "");
    for (String task : List.of("a", "b")) {
      setup.task(
          task,
          () -> {
            for (int i = 1; i <= 4; i++) {
              String event = task + i + " ";
              order.update("append", before -> before + event, Order.RELAXED);
            }
          });
    }
    setup.atEnd(() -> {
      if (order.latest().toString().matches(".*a2.*b1.*a3.*b2.*")) {
        throw new AssertionError("three constraints");
      }
    });
  }

  @Test
  void pctKeepsItsPromise() {
    // This bug leaves no choice, so the bound is met exactly.
    double promised = 1 / (2 * Math.pow(8, 2));
    assertThat(wrong(SamplingTest::threeConstraints, Sampling.pct(3)))
        .isCloseTo(promised, within(0.002));
  }

  @Test
  void pctNeedsOneChangeForEachFurtherConstraint() {
    assertThat(wrong(SamplingTest::threeConstraints, Sampling.pct(2))).isZero();
    assertThat(wrong(SamplingTest::threeConstraints, Sampling.pct(4))).isPositive();
  }

  @Test
  void pctStatesWhatItWouldHaveMissed() {
    Program right = setup -> threeConstraints(withoutChecks(setup));
    Sampled sampled = new Explorer(right).sample(Sampling.pct(3), 1_016);
    Sampled.Guarantee guarantee = Objects.requireNonNull(sampled.guarantee());
    assertThat(guarantee.depth()).isEqualTo(3);
    assertThat(guarantee.events()).isEqualTo(8);
    assertThat(guarantee.missed())
        .isCloseTo(Math.pow(1 - 1 / (2 * Math.pow(8, 2)), 1_000), within(1e-9));
  }

  private static Setup withoutChecks(Setup setup) {
    return new Setup() {
      @Override
      public void task(String name, Runnable body) {
        setup.task(name, body);
      }

      @Override
      public void afterEachEvent(Runnable check) {}

      @Override
      public void atEnd(Runnable check) {}
    };
  }

  @Test
  void nothingIsGuaranteedWithoutGround() {
    Program right = setup -> threeConstraints(withoutChecks(setup));
    Program choosing = setup -> setup.task("chooser", () -> Engine.current().choose("coin", 2));
    assertThat(new Explorer(right).sample(Sampling.pos(), 100).guarantee()).isNull();
    assertThat(new Explorer(right).sample(Sampling.pct(3), Sampler.PROBES).guarantee()).isNull();
    assertThat(new Explorer(choosing).sample(Sampling.pct(3), 100).guarantee()).isNull();
    assertThat(
            new Explorer(SamplingTest::threeConstraints)
                .sample(Sampling.pct(3), 100_000)
                .guarantee())
        .as("after a wrong run")
        .isNull();
  }

  /// One event of A on x; B has `others` events on other cells before its own on x. Wrong when A
  /// comes last.
  private static Program lateEvent(int others, boolean sameCell) {
    return lateEvent(others, sameCell, false);
  }

  private static Program lateEvent(int others, boolean sameCell, boolean watched) {
    return setup -> {
      Location x = Engine.current().location("x", "");
      Location y = Engine.current().location("y", "");
      if (watched) {
        x.watch();
        y.watch();
      }
      setup.task("a", () -> x.update("append", before -> before + "a", Order.RELAXED));
      setup.task(
          "b",
          () -> {
            for (int i = 0; i < others; i++) {
              (sameCell ? x : y).update("append", before -> before + "b", Order.RELAXED);
            }
            x.update("append", before -> before + "b", Order.RELAXED);
          });
      setup.atEnd(() -> {
        if (x.latest().toString().endsWith("ba")) {
          throw new AssertionError("a comes last");
        }
      });
    };
  }

  @Test
  void posDecidesAnOrderOnceForAllCommutingEvents() {
    // The event of A has the lowest of 11 priorities; a walk throws ten coins.
    assertThat(wrong(lateEvent(9, false), Sampling.pos())).isCloseTo(1 / 11.0, within(0.006));
    assertThat(wrong(lateEvent(9, false), Sampling.walk())).isCloseTo(1 / 1024.0, within(0.001));
  }

  @Test
  void posDecidesAfreshAfterEachEventThatDoesNotCommute() {
    assertThat(wrong(lateEvent(3, true), Sampling.pos())).isCloseTo(1 / 16.0, within(0.006));
    assertThat(wrong(lateEvent(3, false, true), Sampling.pos()))
        .as("writes of watched cells")
        .isCloseTo(1 / 16.0, within(0.006));
  }

  @ParameterizedTest
  @MethodSource("samplings")
  void runIsThatOfItsSeed(Sampling sampling) {
    Program program = lateEvent(3, true);
    Sampled once = new Explorer(program).goOn().sample(sampling, 3_000);
    Sampled again = new Explorer(program).goOn().sample(sampling, 3_000);
    Sampled onTwo = new Explorer(program).goOn().workers(2).sample(sampling, 3_000);
    assertThat(facts(again)).isEqualTo(facts(once));
    assertThat(facts(onTwo)).isEqualTo(facts(once));
    assertThat(once.wrong()).isEqualTo(new Explorer(program).sample(sampling, 3_000).wrong());
  }

  @ParameterizedTest
  @MethodSource("samplings")
  void firstWrongRunIsTheSameOnTwoWorkers(Sampling sampling) {
    Program program = lateEvent(5, true);
    List<Object> alone = facts(new Explorer(program).sample(sampling, RUNS));
    for (int i = 0; i < 5; i++) {
      assertThat(facts(new Explorer(program).workers(2).sample(sampling, RUNS))).isEqualTo(alone);
    }
  }

  /// All of the result that can be compared.
  private static List<Object> facts(Sampled sampled) {
    List<Object> facts = new ArrayList<>(List.of(sampled.runs(), sampled.events()));
    facts.addAll(List.of(sampled.longest(), sampled.wrong()));
    facts.add(String.valueOf(sampled.guarantee()));
    Counterexample wrong = sampled.counterexample();
    facts.add(wrong == null ? "none" : wrong.schedule());
    return facts;
  }

  @Test
  void firstSeedSaysWhereTheDrawingBegins() {
    Program program = lateEvent(3, true);
    long first = new Explorer(program).sample(Sampling.walk(), RUNS).wrong();
    assertThat(first).isPositive();
    assertThat(new Explorer(program).seed(first).sample(Sampling.walk(), RUNS).wrong()).isZero();
    assertThat(new Explorer(program).seed(first + 1).sample(Sampling.walk(), RUNS).wrong())
        .isPositive();
  }

  @Test
  void wrongRunCanBeReplayedAndShortened() {
    Explorer explorer = new Explorer(lateEvent(3, true));
    Counterexample wrong =
        Objects.requireNonNull(explorer.sample(Sampling.pos(), RUNS).counterexample());
    Replayed replayed = explorer.replay(wrong.schedule());
    assertThat(replayed.missed()).isNull();
    assertThat(Objects.requireNonNull(replayed.violation()).seen()).isEqualTo("a comes last");
    Replayed shortest = explorer.replay(explorer.shorten(wrong).schedule());
    assertThat(shortest.trace().events())
        .extracting(TraceEvent::task)
        .containsExactly(1, 1, 1, 1, 0);
  }

  @Test
  void wrongRunOfCreatedTasksCanBeReplayed() {
    Program program =
        setup -> {
          Location x = Engine.current().location("x", "");
          for (String parent : List.of("a", "b")) {
            setup.task(
                parent,
                () ->
                    ((Execution) Engine.current())
                        .spawn(
                            "child of " + parent,
                            () -> x.update("append", v -> v + parent, Order.RELAXED)));
          }
          setup.atEnd(() -> {
            if (x.latest().equals("ba")) {
              throw new AssertionError("b's child comes first");
            }
          });
        };
    Explorer explorer = new Explorer(program);
    assertThat(explorer.explore().counterexample()).as("numbers all tasks").isNotNull();
    for (int i = 0; i < 20; i++) {
      Counterexample wrong =
          Objects.requireNonNull(explorer.sample(Sampling.pos(), 100).counterexample());
      Replayed replayed = explorer.replay(wrong.schedule());
      assertThat(Objects.requireNonNull(replayed.violation()).seen())
          .isEqualTo("b's child comes first");
    }
  }

  /// Store buffering: both reads may return 0 where memory is weak.
  private static final class StoreBuffering extends Litmus {
    StoreBuffering() {
      super(2, 2, true);
    }

    @Override
    void tasks(Setup setup) {
      for (int i = 0; i < 2; i++) {
        int task = i;
        setup.task(
            "t" + i,
            () -> {
              write(task, 1);
              registers[task] = read(1 - task);
            });
      }
    }
  }

  @ParameterizedTest
  @MethodSource("samplings")
  void everyOutcomeComesUpInTheEnd(Sampling sampling) {
    for (MemoryModel model : MemoryModel.values()) {
      StoreBuffering litmus = new StoreBuffering();
      Set<String> all = litmus.outcomes(model, Reduction.SOURCE_SETS);
      SortedSet<String> drawn = new TreeSet<>();
      new Explorer(litmus.program())
          .model(model)
          .onComplete((run, violation) -> drawn.add(litmus.outcome()))
          .sample(sampling, 500);
      if (sampling.toString().equals("PCT(1)")) {
        // Without a change of priorities nobody is interrupted, so one task sees the other's store.
        assertThat(drawn).hasSize(all.size() - 1).isSubsetOf(all);
      } else {
        assertThat(drawn).isEqualTo(all);
      }
    }
  }

  @Test
  void depthIsAtLeastOne() {
    assertThatThrownBy(() -> Sampling.pct(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 at least, not 0");
  }
}
