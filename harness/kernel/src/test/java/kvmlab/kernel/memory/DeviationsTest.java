// SPDX-License-Identifier: MIT
package kvmlab.kernel.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import kvmlab.explore.Explorer;
import kvmlab.explore.MemoryModel;
import kvmlab.kernel.Barriers;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.RefCell;
import kvmlab.kernel.Spinlock;
import kvmlab.kernel.SrcuStruct;
import kvmlab.machine.Setup;
import kvmlab.machine.Violation;
import org.junit.jupiter.api.Test;

/// Where the memory of the explorer is not the kernel's, one program for each place: what the
/// kernel allows and the explorer does not do can hide a bug; what the explorer does and the kernel
/// forbids can cry wolf. The appendix of the book shows these programs.
class DeviationsTest {

  private static void hides(String program, String outcome) {
    Comparison comparison = Comparison.of(LitmusProgram.parse(program));
    assertThat(comparison.allowed()).contains(outcome);
    assertThat(comparison.seen()).doesNotContain(outcome);
  }

  private static void criesWolf(String program, String outcome) {
    Comparison comparison = Comparison.of(LitmusProgram.parse(program));
    assertThat(comparison.allowed()).doesNotContain(outcome);
    assertThat(comparison.seen()).contains(outcome);
  }

  @Test
  void readIsNeverDelayedBehindALaterWrite() {
    hides(
        // tag::load-buffering[]
        """
        P0: r0 = READ_ONCE(x); WRITE_ONCE(y, 1)
        P1: r1 = READ_ONCE(y); WRITE_ONCE(x, 1)
        """
        // end::load-buffering[]
        ,
        "1 1 | 1 1 0");
  }

  @Test
  void missingAcquireBeforeAWriteIsNotFound() {
    hides(
        // tag::no-acquire[]
        """
        P0: WRITE_ONCE(x, 2); smp_store_release(y, 1)
        P1: r0 = READ_ONCE(y); WRITE_ONCE(x, 1)
        """
        // end::no-acquire[]
        ,
        "1 | 2 1 0");
  }

  @Test
  void readSectionBeginsAfterTheReadsBeforeIt() {
    hides(
        // tag::sections[]
        """
        P0: srcu_read_lock(ss); r0 = READ_ONCE(x); WRITE_ONCE(y, 1); srcu_read_unlock(ss)
        P1: srcu_read_lock(ss); r1 = READ_ONCE(y); WRITE_ONCE(z, 1); srcu_read_unlock(ss)
        P2: r2 = READ_ONCE(z); synchronize_srcu(ss); WRITE_ONCE(x, 1)
        """
        // end::sections[]
        ,
        "1 1 1 | 1 1 1");
  }

  @Test
  void newerValueDoesNotOrderTheReadBefore() {
    criesWolf(
        // tag::newer-value[]
        """
        P0: r0 = READ_ONCE(y); r1 = smp_load_acquire(y); r2 = smp_load_acquire(x)
        P1: WRITE_ONCE(y, 1)
        P2: smp_store_release(x, 2); smp_store_release(y, 2)
        """
        // end::newer-value[]
        ,
        "2 1 0 | 2 1 0");
  }

  @Test
  void twoReadsMayEachComeBeforeTheOther() {
    criesWolf(
        // tag::each-before-the-other[]
        """
        P0: WRITE_ONCE(x, 1); smp_wmb(); WRITE_ONCE(y, 1)
        P1: WRITE_ONCE(y, 2); smp_wmb(); WRITE_ONCE(x, 2)
        P2: r0 = READ_ONCE(x); r1 = READ_ONCE(y)
        """
        // end::each-before-the-other[]
        ,
        "2 1 | 1 2 0");
  }

  // ---- what a litmus program cannot say

