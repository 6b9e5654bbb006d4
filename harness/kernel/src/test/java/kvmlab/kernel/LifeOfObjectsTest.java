// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static kvmlab.kernel.Errno.ENOMEM;
import static kvmlab.kernel.Watched.found;
import static kvmlab.kernel.Watched.foundIn;
import static kvmlab.kernel.Watched.silent;
import static kvmlab.kernel.Watched.silentIn;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import kvmlab.machine.Program;
import kvmlab.machine.Violation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// SRCU domains are used between their initialisation and their end, counted objects while somebody
/// counts, and declarations where they are compiled.
class LifeOfObjectsTest {
  private static final Ifdef IN = new Ifdef("defined(CONFIG_MMU_NOTIFIER)", true);
  private static final Ifdef OUT = new Ifdef("defined(CONFIG_MMU_NOTIFIER)", false);

  @Test
  void domainLivesFromInitToCleanup() {
    silentIn(() -> {
      SrcuStruct srcu = new SrcuStruct("kvm->srcu");
      assertThat(srcu.init()).isZero();
      srcu.readUnlock(srcu.readLock());
      srcu.synchronize();
      srcu.cleanup();
      assertThat(srcu.initialised()).isFalse();
      assertThat(srcu.init()).isZero();
      srcu.synchronize();
    });
  }

  @Test
  void domainThatIsUsedTooEarlyIsReported() {
    assertThat(foundIn(() -> new SrcuStruct("kvm->srcu").readLock()))
        .returns("I25", Violation::invariant)
        .returns("kvm->srcu is initialised before its first use", Violation::expected);
    assertThat(foundIn(() -> new SrcuStruct("kvm->srcu").cleanup()).invariant()).isEqualTo("I25");
  }

  @Test
  void domainThatIsUsedTooLateIsReported() {
    Violation violation =
        foundIn(() -> {
          SrcuStruct srcu = SrcuStruct.define("kvm->srcu");
          srcu.cleanup();
          srcu.cleanup();
        });
    assertThat(violation.invariant()).isEqualTo("I17");
    assertThat(violation.seen()).contains("cleanup_srcu_struct(kvm->srcu) afterwards");
  }

  @Test
  void secondInitIsReported() {
    assertThat(foundIn(() -> SrcuStruct.define("kvm->srcu").init()).invariant()).isEqualTo("I25");
  }

  @Test
  void initFailsWhereItIsToldTo() {
    silentIn(() -> {
      SrcuStruct srcu = new SrcuStruct("kvm->srcu");
      srcu.failInit(-ENOMEM);
      assertThat(srcu.init()).isEqualTo(-ENOMEM);
      assertThat(srcu.initialised()).isFalse();
    });
  }

  private static Program readerAndCleanup(boolean waits) {
    return setup -> {
      SrcuStruct srcu = SrcuStruct.define("kvm->srcu");
      LongCell hashed = new LongCell("hashed", 1);
      setup.task(
          "madvise",
          () -> {
            int index = srcu.readLock();
            hashed.readOnce();
            srcu.readUnlock(index);
            if (waits) {
              hashed.smpStoreRelease(0);
            }
          });
      setup.task(
          "close",
          () -> {
            if (waits) {
              hashed.smpCondLoadAcquire(value -> value == 0);
            }
            srcu.cleanup();
          });
    };
  }

  @Test
  void cleanupUnderAReaderIsReported() {
    silent(readerAndCleanup(true));
    assertThat(found(readerAndCleanup(false)).invariant()).isEqualTo("I17");
  }

  /// Two users of an object; the last one frees it.
  private static Program twoUsers(int references) {
    return setup -> {
      KmemObject object = new KmemObject("struct kvm", "I17");
      Refcount users = new Refcount("users_count");
      users.set(references);
      for (int user = 0; user < 2; user++) {
        setup.task(
            "user " + user,
            () -> {
              object.access("ioctl");
              if (users.decAndTest()) {
                object.free();
              }
            });
      }
    };
  }

  @Test
  void lastUserFreesAfterEveryOtherUse() {
    silent(twoUsers(2));
  }

  @Test
  void referenceThatNobodyTookIsReported() {
    assertThat(found(twoUsers(1)).invariant()).isEqualTo("I17");
  }

  @Test
  void countNeverLeavesZero() {
    Violation violation = foundIn(() -> new Refcount("users_count").inc());
    assertThat(violation.seen()).contains("refcount_t: addition on 0; use-after-free");
  }

  @Test
  void pointerIsInitialisedWithoutItsLock() {
    silentIn(() -> {
      RefCell<String> memslots = new RefCell<>("memslots[0]", null);
      memslots.guardedBy(Mutex.define("slots_lock")).rcuInitPointer("empty");
      assertThat(memslots.latest()).isEqualTo("empty");
    });
  }

  @Test
  void pointerThatOthersCanReadIsNotInitialised() {
    Violation violation =
        found(setup -> {
          RefCell<String> memslots = new RefCell<>("memslots[0]", null);
          setup.task("create", () -> memslots.rcuInitPointer("empty"));
          setup.task("fault", memslots::readOnce);
        });
    assertThat(violation.kind()).isEqualTo(Violation.Kind.DATA_RACE);
  }

  private enum Use {
    READ(ifdef -> count(ifdef).readOnce()),
    PLAIN_READ(ifdef -> count(ifdef).get()),
    WRITE(ifdef -> count(ifdef).writeOnce(1)),
    PLAIN_WRITE(ifdef -> count(ifdef).set(1)),
    UPDATE(ifdef -> count(ifdef).fetchAdd(1)),
    AWAIT(ifdef -> count(ifdef).smpCondLoadAcquire(value -> value == 0)),
    INIT(ifdef -> lock(ifdef).init()),
    TRYLOCK(ifdef -> {
      RwSemaphore lock = lock(ifdef);
      lock.init();
      lock.downReadTrylock();
      lock.upRead();
    }),
    ASKED(ifdef -> lock(ifdef).lockdepIsHeld()),
    CALL(ifdef -> ifdef.require("mmu_notifier_unregister()"));

    private final Consumer<Ifdef> code;

    Use(Consumer<Ifdef> code) {
      this.code = code;
    }

    private static LongCell count(Ifdef ifdef) {
      return ifdef.declare(new LongCell("mmu_notifier_count", 0));
    }

    private static RwSemaphore lock(Ifdef ifdef) {
      return ifdef.declare(new RwSemaphore("mmu_notifier_slots_lock"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void useIsReportedWhereItIsCompiledOut(Use use) {
    silentIn(() -> use.code.accept(IN));
    Violation violation = foundIn(() -> use.code.accept(OUT));
    assertThat(violation.invariant()).isEqualTo("I37");
    assertThat(violation.expected()).endsWith("#if defined(CONFIG_MMU_NOTIFIER)");
  }

  @Test
  void declarationAloneIsReportedNowhere() {
    silentIn(() -> assertThat(Use.count(OUT).latest()).isZero());
  }
}
