// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static kvmlab.kernel.Watched.found;
import static kvmlab.kernel.Watched.silent;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import kvmlab.machine.Program;
import kvmlab.machine.Violation;
import org.junit.jupiter.api.Test;

/// A hang is called by its name, and the report says who waits for whom.
class HungTaskTest {

  private static Violation hang(Program program) {
    Violation violation =
        found(setup -> {
          Lockdep.proveLocking(false);
          program.build(setup);
        });
    assertThat(violation.kind()).isEqualTo(Violation.Kind.DEADLOCK);
    return violation;
  }

  private static void nest(Mutex outer, Mutex inner) {
    try (var _ = Ktrace.call(() -> "ioctl")) {
      outer.lock();
      inner.lock();
      inner.unlock();
      outer.unlock();
    }
  }

  @Test
  void cycleOfOwnersIsADeadlock() {
    Violation violation =
        hang(setup -> {
          Mutex one = Mutex.define("one");
          Mutex other = Mutex.define("other");
          setup.task("CPU 0", () -> nest(one, other));
          setup.task("CPU 1", () -> nest(other, one));
        });
    assertThat(violation.seen())
        .isEqualTo(
            "deadlock: CPU 0 waits in mutex_lock(other), held by CPU 1;"
                + " CPU 1 waits in mutex_lock(one), held by CPU 0");
    assertThat(violation.report())
        .containsExactly(
            "INFO: task CPU 0 is blocked for ever.",
            "  CPU 0 waits in mutex_lock(other), held by CPU 1",
            "   in ioctl",
            "INFO: task CPU 1 is blocked for ever.",
            "  CPU 1 waits in mutex_lock(one), held by CPU 0",
            "   in ioctl",
            "",
            "Wait-for cycle:",
            "  CPU 0 -> CPU 1 -> CPU 0",
            "",
            "Showing all locks held in the system:",
            "1 lock held by CPU 0:",
            " #0: mutex_lock(one), in ioctl",
            "1 lock held by CPU 1:",
            " #0: mutex_lock(other), in ioctl");
  }

  @Test
  void whoWaitsForTheDeadlockIsNotPartOfIt() {
    Violation violation =
        hang(setup -> {
          LongCell locked = new LongCell("locked", 0);
          Mutex third = Mutex.define("third");
          Mutex one = Mutex.define("one");
          Mutex other = Mutex.define("other");
          setup.task(
              "CPU 0",
              () -> {
                third.lock();
                locked.smpStoreRelease(1);
                nest(one, other);
                third.unlock();
              });
          setup.task("CPU 1", () -> nest(other, one));
          setup.task(
              "CPU 2",
              () -> {
                locked.smpCondLoadAcquire(value -> value == 1);
                third.lock();
                third.unlock();
              });
        });
    assertThat(violation.seen()).doesNotContain("CPU 2");
    assertThat(violation.report())
        .contains("  CPU 2 waits in mutex_lock(third), held by CPU 0", "  CPU 0 -> CPU 1 -> CPU 0");
  }

  @Test
  void readerBehindAQueuedWriterIsNamed() {
    Violation violation =
        hang(setup -> {
          RwSemaphore lock = RwSemaphore.define("mmu_notifier_slots_lock");
          setup.task(
              "CPU 0 (nested)",
              () -> {
                lock.downRead();
                lock.downRead();
                lock.upRead();
                lock.upRead();
              });
          setup.task(
              "CPU 1 (memslot)",
              () -> {
                lock.downWrite();
                lock.upWrite();
              });
        });
    assertThat(violation.invariant()).isEqualTo("I23");
    assertThat(violation.seen())
        .startsWith("reader behind a queued writer: ")
        .contains("held for reading by CPU 0 (nested), waited for by CPU 1 (memslot)");
    assertThat(violation.report())
        .contains("  CPU 0 (nested) -> CPU 1 (memslot) -> CPU 0 (nested)");
  }

