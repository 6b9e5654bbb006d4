// SPDX-License-Identifier: MIT
package kvmlab.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import kvmlab.explore.Route.Kind;
import kvmlab.explore.Route.Turn;
import kvmlab.machine.Engine;
import kvmlab.machine.Location;
import kvmlab.machine.Order;
import kvmlab.machine.Program;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A route outlives its text, and changes of the program beside its way.
class RouteTest {

  /// Increments a counter without a lock, with more accesses where `extra` says so.
  private record Counting(String extra, String cell, boolean locked) implements Program {
    @Override
    public void build(kvmlab.machine.Setup setup) {
      Location counter = Engine.current().location(cell, 0);
      Location other = Engine.current().location("other", 0);
      for (int i = 0; i < 2; i++) {
        int task = i;
        setup.task(
            "CPU " + i,
            () -> {
              look("before " + task, other);
              int seen =
                  (int) counter.read(extra.equals("acquire") ? Order.ACQUIRE : Order.RELAXED);
              look("between " + task, other);
              if (locked) {
                counter.update("add", value -> (int) value + 1, Order.RELAXED);
              } else {
                counter.write(seen + 1, Order.RELAXED);
              }
              look("after " + task, other);
            });
      }
      setup.atEnd(() -> {
        if ((int) counter.latest() != 2) {
          throw new AssertionError("an update is lost");
        }
      });
    }

    private void look(String where, Location other) {
      if (extra.equals(where)) {
        other.read(Order.RELAXED);
      } else if (extra.equals(where + " twice")) {
        other.write(1, Order.RELAXED);
        other.read(Order.RELAXED);
      }
    }
  }

  private static final Route ROUTE = route();

  private static Route route() {
    Explorer explorer = new Explorer(new Counting("", "counter", false));
    Counterexample found = Objects.requireNonNull(explorer.explore().counterexample());
    return explorer.replay(explorer.shorten(found).schedule()).route();
  }