  private static SortedSet<String> seen(BiConsumer<Setup, List<Long>> tasks) {
    SortedSet<String> outcomes = new TreeSet<>();
    List<Long> registers = new ArrayList<>();
    new Explorer(
            setup -> {
              registers.clear();
              tasks.accept(setup, registers);
            })
        .model(MemoryModel.LKMM)
        .goOn()
        .onComplete((execution, violation) ->
            outcomes.add(violation == null ? registers.toString() : violation.kind().toString()))
        .explore();
    return outcomes;
  }

  /// In the kernel's model a `spin_trylock()` that fails may have read an old state of the lock,
  /// and orders nothing; here it fails only while the lock is held.
  @Test
  void trylockFailsOnlyWhileTheLockIsHeld() {
    assertThat(
            seen((setup, registers) -> {
              Spinlock lock = Spinlock.define("lock");
              LongCell y = new LongCell("y", 0);
              setup.task(
                  "P0",
                  () -> {
                    lock.lock();
                    lock.unlock();
                    y.writeOnce(1);
                  });
              setup.task(
                  "P1",
                  () -> {
                    if (y.smpLoadAcquire() == 1) {
                      boolean got = lock.trylock();
                      registers.add(got ? 1L : 0L);
                      if (got) {
                        lock.unlock();
                      }
                    }
                  });
            }))
        .containsExactly("[1]", "[]");
  }

  /// In the kernel's model `srcu_dereference()` orders only what depends on the pointer.
  @Test
  void dereferenceOrdersWhatDoesNotDependOnIt() {
    assertThat(
            seen((setup, registers) -> {
              SrcuStruct srcu = SrcuStruct.define("srcu");
              LongCell x = new LongCell("x", 0);
              RefCell<String> pointer = new RefCell<>("pointer", null);
              setup.task(
                  "P0",
                  () -> {
                    x.writeOnce(1);
                    pointer.rcuAssignPointer("object");
                  });
              setup.task(
                  "P1",
                  () -> {
                    int index = srcu.readLock();
                    if (pointer.srcuDereference(srcu) != null) {
                      registers.add(x.readOnce());
                    }
                    srcu.readUnlock(index);
                  });
            }))
        .containsExactly("[1]", "[]");
  }

  /// In the kernel's model a marked read of a pointer orders the reads through it.
  @Test
  void readThroughAPointerIsNotOrderedByIt() {
    assertThat(
            seen((setup, registers) -> {
              RefCell<LongCell> pointer = new RefCell<>("pointer", null);
              LongCell object = new LongCell("object", 0);
              setup.task(
                  "P0",
                  () -> {
                    object.writeOnce(1);
                    pointer.rcuAssignPointer(object);
                  });
              setup.task(
                  "P1",
                  () -> {
                    LongCell found = pointer.readOnce();
                    if (found != null) {
                      registers.add(found.readOnce());
                    }
                  });
            }))
        .containsExactly("[0]", "[1]", "[]");
  }

  /// In the kernel's model barriers order plain accesses, too; here only what synchronises does:
  /// release and acquire, locks, creation and end of tasks, grace periods, wake-ups.
  @Test
  void plainDataBetweenBarriersLooksLikeARace() {
    assertThat(
            seen((setup, registers) -> {
              LongCell data = new LongCell("data", 0);
              LongCell flag = new LongCell("flag", 0);
              setup.task(
                  "P0",
                  () -> {
                    data.set(1);
                    Barriers.smpWmb();
                    flag.writeOnce(1);
                  });
              setup.task(
                  "P1",
                  () -> {
                    if (flag.readOnce() == 1) {
                      Barriers.smpRmb();
                      registers.add(data.get());
                    }
                  });
            }))
        .contains(Violation.Kind.DATA_RACE.toString());
  }

  /// A plain read returns the newest value. Where it might have returned an old one, it races.
  @Test
  void plainReadThatMayBeOldIsARace() {
    assertThat(
            seen((setup, registers) -> {
              LongCell data = new LongCell("data", 0);
              setup.task("P0", () -> data.writeOnce(1));
              setup.task("P1", () -> registers.add(data.get()));
            }))
        .containsExactly(Violation.Kind.DATA_RACE.toString());
  }
}
