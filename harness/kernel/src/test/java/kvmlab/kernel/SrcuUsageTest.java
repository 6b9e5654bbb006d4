// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static kvmlab.kernel.Watched.found;
import static kvmlab.kernel.Watched.foundIn;
import static kvmlab.kernel.Watched.silent;
import static kvmlab.kernel.Watched.silentIn;
import static org.assertj.core.api.Assertions.assertThat;

import kvmlab.machine.Violation;
import org.junit.jupiter.api.Test;

/// What SRCU protects is used inside a read section, or under the lock of the updaters; sections
/// are closed by those who opened them.
class SrcuUsageTest {

  @Test
  void pointerIsDereferencedInAReadSection() {
    Violation violation =
        foundIn(() -> {
          SrcuStruct srcu = SrcuStruct.define("kvm->srcu");
          try (var _ = Ktrace.call(() -> "direct_page_fault(g0)")) {
            new RefCell<>("memslots[0]", "slots").srcuDereference(srcu);
          }
        });
    assertThat(violation.seen()).contains("suspicious RCU usage");
    assertThat(violation.report())
        .containsExactly(
            "=============================",
            "WARNING: suspicious RCU usage",
            "-----------------------------",
            "CPU 0 at:",
            " memslots[0]: suspicious srcu_dereference() usage!",
            "  in direct_page_fault(g0)",
            "",
            "other info that might help us debug this:",
            "",
            "no locks held by CPU 0.");
  }

  @Test
  void readSectionOfAnotherDomainIsNoExcuse() {
    Violation violation =
        foundIn(() -> {
          SrcuStruct srcu = SrcuStruct.define("kvm->srcu");
          SrcuStruct other = SrcuStruct.define("srcu");
          other.readLock();
          new RefCell<>("memslots[0]", "slots").srcuDereference(srcu);
        });
    assertThat(violation.seen()).contains("suspicious RCU usage");
  }

  @Test
  void updaterDereferencesUnderItsLock() {
    silentIn(() -> {
      SrcuStruct srcu = SrcuStruct.define("kvm->srcu");
      Mutex lock = Mutex.define("slots_lock");
      RefCell<String> memslots = new RefCell<>("memslots[0]", "slots").guardedBy(lock);
      lock.lock();
      assertThat(memslots.rcuDereferenceProtected(lock)).isEqualTo("slots");
      assertThat(memslots.srcuDereferenceCheck(srcu, lock)).isEqualTo("slots");
      lock.unlock();
      int index = srcu.readLock();
      assertThat(memslots.srcuDereferenceCheck(srcu, lock)).isEqualTo("slots");
      assertThat(memslots.srcuDereference(srcu)).isEqualTo("slots");
      srcu.readUnlock(index);
    });
  }

  @Test
  void neitherLockNorSectionIsReported() {
    Violation violation =
        foundIn(() ->
            new RefCell<>("memslots[0]", "slots")
                .srcuDereferenceCheck(SrcuStruct.define("kvm->srcu"), Mutex.define("slots_lock")));
    assertThat(violation.expected())
        .isEqualTo(
            "memslots[0] is dereferenced inside a read section of kvm->srcu, or under slots_lock");
    assertThat(violation.report())
        .contains(" memslots[0]: suspicious srcu_dereference_check() usage!");
  }

  @Test
  void readSectionDoesNotReplaceTheLockOfTheUpdaters() {
    Violation violation =
        foundIn(() -> {
          SrcuStruct.define("kvm->srcu").readLock();
          new RefCell<>("memslots[0]", "slots").rcuDereferenceProtected(Mutex.define("slots_lock"));
        });
    assertThat(violation.expected())
        .isEqualTo("memslots[0] is dereferenced so under slots_lock only");
  }

  @Test
  void lockOfAnotherTaskIsNoExcuse() {
    Violation violation =
        found(setup -> {
          Mutex lock = Mutex.define("slots_lock");
          RefCell<String> memslots = new RefCell<>("memslots[0]", "slots");
          setup.task(
              "CPU 0",
              () -> {
                lock.lock();
                lock.unlock();
              });
          setup.task("CPU 1", () -> memslots.rcuDereferenceProtected(lock));
        });
    assertThat(violation.seen()).isEqualTo("CPU 1 does not hold it: suspicious RCU usage");
  }

  @Test
  void gracePeriodIsNotAwaitedByItsOwnReader() {
    Violation violation =
        foundIn(() -> {
          SrcuStruct srcu = SrcuStruct.define("kvm->srcu");
          srcu.readLock();
          srcu.synchronize();
        });
    assertThat(violation.invariant()).isEqualTo("I35");
    assertThat(violation.report()).contains(" kvm->srcu: synchronize_srcu()");
  }

  @Test
  void gracePeriodOfAnotherDomainMayBeAwaited() {
    silentIn(() -> {
      SrcuStruct srcu = SrcuStruct.define("kvm->srcu");
      int index = srcu.readLock();
      SrcuStruct.define("srcu").synchronize();
      srcu.readUnlock(index);
    });
  }

  @Test
  void sectionIsClosedWithItsIndex() {
    Violation violation =
        foundIn(() -> {
          SrcuStruct srcu = SrcuStruct.define("kvm->srcu");
          int outer = srcu.readLock();
          srcu.readLock();
          srcu.readUnlock(outer);
        });
    assertThat(violation.expected())
        .isEqualTo("srcu_read_unlock gets the index that srcu_read_lock returned");
  }

  @Test
  void sectionIsClosedByItsTask() {
    Violation violation =
        found(setup -> {
          SrcuStruct srcu = SrcuStruct.define("kvm->srcu");
          LongCell opened = new LongCell("opened", -1);
          setup.task(
              "CPU 0",
              () -> {
                opened.smpStoreRelease(srcu.readLock());
                opened.smpCondLoadAcquire(value -> value == -2);
              });
          setup.task(
              "CPU 1", () -> srcu.readUnlock((int) opened.smpCondLoadAcquire(value -> value >= 0)));
        });
    assertThat(violation.invariant()).isEqualTo("I35");
    assertThat(violation.seen()).isEqualTo("CPU 1 closes one of kvm->srcu and is in none");
  }

  @Test
  void sectionIsClosedBeforeTheTaskEnds() {
    Violation violation = foundIn(() -> SrcuStruct.define("kvm->srcu").readLock());
    assertThat(violation.invariant()).isEqualTo("I35");
    assertThat(violation.report())
        .contains(
            "WARNING: lock held when returning to user space!", " #0: srcu_read_lock(kvm->srcu)");
  }

  @Test
  void readerBlocksGracePeriod() {
    silent(setup -> {
      SrcuStruct srcu = SrcuStruct.define("srcu");
      RefCell<String> memslots = new RefCell<>("memslots", "old");
      LongCell freed = new LongCell("freed", 0);
      setup.task(
          "CPU 0 (reader)",
          () -> {
            int index = srcu.readLock();
            String slots = memslots.srcuDereference(srcu);
            if ("old".equals(slots) && freed.latest() == 1) {
              throw new AssertionError("the reader sees freed memslots");
            }
            srcu.readUnlock(index);
          });
      setup.task(
          "CPU 1 (updater)",
          () -> {
            memslots.rcuAssignPointer("new");
            srcu.synchronize();
            freed.writeOnce(1);
          });
    });
  }
}