  @RepeatedTest(200)
  void survivesItsText(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    List<Turn> turns = new ArrayList<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      int task = random.nextInt(32);
      int other = (task + 1 + random.nextInt(31)) % 32;
      int landmark = random.nextInt(1 << Landmarks.BITS);
      int nth = 1 + (random.nextBoolean() ? 0 : random.nextInt(500));
      turns.add(
          switch (random.nextInt(3)) {
            case 0 -> new Turn(Kind.INTERRUPT, task, other, landmark, nth);
            case 1 -> new Turn(Kind.STOP, task, other, 0, nth);
            default -> new Turn(Kind.ALTERNATIVE, task, 1 + random.nextInt(100), landmark, nth);
          });
    }
    if (random.nextBoolean()) {
      turns.addFirst(new Turn(Kind.START, -1, random.nextInt(32), 0, 1));
    }
    Route route = new Route(turns);
    assertThat(Route.decode(route.encode())).isEqualTo(route);
    assertThat(route.encode()).matches("[0-9a-z.]*");
  }

  @ParameterizedTest
  @CsvSource({
    "01abc01ab, breaks off",
    "o1, breaks off",
    "l01ab, breaks off",
    "01ab!, not a schedule",
    "11abc, not a schedule",
    "01abci1, not a schedule",
    "01abc.1, not a schedule",
    "l00abc, not a schedule",
    "o01.zzzzzzzzzz, not a schedule",
    "AB, not a schedule"
  })
  void whatIsNoRouteIsRefused(String text, String why) {
    assertThatThrownBy(() -> Route.decode(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }

  /// No text makes anything else than a route or that sentence.
  @RepeatedTest(300)
  void anyTextIsARouteOrRefused(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    String digits = "0123456789abcdefghijklmnopqrstuvwxyz.";
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(14); i > 0; i--) {
      text.append(digits.charAt(random.nextInt(digits.length())));
    }
    try {
      assertThat(Route.decode(text.toString()).encode()).isEqualTo(text.toString());
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).contains("schedule");
    }
  }

  /// The route of any execution leads to that execution, however often a task passes the same
  /// landmark.
  @ParameterizedTest
  @EnumSource(MemoryModel.class)
  void everyExecutionHasARoute(MemoryModel model) {
    Program program =
        setup -> {
          Location x = Engine.current().location("x", 0);
          for (int i = 0; i < 3; i++) {
            setup.task(
                "t" + i,
                () -> {
                  for (int k = 0; k < 4; k++) {
                    x.write((int) x.read(Order.RELAXED) + 1, Order.RELAXED);
                  }
                });
          }
          setup.atEnd(() -> {
            throw new AssertionError("over");
          });
        };
    for (int seed = 0; seed < 100; seed++) {
      Explorer explorer = new Explorer(program).model(model).seed(seed);
      Counterexample wrong =
          Objects.requireNonNull(explorer.sample(Sampling.walk(), 1).counterexample());
      Execution execution =
          new Execution(
              new Replay(wrong.schedule()), model, ContinuationCoroutine::new, new Shared(), null);
      execution.run(program);
      Replayed replayed = explorer.replay(wrong.schedule());
      assertThat(replayed.missed()).isNull();
      Replayed again = explorer.replay(Route.decode(replayed.route().encode()));
      assertThat(again.route()).isEqualTo(replayed.route());
      Schedule taken = taken(program, model, replayed.route());
      assertThat(taken).isEqualTo(execution.schedule());
    }
  }

  private static Schedule taken(Program program, MemoryModel model, Route route) {
    Execution execution =
        new Execution(
            new RouteFollower(route), model, ContinuationCoroutine::new, new Shared(), null);
    execution.run(program);
    return execution.schedule();
  }

  @Test
  void leadsToTheSameExecution() {
    Explorer explorer = new Explorer(new Counting("", "counter", false));
    Replayed replayed = explorer.replay(ROUTE);
    assertThat(replayed.route()).isEqualTo(ROUTE);
    assertThat(replayed.missed()).isNull();
    assertThat(replayed.violation()).isNotNull();
  }

  /// The same race is found again wherever something harmless is added, and when the read gets an
  /// order that does not mend it.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "before 0",
        "before 1",
        "between 0",
        "between 1",
        "after 0",
        "after 1",
        "before 0 twice",
        "before 1 twice",
        "between 0 twice",
        "between 1 twice",
        "after 0 twice",
        "after 1 twice",
        "acquire"
      })
  void survivesWhatIsAddedBesideItsWay(String extra) {
    for (MemoryModel model : MemoryModel.values()) {
      Explorer explorer = new Explorer(new Counting(extra, "counter", false)).model(model);
      Replayed replayed = explorer.replay(ROUTE);
      assertThat(replayed.missed()).isNull();
      assertThat(Objects.requireNonNull(replayed.violation()).seen())
          .isEqualTo("an update is lost");
    }
  }

  @Test
  void saysWhichLandmarkIsGone() {
    Explorer mended = new Explorer(new Counting("", "counter", true));
    assertThat(mended.replay(ROUTE).missed())
        .isEqualTo(
            "CPU 0 never came to an event that this code does not have, where CPU 1 was to take"
                + " over");
    Explorer renamed = new Explorer(new Counting("", "sum", false));
    assertThat(renamed.replay(ROUTE).missed()).contains("an event that this code does not have");
  }

  @Test
  void saysHowOftenALandmarkWasToCome() {
    Route more = Route.decode(ROUTE.encode() + ".3");
    Explorer explorer = new Explorer(new Counting("", "counter", false));
    assertThat(explorer.replay(more).missed())
        .isEqualTo(
            "CPU 0 never came to WRITE_ONCE(counter) for the 3rd time, where CPU 1 was to take"
                + " over");
    assertThat(explorer.replay(more).violation()).isNull();
  }

  @Test
  void saysThatAValueCannotBeReadAnyMore() {
    Program program =
        setup -> {
          Location x = Engine.current().location("x", 0);
          setup.task("reader", () -> x.read(Order.RELAXED));
        };
    Explorer explorer = new Explorer(program).model(MemoryModel.LKMM);
    Landmarks landmarks = new Landmarks();
    RouteRecorder recorder = new RouteRecorder(new Replay(Schedule.DEFAULT), landmarks);
    Execution execution =
        new Execution(recorder, MemoryModel.LKMM, ContinuationCoroutine::new, new Shared(), null);
    execution.run(program);
    int landmark = landmarks.of(execution.tasks()[0]);
    Route old = new Route(List.of(new Turn(Kind.ALTERNATIVE, 0, 1, landmark, 1)));
    assertThat(explorer.replay(old).missed())
        .isEqualTo("reader has no other alternative any more at READ_ONCE(x)");
  }
}
