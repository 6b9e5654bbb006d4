// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static kvmlab.explore.MemoryModel.LKMM;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import kvmlab.explore.Explored;
import kvmlab.explore.Explorer;
import kvmlab.machine.Program;
import kvmlab.machine.Setup;
import kvmlab.machine.Violation;
import org.junit.jupiter.api.Test;

/// Who is woken, and which wake-ups are lost.
class WaitQueueHeadTest {

  private static Violation found(Program program) {
    return Objects.requireNonNull(
            new Explorer(program).model(LKMM).explore().counterexample(), "nothing found")
        .violation();
  }

  private static void isSafe(Program program) {
    Explored explored = new Explorer(program).model(LKMM).explore();
    assertThat(explored.counterexample()).isNull();
    assertThat(explored.exhausted()).isTrue();
  }

  @Test
  void waiterSeesWhatTheWakerDid() {
    isSafe(setup -> {
      WaitQueueHead queue = new WaitQueueHead("wq");
      LongCell data = new LongCell("data", 0);
      LongCell ready = new LongCell("ready", 0);
      setup.task(
          "waiter",
          () -> {
            queue.waitEvent(() -> ready.smpLoadAcquire() == 1);
            assertThat(data.get()).isEqualTo(1);
          });
      setup.task(
          "waker",
          () -> {
            data.set(1);
            ready.smpStoreRelease(1);
            queue.wakeUp();
          });
    });
  }

  @Test
  void sleepWithoutATestLosesTheWakeUp() {
    Program program =
        setup -> {
          WaitQueueHead queue = new WaitQueueHead("wq");
          LongCell ready = new LongCell("ready", 0);
          setup.task(
              "waiter",
              () -> {
                if (ready.readOnce() == 0) {
                  queue.prepareToWait();
                  Sched.schedule();
                  queue.finishWait();
                }
              });
          setup.task(
              "waker",
              () -> {
                ready.writeOnce(1);
                queue.wakeUp();
              });
        };
    Violation violation = found(program);
    assertThat(violation.kind()).isEqualTo(Violation.Kind.DEADLOCK);
    assertThat(violation.seen()).contains("waiter waits in schedule(), asleep at wq");
  }

  @Test
  void wakerThatLooksFirstNeedsAFullBarrier() {
    assertThat(found(looksFirst(false)).kind()).isEqualTo(Violation.Kind.DEADLOCK);
    isSafe(looksFirst(true));
  }

  private static Program looksFirst(boolean barrier) {
    return setup -> {
      WaitQueueHead queue = new WaitQueueHead("wq");
      LongCell ready = new LongCell("ready", 0);
      setup.task("waiter", () -> queue.waitEvent(() -> ready.readOnce() == 1));
      setup.task(
          "waker",
          () -> {
            ready.writeOnce(1);
            if (barrier) {
              Barriers.smpMb();
            }
            if (queue.waitqueueActive()) {
              queue.wakeUp();
            }
          });
    };
  }

  /// Two tasks that sleep until woken, and a third that wakes when both are about to.
  private static void sleepers(Setup setup, WaitQueueHead queue, boolean exclusive, Runnable wake) {
    LongCell asleep = new LongCell("asleep", 0);
    for (int i = 0; i < 2; i++) {
      setup.task(
          "sleeper " + i,
          () -> {
            if (exclusive) {
              queue.prepareToWaitExclusive();
            } else {
              queue.prepareToWait();
            }
            asleep.fetchAdd(1);
            Sched.schedule();
            queue.finishWait();
          });
    }
    setup.task(
        "waker",
        () -> {
          asleep.smpCondLoadAcquire(value -> value == 2);
          wake.run();
        });
  }

  @Test
  void wakeUpReachesAllThatAreNotExclusive() {
    isSafe(setup -> {
      WaitQueueHead queue = new WaitQueueHead("wq");
      sleepers(setup, queue, false, queue::wakeUp);
    });
  }

