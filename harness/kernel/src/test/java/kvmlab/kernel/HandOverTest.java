// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import kvmlab.explore.Explorer;
import kvmlab.explore.MemoryModel;
import kvmlab.machine.Setup;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a lock orders when it goes from one task to another, by the modes in which they hold it.
class HandOverTest {

  /// A way to hold a lock.
  private record Mode(Runnable take, Runnable release) {
    void with(Runnable section) {
      take.run();
      section.run();
      release.run();
    }
  }

  private static Mode exclusive(ExclusiveLock lock) {
    return new Mode(lock::lock, lock::unlock);
  }

  private static Mode tried(ExclusiveLock lock) {
    return new Mode(
        () -> {
          while (!lock.trylock()) {
            Sched.cpuRelax();
          }
        },
        lock::unlock);
  }

  /// Every way to hold a lock; locks of the same class are the same lock.
  private static Map<String, Mode> modes() {
    Spinlock spinlock = Spinlock.define("spinlock");
    Mutex mutex = Mutex.define("mutex");
    RwLock rwlock = RwLock.define("rwlock");
    RwSemaphore rwsem = RwSemaphore.define("rwsem");
    return Map.of(
        "spin_lock", exclusive(spinlock),
        "spin_trylock", tried(spinlock),
        "mutex_lock", exclusive(mutex),
        "read_lock", new Mode(rwlock::readLock, rwlock::readUnlock),
        "write_lock", new Mode(rwlock::writeLock, rwlock::writeUnlock),
        "down_read", new Mode(rwsem::downRead, rwsem::upRead),
        "down_write", new Mode(rwsem::downWrite, rwsem::upWrite),
        "downgrade_write",
            new Mode(
                () -> {
                  rwsem.downWrite();
                  rwsem.downgradeWrite();
                },
                rwsem::upRead));
  }

  private static SortedSet<String> outcomes(int registers, BiConsumer<Setup, long[]> tasks) {
    SortedSet<String> outcomes = new TreeSet<>();
    long[][] values = new long[1][];
    new Explorer(
            setup -> {
              values[0] = new long[registers];
              tasks.accept(setup, values[0]);
            })
        .model(MemoryModel.LKMM)
        .goOn()
        .onComplete((execution, violation) ->
            outcomes.add(
                violation == null ? Arrays.toString(values[0]) : violation.kind().toString()))
        .explore();
    return outcomes;
  }

  /// Message passing: what was done before the lock was taken by the one is seen after it was
  /// released by the other.
  @ParameterizedTest
  @CsvSource({
    "spin_lock, spin_lock, true",
    "spin_lock, spin_trylock, true",
    "spin_trylock, spin_lock, true",
    "mutex_lock, mutex_lock, true",
    "write_lock, write_lock, true",
    "write_lock, read_lock, true",
    "read_lock, write_lock, true",
    "read_lock, read_lock, false",
    "down_write, down_write, true",
    "down_write, down_read, true",
    "down_read, down_write, true",
    "down_read, down_read, false",
    "downgrade_write, down_read, true",
    "downgrade_write, down_write, true",
    "downgrade_write, downgrade_write, true",
    "down_read, downgrade_write, false",
  })
  void lockCarriesWhatItsOwnerDid(String from, String to, boolean ordered) {
    SortedSet<String> outcomes =
        outcomes(
            2,
            (setup, registers) -> {
              Map<String, Mode> modes = modes();
              LongCell x = new LongCell("x", 0);
              LongCell y = new LongCell("y", 0);
              setup.task(
                  "from",
                  () -> {
                    x.writeOnce(1);
                    modes.get(from).with(() -> y.writeOnce(1));
                  });
              setup.task(
                  "to",
                  () -> {
                    modes.get(to).with(() -> registers[0] = y.readOnce());
                    registers[1] = x.readOnce();
                  });
            });
    assertThat(outcomes).contains("[0, 0]", "[0, 1]", "[1, 1]");
    assertThat(outcomes.contains("[1, 0]")).as("%s", outcomes).isEqualTo(!ordered);
    assertThat(outcomes).hasSize(ordered ? 3 : 4);
  }

  /// Whoever never takes the lock sees the writes of one owner before those of the next, as the
  /// kernel promises of spinlocks.
  @ParameterizedTest
  @ValueSource(strings = {"spin_lock", "mutex_lock", "write_lock", "down_write"})
  void thirdPartySeesOwnersInOrder(String mode) {
    assertThat(thirdParty(mode)).hasSize(7).doesNotContain("[1, 1, 0]");
  }

  private static SortedSet<String> thirdParty(String mode) {
    return outcomes(
        3,
        (setup, registers) -> {
          Map<String, Mode> modes = modes();
          LongCell x = new LongCell("x", 0);
          LongCell y = new LongCell("y", 0);
          setup.task("first", () -> modes.get(mode).with(() -> x.writeOnce(1)));
          setup.task(
              "second",
              () ->
                  modes
                      .get(mode)
                      .with(() -> {
                        registers[0] = x.readOnce();
                        y.writeOnce(1);
                      }));
          setup.task(
              "third party",
              () -> {
                registers[1] = y.readOnce();
                Barriers.smpRmb();
                registers[2] = x.readOnce();
              });
        });
  }

  /// A writer comes after every reader that left before it, not only after the last.
  @ParameterizedTest
  @CsvSource({"read_lock, write_lock", "down_read, down_write"})
  void writerSeesWhatAllReadersDid(String read, String write) {
    SortedSet<String> outcomes =
        outcomes(
            4,
            (setup, registers) -> {
              Map<String, Mode> modes = modes();
              LongCell x = new LongCell("x", 0);
              LongCell y = new LongCell("y", 0);
              LongCell xRead = new LongCell("x_read", 0);
              LongCell yRead = new LongCell("y_read", 0);
              setup.task(
                  "reader of x",
                  () -> {
                    x.writeOnce(1);
                    modes.get(read).with(() -> xRead.writeOnce(1));
                  });
              setup.task(
                  "reader of y",
                  () -> {
                    y.writeOnce(1);
                    modes.get(read).with(() -> yRead.writeOnce(1));
                  });
              setup.task(
                  "writer",
                  () -> {
                    modes
                        .get(write)
                        .with(() -> {
                          registers[0] = xRead.readOnce();
                          registers[1] = yRead.readOnce();
                        });
                    registers[2] = x.readOnce();
                    registers[3] = y.readOnce();
                  });
            });
    assertThat(outcomes)
        .contains("[0, 0, 0, 0]", "[1, 1, 1, 1]")
        .noneMatch(outcome -> outcome.matches("\\[1, ., 0, .]|\\[., 1, ., 0]"));
  }

  /// Another lock orders nothing.
  @Test
  void otherLockOrdersNothing() {
    SortedSet<String> outcomes =
        outcomes(
            2,
            (setup, registers) -> {
              Spinlock one = Spinlock.define("one");
              Spinlock other = Spinlock.define("other");
              LongCell x = new LongCell("x", 0);
              LongCell y = new LongCell("y", 0);
              setup.task(
                  "from",
                  () -> {
                    x.writeOnce(1);
                    exclusive(one).with(() -> y.writeOnce(1));
                  });
              setup.task(
                  "to",
                  () -> {
                    exclusive(other).with(() -> registers[0] = y.readOnce());
                    registers[1] = x.readOnce();
                  });
            });
    assertThat(outcomes).contains("[1, 0]");
  }
}
