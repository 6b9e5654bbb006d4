// SPDX-License-Identifier: MIT
package kvmlab.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.BiConsumer;
import java.util.stream.Stream;
import kvmlab.machine.Order;
import kvmlab.machine.Setup;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The litmus tests of the literature: how many outcomes each has under each model, and whether the
/// one it is about is among them.
class LitmusTest {

  record Case(
      String name,
      int cells,
      int registers,
      boolean finals,
      String outcome,
      int outcomesSc,
      int outcomesLkmm,
      BiConsumer<Litmus, Setup> tasks) {

    Litmus litmus() {
      return new Litmus(cells, registers, finals) {
        @Override
        void tasks(Setup setup) {
          tasks.accept(this, setup);
        }
      };
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Case on(
      String name,
      int cells,
      int registers,
      String outcome,
      int sc,
      int lkmm,
      BiConsumer<Litmus, Setup> tasks) {
    return new Case(name, cells, registers, outcome.contains("="), outcome, sc, lkmm, tasks);
  }

  /// A negative number of outcomes: so many, and the outcome in question is not among them.
  static Stream<Case> cases() {
    Runnable none = () -> {};
    Runnable mb = Litmus::mb;
    Runnable wmb = Litmus::wmb;
    Runnable rmb = Litmus::rmb;
    return Stream.of(
        on("SB", 2, 2, "0 0", -3, 4, storeBuffering(none)),
        on("SB+mbs", 2, 2, "0 0", -3, -3, storeBuffering(mb)),
        on("SB+wmbs", 2, 2, "0 0", -3, 4, storeBuffering(wmb)),
        on("MP", 2, 2, "1 0", -3, 4, messagePassing(none, none)),
        on("MP+wmb", 2, 2, "1 0", -3, 4, messagePassing(wmb, none)),
        on("MP+rmb", 2, 2, "1 0", -3, 4, messagePassing(none, rmb)),
        on("MP+wmb+rmb", 2, 2, "1 0", -3, -3, messagePassing(wmb, rmb)),
        on(
            "MP+rel+acq",
            2,
            2,
            "1 0",
            -3,
            -3,
            (l, s) -> {
              s.task(
                  "P0",
                  () -> {
                    l.write(0, 1);
                    l.release(1, 1);
                  });
              s.task(
                  "P1",
                  () -> {
                    l.registers[0] = l.acquire(1);
                    l.registers[1] = l.read(0);
                  });
            }),
        // The kernel's model allows it; ours orders a read before every later write.
        on(
            "LB",
            2,
            2,
            "1 1",
            -3,
            -3,
            (l, s) -> {
              s.task(
                  "P0",
                  () -> {
                    l.registers[0] = l.read(0);
                    l.write(1, 1);
                  });
              s.task(
                  "P1",
                  () -> {
                    l.registers[1] = l.read(1);
                    l.write(0, 1);
                  });
            }),
        on(
            "CoRR",
            1,
            2,
            "1 0",
            -3,
            -3,
            (l, s) -> {
              s.task("P0", () -> l.write(0, 1));
              s.task(
                  "P1",
                  () -> {
                    l.registers[0] = l.read(0);
                    l.registers[1] = l.read(0);
                  });
            }),
        on("2+2W", 2, 0, "x=1 y=1", -3, 4, twoTwoWrites(none)),
        on("2+2W+wmbs", 2, 0, "x=1 y=1", -3, 4, twoTwoWrites(wmb)),
        on("2+2W+mbs", 2, 0, "x=1 y=1", -3, -3, twoTwoWrites(mb)),
        on("R", 2, 1, "0 x=1 y=2", -3, 4, readAfterWrites(none)),
        on("R+mbs", 2, 1, "0 x=1 y=2", -3, -3, readAfterWrites(mb)),
        on("S", 2, 1, "1 x=2 y=1", -3, 4, writeAfterRead(none, none)),
        on("S+wmb+rmb", 2, 1, "1 x=2 y=1", -3, -3, writeAfterRead(wmb, rmb)),
        on("IRIW", 2, 4, "1 0 1 0", -15, 16, independentReads(none)),
        on("IRIW+mbs", 2, 4, "1 0 1 0", -15, -15, independentReads(mb)),
        on("WRC", 2, 3, "1 1 0", -7, 8, writeToRead(Order.RELAXED, none)),
        on("WRC+rel+rmb", 2, 3, "1 1 0", -7, -7, writeToRead(Order.RELEASE, rmb)),
        on(
            "ISA2+rel+acq",
            3,
            3,
            "1 1 0",
            -7,
            -7,
            (l, s) -> {
              s.task(
                  "P0",
                  () -> {
                    l.write(0, 1);
                    l.release(1, 1);
                  });
              s.task(
                  "P1",
                  () -> {
                    l.registers[0] = l.acquire(1);
                    l.release(2, 1);
                  });
              s.task(
                  "P2",
                  () -> {
                    l.registers[1] = l.acquire(2);
                    l.registers[2] = l.read(0);
                  });
            }),
        on(
            "update atomicity",
            1,
            2,
            "0 0",
            -2,
            -2,
            (l, s) -> {
              s.task("P0", () -> l.registers[0] = l.add(0, Order.RELAXED));
              s.task("P1", () -> l.registers[1] = l.add(0, Order.RELAXED));
            }),
        on(
            "MP through an update",
            2,
            3,
            "1 2 0",
            -8,
            -8,
            (l, s) -> {
              s.task(
                  "P0",
                  () -> {
                    l.write(0, 1);
                    l.release(1, 1);
                  });
              s.task("P1", () -> l.registers[0] = l.add(1, Order.RELAXED));
              s.task(
                  "P2",
                  () -> {
                    l.registers[1] = l.acquire(1);
                    l.registers[2] = l.read(0);
                  });
            }),
        on(
            "MP with a wait",
            2,
            1,
            "0",
            -1,
            2,
            (l, s) -> {
              s.task(
                  "P0",
                  () -> {
                    l.write(0, 1);
                    l.write(1, 1);
                  });
              s.task(
                  "P1",
                  () -> {
                    l.cells[1].await(value -> (int) value == 1, Order.RELAXED);
                    l.registers[0] = l.read(0);
                  });
            }));
  }

  private static BiConsumer<Litmus, Setup> storeBuffering(Runnable fence) {
    return (l, s) -> {
      s.task(
          "P0",
          () -> {
            l.write(0, 1);
            fence.run();
            l.registers[0] = l.read(1);
          });
      s.task(
          "P1",
          () -> {
            l.write(1, 1);
            fence.run();
            l.registers[1] = l.read(0);
          });
    };
  }

  private static BiConsumer<Litmus, Setup> messagePassing(Runnable writer, Runnable reader) {
    return (l, s) -> {
      s.task(
          "P0",
          () -> {
            l.write(0, 1);
            writer.run();
            l.write(1, 1);
          });
      s.task(
          "P1",
          () -> {
            l.registers[0] = l.read(1);
            reader.run();
            l.registers[1] = l.read(0);
          });
    };
  }

  private static BiConsumer<Litmus, Setup> twoTwoWrites(Runnable fence) {
    return (l, s) -> {
      s.task(
          "P0",
          () -> {
            l.write(0, 1);
            fence.run();
            l.write(1, 2);
          });
      s.task(
          "P1",
          () -> {
            l.write(1, 1);
            fence.run();
            l.write(0, 2);
          });
    };
  }

  private static BiConsumer<Litmus, Setup> readAfterWrites(Runnable fence) {
    return (l, s) -> {
      s.task(
          "P0",
          () -> {
            l.write(0, 1);
            fence.run();
            l.write(1, 1);
          });
      s.task(
          "P1",
          () -> {
            l.write(1, 2);
            fence.run();
            l.registers[0] = l.read(0);
          });
    };
  }

  private static BiConsumer<Litmus, Setup> writeAfterRead(Runnable writer, Runnable reader) {
    return (l, s) -> {
      s.task(
          "P0",
          () -> {
            l.write(0, 2);
            writer.run();
            l.write(1, 1);
          });
      s.task(
          "P1",
          () -> {
            l.registers[0] = l.read(1);
            reader.run();
            l.write(0, 1);
          });
    };
  }

  private static BiConsumer<Litmus, Setup> independentReads(Runnable fence) {
    return (l, s) -> {
      s.task("P0", () -> l.write(0, 1));
      s.task("P1", () -> l.write(1, 1));
      s.task(
          "P2",
          () -> {
            l.registers[0] = l.read(0);
            fence.run();
            l.registers[1] = l.read(1);
          });
      s.task(
          "P3",
          () -> {
            l.registers[2] = l.read(1);
            fence.run();
            l.registers[3] = l.read(0);
          });
    };
  }

  private static BiConsumer<Litmus, Setup> writeToRead(Order order, Runnable fence) {
    return (l, s) -> {
      s.task("P0", () -> l.write(0, 1));
      s.task(
          "P1",
          () -> {
            l.registers[0] = l.read(0);
            l.cells[1].write(1, order);
          });
      s.task(
          "P2",
          () -> {
            l.registers[1] = l.read(1);
            fence.run();
            l.registers[2] = l.read(0);
          });
    };
  }

  @ParameterizedTest
  @MethodSource("cases")
  void hasItsOutcomes(Case litmus) {
    expect(litmus, MemoryModel.SC, litmus.outcomesSc());
    expect(litmus, MemoryModel.LKMM, litmus.outcomesLkmm());
  }

  private static void expect(Case litmus, MemoryModel model, int expected) {
    for (Reduction reduction : Reduction.under(model)) {
      var outcomes = litmus.litmus().outcomes(model, reduction);
      assertThat(outcomes).as("%s, %s", model, reduction).hasSize(Math.abs(expected));
      assertThat(outcomes.contains(litmus.outcome()))
          .as("%s, %s: %s among %s", model, reduction, litmus.outcome(), outcomes)
          .isEqualTo(expected > 0);
    }
  }
}
