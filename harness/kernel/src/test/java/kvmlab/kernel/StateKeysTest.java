// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import kvmlab.explore.Explorer;
import kvmlab.explore.Reduction;
import kvmlab.machine.StateHash;
import kvmlab.machine.Stateful;
import org.junit.jupiter.api.Test;

/// In every interleaving of a few tasks, a primitive says as many different states as it has: fewer
/// would mean that two states look alike, more that one state looks different by the way that leads
/// to it.
class StateKeysTest {

  /// Returns how many states the object says that it has been in.
  private static <T extends Stateful> int statesOf(
      Supplier<T> declared, Function<T, List<Runnable>> tasks) {
    Set<String> seen = new TreeSet<>();
    StateHash hash = new StateHash();
    new Explorer(
            setup -> {
              T object = declared.get();
              List<Runnable> bodies = tasks.apply(object);
              for (int i = 0; i < bodies.size(); i++) {
                setup.task("t" + i, bodies.get(i));
              }
              setup.afterEachEvent(() -> {
                hash.clear();
                object.describe(hash);
                seen.add(hash.high() + " " + hash.low());
              });
            })
        .reduction(Reduction.NONE)
        .goOn()
        .explore();
    return seen.size();
  }

  @Test
  void spinlockByItsOwnerAndItsQueueInOrder() {
    // Free, or one of three owners and any of: nobody waits, one, both in either order.
    assertThat(
            statesOf(
                () -> Spinlock.define("lock"),
                lock -> {
                  Runnable body =
                      () -> {
                        lock.lock();
                        lock.unlock();
                      };
                  return List.of(body, body, body);
                }))
        .isEqualTo(1 + 3 * 5);
  }

  @Test
  void lockByWhetherItIsInitialised() {
    assertThat(statesOf(() -> new Spinlock("lock"), lock -> List.of(lock::init))).isEqualTo(2);
  }

  private static void read(RwSemaphore semaphore) {
    semaphore.downRead();
    semaphore.upRead();
  }

  private static void write(RwSemaphore semaphore) {
    semaphore.downWrite();
    semaphore.upWrite();
  }

  @Test
  void semaphoreByItsReadersAsASet() {
    // Free; written, and any set of readers waits; read by one, and nobody waits, or the writer,
    // or the writer and the other behind it; read by both, and nobody waits or the writer.
    assertThat(
            statesOf(
                () -> RwSemaphore.define("semaphore"),
                lock -> List.of(() -> read(lock), () -> read(lock), () -> write(lock))))
        .isEqualTo(1 + 4 + 2 * 3 + 2);
  }

  @Test
  void semaphoreByItsWritersInOrder() {
    assertThat(
            statesOf(
                () -> RwSemaphore.define("semaphore"),
                lock -> List.of(() -> read(lock), () -> write(lock), () -> write(lock))))
        .isEqualTo(1 + 3 * 5);
  }

  @Test
  void srcuByItsReadersAndWhomAGracePeriodAwaits() {
    // Any set of readers, and without a grace period or with one that awaits some of them.
    assertThat(
            statesOf(
                () -> SrcuStruct.define("srcu"),
                srcu -> {
                  Runnable reader = () -> srcu.readUnlock(srcu.readLock());
                  return List.of(reader, reader, srcu::synchronize);
                }))
        .isEqualTo(4 + 5);
  }

  @Test
  void completionByWhatIsLeftAndWhoWaitsInOrder() {
    // One or two left and nobody waits; none left, and nobody, one, or both in either order.
    assertThat(
            statesOf(
                () -> new Completion("completion"),
                done ->
                    List.of(
                        done::waitForCompletion,
                        done::waitForCompletion,
                        done::complete,
                        done::complete)))
        .isEqualTo(2 + 5);
  }

  @Test
  void completionByWhetherAllMayGoOn() {
    assertThat(statesOf(() -> new Completion("completion"), done -> List.of(done::completeAll)))
        .isEqualTo(2);
  }

  @Test
  void valuesByTypeAndContent() {
    Set<String> seen = new TreeSet<>();
    StateHash hash = new StateHash();
    List<Object> values =
        List.of(
            1,
            2L,
            true,
            false,
            "1",
            "",
            List.of(),
            List.of(1),
            List.of(1, 2),
            TaskState.values()[0]);
    for (Object value : values) {
      hash.clear();
      hash.addValue(value);
      seen.add(hash.high() + " " + hash.low());
    }
    assertThat(seen).hasSize(values.size());
  }

  private static long ofSet(Object... elements) {
    StateHash hash = new StateHash();
    hash.addSet(List.of(elements));
    return hash.low() * 31 + hash.high();
  }

  @Test
  void setsWithoutTheirOrderButWithHowOften() {
    assertThat(ofSet(1, 2, 2)).isEqualTo(ofSet(2, 1, 2)).isNotEqualTo(ofSet(1, 1, 2));
    assertThat(ofSet(1, 4)).isNotEqualTo(ofSet(2, 3));
    assertThat(ofSet()).isNotEqualTo(ofSet(0));
  }
}
