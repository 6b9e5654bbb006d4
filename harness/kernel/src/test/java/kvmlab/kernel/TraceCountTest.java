// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import kvmlab.explore.Explored;
import kvmlab.explore.Explorer;
import kvmlab.explore.MemoryModel;
import kvmlab.machine.Program;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The numbers of inequivalent executions of programs over locks and waits, which follow from what
/// commutes: as many as a formula says.
class TraceCountTest {

  private static long traces(Program program) {
    Explored explored = new Explorer(program).model(MemoryModel.SC).goOn().explore();
    assertThat(explored.exhausted()).isTrue();
    return explored.complete();
  }

  /// Returns a program with one object and so many tasks.
  private static Program tasks(int count, Consumer<Integer> body) {
    return setup -> {
      for (int i = 0; i < count; i++) {
        int task = i;
        setup.task("CPU " + i, () -> body.accept(task));
      }
    };
  }

  private static long factorial(long count) {
    return LongStream.rangeClosed(1, count).reduce(1, (one, other) -> one * other);
  }

  private static long power(long base, int exponent) {
    return LongStream.generate(() -> base).limit(exponent).reduce(1, (one, other) -> one * other);
  }

  /// Tasks that take a lock several times each: the orders of the requests, (nk)! / k!^n.
  @ParameterizedTest
  @CsvSource({"2, 1", "3, 1", "5, 1", "6, 1", "2, 2", "2, 4", "3, 2", "3, 3", "4, 2"})
  void locksAreTakenInAnyOrder(int tasks, int times) {
    Program program =
        setup -> {
          Spinlock lock = Spinlock.define("lock");
          tasks(
                  tasks,
                  task -> {
                    for (int i = 0; i < times; i++) {
                      lock.lock();
                      lock.unlock();
                    }
                  })
              .build(setup);
        };
    assertThat(traces(program))
        .isEqualTo(factorial((long) tasks * times) / power(factorial(times), tasks));
  }

  /// Each reader comes between two writers, and it does not matter which reader of those comes
  /// first: w! (w+1)^r.
  @ParameterizedTest
  @CsvSource({
    "1, 0", "4, 0", "1, 1", "2, 1", "4, 1", "1, 2", "2, 2", "3, 2", "1, 3", "2, 3", "0, 4"
  })
  void readersComeBetweenWriters(int readers, int writers) {
    Program semaphore =
        setup -> {
          RwSemaphore lock = RwSemaphore.define("lock");
          tasks(
                  readers + writers,
                  task -> {
                    if (task < readers) {
                      lock.downRead();
                      lock.upRead();
                    } else {
                      lock.downWrite();
                      lock.upWrite();
                    }
                  })
              .build(setup);
        };
    Program rwlock =
        setup -> {
          RwLock lock = RwLock.define("lock");
          tasks(
                  readers + writers,
                  task -> {
                    if (task < readers) {
                      lock.readLock();
                      lock.readUnlock();
                    } else {
                      lock.writeLock();
                      lock.writeUnlock();
                    }
                  })
              .build(setup);
        };
    long expected = factorial(writers) * power(writers + 1L, readers);
    assertThat(traces(semaphore)).isEqualTo(expected);
    assertThat(traces(rwlock)).isEqualTo(expected);
  }

  /// Each grace period comes before or after each read section begins, as far as that can be: the
  /// acyclic orientations of a complete bipartite graph, which are the poly-Bernoulli numbers.
  ///
  /// @source P. Cameron, C. Glass and R. Schumacher, "Acyclic orientations and poly-Bernoulli
  ///   numbers", 2014
  @ParameterizedTest
  @CsvSource({"1, 1, 2", "2, 1, 4", "4, 1, 16", "2, 2, 14", "3, 2, 46", "2, 3, 46", "3, 3, 230"})
  void gracePeriodsComeBeforeOrAfterReaders(int readers, int updaters, long polyBernoulli) {
    Program program =
        setup -> {
          SrcuStruct srcu = SrcuStruct.define("srcu");
          tasks(
                  readers + updaters,
                  task -> {
                    if (task < readers) {
                      srcu.readUnlock(srcu.readLock());
                    } else {
                      srcu.synchronize();
                    }
                  })
              .build(setup);
        };
    assertThat(traces(program)).isEqualTo(polyBernoulli);
  }

  /// Which waiter gets which completion: w! c!, whichever of the two comes first.
  @ParameterizedTest
  @CsvSource({"1, 1", "1, 3", "2, 2", "3, 2", "3, 3"})
  void completionsAndWaitersEachComeInAnyOrder(int waiters, int completions) {
    Program program =
        setup -> {
          Completion done = new Completion("done");
          tasks(
                  waiters + completions,
                  task -> {
                    if (task < waiters) {
                      done.waitForCompletion();
                    } else {
                      done.complete();
                    }
                  })
              .build(setup);
        };
    assertThat(traces(program)).isEqualTo(factorial(waiters) * factorial(completions));
  }

  /// Attempts may each change what the next one sees: n!.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void attemptsComeInAnyOrder(int count) {
    Program program =
        setup -> {
          Completion done = new Completion("done");
          tasks(count, task -> done.tryWaitForCompletion()).build(setup);
        };
    assertThat(traces(program)).isEqualTo(factorial(count));
  }

  /// Wake-ups that find nobody: in the order of the queue's lock at a wait queue, in none at an
  /// rcuwait.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void wakeUpsThatFindNobody(int count) {
    Program queue =
        setup -> {
          WaitQueueHead head = new WaitQueueHead("wq");
          tasks(count, task -> head.wakeUp()).build(setup);
        };
    Program rcuwait =
        setup -> {
          Rcuwait wait = new Rcuwait("wait");
          tasks(count, task -> wait.wakeUp()).build(setup);
        };
    assertThat(traces(queue)).isEqualTo(factorial(count));
    assertThat(traces(rcuwait)).isEqualTo(1);
  }

  /// Files that are created under a lock for their inode and a lock for a free block each; with
  /// more than 13, some compete for a block.
  ///
  /// @source C. Flanagan and P. Godefroid, "Dynamic partial-order reduction for model checking
  ///   software", POPL 2005
  @ParameterizedTest
  @CsvSource({"13, 1", "14, 2", "16, 8", "18, 32", "19, 64"})
  void fileSystem(int files, long expected) {
    Program program =
        setup -> {
          Table inodes = Table.of("inode", 32);
          Table blocks = Table.of("block", 26);
          tasks(files, task -> create(inodes, blocks, task)).build(setup);
        };
    assertThat(traces(program)).isEqualTo(expected);
  }

  private record Table(Spinlock[] locks, LongCell[] cells) {
    static Table of(String name, int size) {
      return new Table(
          IntStream.range(0, size)
              .mapToObj(i -> Spinlock.define(name + i))
              .toArray(Spinlock[]::new),
          IntStream.range(0, size)
              .mapToObj(i -> new LongCell(name + i + " used", 0))
              .toArray(LongCell[]::new));
    }
  }

  private static void create(Table inodes, Table blocks, int inode) {
    inodes.locks()[inode].lock();
    int block = inode * 2 % blocks.locks().length;
    while (!take(blocks, block)) {
      block = (block + 1) % blocks.locks().length;
    }
    inodes.cells()[inode].set(block + 1);
    inodes.locks()[inode].unlock();
  }

  private static boolean take(Table blocks, int block) {
    blocks.locks()[block].lock();
    boolean free = blocks.cells()[block].get() == 0;
    blocks.cells()[block].set(1);
    blocks.locks()[block].unlock();
    return free;
  }
}
