// SPDX-License-Identifier: MIT
package kvmlab.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import kvmlab.machine.Engine;
import kvmlab.machine.Fence;
import kvmlab.machine.Location;
import kvmlab.machine.Order;
import kvmlab.machine.Program;
import kvmlab.machine.Setup;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The numbers of inequivalent executions that the literature on partial-order reduction gives, and
/// those that a formula gives.
class TraceCountTest {

  @ParameterizedTest
  @CsvSource({
    "readers, 2, 4",
    "readers, 8, 256",
    "writers, 4, 24",
    "writers, 6, 720",
    "lastZero, 5, 64",
    "lastZero, 10, 3328",
    "indexer, 12, 8",
    "indexer, 13, 64",
  })
  void isThatOfTheLiterature(String name, int size, int traces) {
    assertThat(traces(name, size, MemoryModel.SC)).isEqualTo(traces);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
  void eachReaderSeesAWriteOrNot(int count) {
    for (MemoryModel model : MemoryModel.values()) {
      assertThat(traces("readers", count, model)).isEqualTo(1 << count);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void writersComeInAnyOrder(int count) {
    for (MemoryModel model : MemoryModel.values()) {
      assertThat(traces("writers", count, model)).isEqualTo(factorial(count));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void fullBarriersComeInAnyOrder(int count) {
    assertThat(traces("barriers", count, MemoryModel.SC)).isEqualTo(1);
    assertThat(traces("barriers", count, MemoryModel.LKMM)).isEqualTo(factorial(count));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
  void lastZeroFollowsItsFormula(int count) {
    assertThat(traces("lastZero", count, MemoryModel.SC)).isEqualTo((count + 3) << (count - 2));
  }

  /// Watched writes to different locations are ordered as if they were to one.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void watchedWritersComeInAnyOrder(int count) {
    for (MemoryModel model : MemoryModel.values()) {
      assertThat(traces("watched", count, model)).isEqualTo(factorial(count));
    }
  }

  private static int factorial(int count) {
    return IntStream.rangeClosed(1, count).reduce(1, (one, other) -> one * other);
  }

  private static long traces(String name, int size, MemoryModel model) {
    Program program =
        switch (name) {
          case "readers" -> readers(size);
          case "writers" -> writers(size);
          case "watched" -> watched(size);
          case "barriers" -> barriers(size);
          case "lastZero" -> lastZero(size);
          default -> indexer(size);
        };
    Explored explored = new Explorer(program).model(model).goOn().explore();
    assertThat(explored.exhausted()).isTrue();
    return explored.complete();
  }

  private static Program cells(int count, BiConsumer<Location[], Setup> tasks) {
    return setup -> {
      Location[] cells = new Location[count];
      for (int i = 0; i < count; i++) {
        cells[i] = Engine.current().location("c" + i, 0);
      }
      tasks.accept(cells, setup);
    };
  }

  private static Program readers(int count) {
    return cells(
        1,
        (cells, setup) -> {
          setup.task("writer", () -> cells[0].write(1, Order.RELAXED));
          for (int i = 0; i < count; i++) {
            setup.task("reader " + i, () -> cells[0].read(Order.RELAXED));
          }
        });
  }

  private static Program writers(int count) {
    return cells(
        1,
        (cells, setup) -> {
          for (int i = 0; i < count; i++) {
            int value = i;
            setup.task("writer " + i, () -> cells[0].write(value, Order.RELAXED));
          }
        });
  }

  private static Program watched(int count) {
    return cells(
        count,
        (cells, setup) -> {
          for (Location cell : cells) {
            cell.watch();
            setup.task("writer of " + cell.name(), () -> cell.write(1, Order.RELAXED));
          }
        });
  }

  private static Program barriers(int count) {
    return setup -> {
      for (int i = 0; i < count; i++) {
        setup.task("CPU " + i, () -> Engine.current().fence(Fence.FULL));
      }
    };
  }

  private static Program lastZero(int count) {
    return cells(
        count + 1,
        (cells, setup) -> {
          setup.task(
              "scanner",
              () -> {
                int i = count;
                while ((int) cells[i].read(Order.RELAXED) != 0) {
                  i--;
                }
              });
          for (int i = 1; i <= count; i++) {
            int own = i;
            setup.task(
                "filler " + i,
                () -> {
                  int before = (int) cells[own - 1].read(Order.RELAXED);
                  cells[own].write(before + 1, Order.RELAXED);
                });
          }
        });
  }

  private static Program indexer(int count) {
    return cells(
        128,
        (cells, setup) -> {
          for (int id = 0; id < count; id++) {
            int task = id;
            setup.task("indexer " + id, () -> index(cells, task));
          }
        });
  }

  private static void index(Location[] table, int task) {
    for (int message = 1; message <= 4; message++) {
      int word = message * 11 + task;
      int slot = word * 7 % 128;
      while ((int)
              table[slot].update(
                  "cmpxchg", old -> (int) old == 0 ? (Object) word : old, Order.RELAXED)
          != 0) {
        slot = (slot + 1) % 128;
      }
    }
  }
}