  @Test
  void gracePeriodThatCannotEndIsNamed() {
    Violation violation =
        hang(setup -> {
          SrcuStruct srcu = SrcuStruct.define("kvm->srcu");
          Mutex lock = Mutex.define("slots_lock");
          setup.task(
              "CPU 0 (vcpu)",
              () -> {
                int index = srcu.readLock();
                lock.lock();
                lock.unlock();
                srcu.readUnlock(index);
              });
          setup.task(
              "CPU 1 (memslot)",
              () -> {
                lock.lock();
                srcu.synchronize();
                lock.unlock();
              });
        });
    assertThat(violation.invariant()).isEqualTo("I35");
    assertThat(violation.seen())
        .startsWith("stalled grace period: ")
        .contains(
            "CPU 1 (memslot) waits in synchronize_srcu(kvm->srcu),"
                + " which waits for the read section of CPU 0 (vcpu)");
  }

  @Test
  void wakeUpBetweenTestAndSleepIsLostWhenTheStateIsSetLate() {
    silent(sleeper(false));
    Violation violation = hang(sleeper(true));
    assertThat(violation.invariant()).isEqualTo("I32");
    assertThat(violation.invariant()).isEqualTo("I32");
    assertThat(violation.seen())
        .startsWith(
            "lost wake-up: CPU 0 (memslot) waits in schedule(), asleep at"
                + " mn_memslots_update_rcuwait; the wake-up by CPU 1 (invalidation) came before it had ");
  }

  private static Program sleeper(boolean late) {
    return setup -> {
      Rcuwait wait = new Rcuwait("mn_memslots_update_rcuwait");
      LongCell active = new LongCell("mn_active_invalidate_count", 1);
      setup.task(
          "CPU 0 (memslot)",
          () -> {
            wait.prepareToRcuwait();
            if (!late) {
              wait.setCurrentStateUninterruptible();
            }
            if (active.readOnce() != 0) {
              if (late) {
                wait.setCurrentStateUninterruptible();
              }
              wait.schedule();
            }
            wait.finishRcuwait();
          });
      setup.task(
          "CPU 1 (invalidation)",
          () -> {
            active.writeOnce(0);
            wait.wakeUp();
          });
    };
  }

  /// A sleeper that registers, tests and sleeps in the right order, and a task that runs `other`.
  private static Program asleepWhile(Consumer<Rcuwait> other) {
    return setup -> {
      Rcuwait wait = new Rcuwait("wait");
      LongCell done = new LongCell("done", 0);
      setup.task(
          "CPU 0",
          () -> {
            wait.prepareToRcuwait();
            wait.setCurrentStateUninterruptible();
            while (done.readOnce() == 0) {
              wait.schedule();
              wait.setCurrentStateUninterruptible();
            }
            wait.finishRcuwait();
          });
      setup.task("CPU 1", () -> other.accept(wait));
    };
  }

  @Test
  void nobodyWakes() {
    assertThat(hang(asleepWhile(_ -> {})).seen())
        .isEqualTo(
            "missing wake-up: CPU 0 waits in schedule(), asleep at wait, and nobody has called a"
                + " wake-up");
  }

  @Test
  void wakerDoesNotMakeTheConditionTrueFirst() {
    assertThat(hang(asleepWhile(Rcuwait::wakeUp)).seen()).startsWith("lost wake-up: ");
  }

  @Test
  void taskThatEndedIsNotWaitedFor() {
    Violation violation =
        hang(setup -> {
          LongCell flag = new LongCell("flag", 0);
          setup.task("CPU 0", () -> flag.smpCondLoadAcquire(value -> value == 2));
          setup.task("CPU 1", () -> flag.writeOnce(1));
        });
    assertThat(violation.seen())
        .isEqualTo("hung task: CPU 0 waits in smp_cond_load_acquire(flag), flag is 1");
  }
}