  @Test
  void wakeUpReachesOneExclusiveWaiter() {
    Violation violation =
        found(setup -> {
          WaitQueueHead queue = new WaitQueueHead("wq");
          sleepers(setup, queue, true, queue::wakeUp);
        });
    assertThat(violation.seen()).containsOnlyOnce("waits in schedule()");
    isSafe(setup -> {
      WaitQueueHead queue = new WaitQueueHead("wq");
      sleepers(
          setup,
          queue,
          true,
          () -> {
            // The second one does not find the first sleeper again: who is woken leaves the queue.
            queue.wakeUp();
            queue.wakeUp();
          });
    });
    isSafe(setup -> {
      WaitQueueHead queue = new WaitQueueHead("wq");
      sleepers(setup, queue, true, queue::wakeUpAll);
    });
  }

  @Test
  void exclusiveWaitersAreWokenInTheOrderOfTheirComing() {
    isSafe(setup -> {
      WaitQueueHead queue = new WaitQueueHead("wq");
      LongCell order = new LongCell("order", 0);
      for (int i = 0; i < 2; i++) {
        int place = i;
        setup.task(
            "sleeper " + i,
            () -> {
              order.smpCondLoadAcquire(value -> value == place);
              queue.prepareToWaitExclusive();
              order.smpStoreRelease(place + 1);
              Sched.schedule();
              queue.finishWait();
              order.smpCondLoadAcquire(value -> value == 2 + place);
              order.smpStoreRelease(3 + place);
            });
      }
      setup.task(
          "waker",
          () -> {
            order.smpCondLoadAcquire(value -> value == 2);
            queue.wakeUp();
            order.smpCondLoadAcquire(value -> value == 3);
            queue.wakeUp();
          });
    });
  }

  @Test
  void whoIsWokenAndWaitsAgainComesLast() {
    isSafe(setup -> {
      WaitQueueHead queue = new WaitQueueHead("wq");
      LongCell order = new LongCell("order", 0);
      setup.task(
          "twice",
          () -> {
            queue.prepareToWaitExclusive();
            order.smpStoreRelease(1);
            Sched.schedule();
            order.smpCondLoadAcquire(value -> value == 2);
            queue.prepareToWaitExclusive();
            order.smpStoreRelease(3);
            order.smpCondLoadAcquire(value -> value == 4);
            queue.finishWait();
          });
      setup.task(
          "once",
          () -> {
            order.smpCondLoadAcquire(value -> value == 1);
            queue.prepareToWaitExclusive();
            order.smpStoreRelease(2);
            Sched.schedule();
            queue.finishWait();
            order.smpStoreRelease(4);
          });
      setup.task(
          "waker",
          () -> {
            order.smpCondLoadAcquire(value -> value == 2);
            queue.wakeUp();
            order.smpCondLoadAcquire(value -> value == 3);
            // For the one that has not been woken yet.
            queue.wakeUp();
          });
    });
  }

  @Test
  void taskInTwoQueuesIsWokenByEither() {
    isSafe(setup -> {
      WaitQueueHead first = new WaitQueueHead("first");
      WaitQueueHead second = new WaitQueueHead("second");
      LongCell ready = new LongCell("ready", 0);
      setup.task(
          "poll",
          () -> {
            first.prepareToWait();
            second.prepareToWait();
            while (ready.readOnce() == 0) {
              Sched.schedule();
              first.prepareToWait();
              second.prepareToWait();
            }
            first.finishWait();
            second.finishWait();
          });
      setup.task(
          "waker",
          () -> {
            ready.writeOnce(1);
            second.wakeUp();
          });
    });
  }

  @Test
  void nobodySleepsWithASpinlock() {
    Violation violation =
        found(setup -> {
          WaitQueueHead queue = new WaitQueueHead("wq");
          Spinlock lock = Spinlock.define("mmu_lock");
          setup.task(
              "waiter",
              () -> {
                lock.lock();
                queue.waitEvent(() -> true);
              });
        });
    assertThat(violation.invariant()).isEqualTo("I18");
  }
}
