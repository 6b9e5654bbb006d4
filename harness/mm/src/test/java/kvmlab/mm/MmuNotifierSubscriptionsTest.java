// SPDX-License-Identifier: MIT
package kvmlab.mm;

import static kvmlab.kernel.Errno.EAGAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import kvmlab.explore.Explorer;
import kvmlab.kernel.Mutex;
import kvmlab.kernel.RwSemaphore;
import org.junit.jupiter.api.Test;

class MmuNotifierSubscriptionsTest {
  private static final MmuNotifierRange BLOCKABLE =
      new MmuNotifierRange(Hva.page(0), Hva.page(1), true);
  private static final MmuNotifierRange NON_BLOCKABLE =
      new MmuNotifierRange(Hva.page(0), Hva.page(1), false);

  private final List<String> calls = new ArrayList<>();

  private MmuNotifierOps subscriber(String name, IntSupplier start) {
    return new MmuNotifierOps() {
      @Override
      public int invalidateRangeStart(MmuNotifierRange range) {
        calls.add(name + " start");
        return start.getAsInt();
      }

      @Override
      public void invalidateRangeEnd(MmuNotifierRange range) {
        calls.add(name + " end");
      }
    };
  }

  @Test
  void newestSubscriberIsCalledFirstInStartAndInEnd() {
    section(BLOCKABLE, subscriber("old", () -> 0), subscriber("new", () -> 0));
    assertThat(calls).containsExactly("new start", "old start", "new end", "old end");
  }

  @Test
  void failedStartIsFollowedByEndForAllThatHaveOne() {
    int ret =
        section(
            NON_BLOCKABLE,
            subscriber("old", () -> 0),
            withoutEnd(subscriber("middle", () -> -EAGAIN)),
            subscriber("new", () -> 0));
    assertThat(ret).isEqualTo(-EAGAIN);
    assertThat(calls)
        .containsExactly("new start", "middle start", "old start", "new end", "old end");
  }

  @Test
  void failureOfASubscriberThatHasAnEndIsReported() {
    assertThatThrownBy(() -> section(NON_BLOCKABLE, subscriber("one", () -> -EAGAIN)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("its start returned -11 for h0..h1, non-blockable, and its end");
  }

  private static MmuNotifierOps withoutEnd(MmuNotifierOps ops) {
    return new MmuNotifierOps() {
      @Override
      public int invalidateRangeStart(MmuNotifierRange range) {
        return ops.invalidateRangeStart(range);
      }

      @Override
      public void invalidateRangeEnd(MmuNotifierRange range) {
        throw new AssertionError("it has no end");
      }

      @Override
      public boolean hasInvalidateRangeEnd() {
        return false;
      }
    };
  }

  @Test
  void failureOfABlockableStartIsReported() {
    assertThatThrownBy(() -> section(BLOCKABLE, subscriber("one", () -> -EAGAIN)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("it returned -11 for h0..h1");
  }

  @Test
  void sleepInANonBlockableStartIsReported() {
    IntSupplier sleeps =
        () -> {
          Mutex mutex = Mutex.define("mutex");
          mutex.lock();
          mutex.unlock();
          return 0;
        };
    assertThat(section(BLOCKABLE, subscriber("one", sleeps))).isZero();
    assertThatThrownBy(() -> section(NON_BLOCKABLE, subscriber("one", sleeps)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("non-blockable section");
  }

  @Test
  void sleepInANonBlockableEndIsReported() {
    MmuNotifierOps sleeps =
        new MmuNotifierOps() {
          @Override
          public int invalidateRangeStart(MmuNotifierRange range) {
            return 0;
          }

          @Override
          public void invalidateRangeEnd(MmuNotifierRange range) {
            Mutex mutex = Mutex.define("mutex");
            mutex.lock();
            mutex.unlock();
          }
        };
    assertThat(section(BLOCKABLE, sleeps)).isZero();
    assertThatThrownBy(() -> section(NON_BLOCKABLE, sleeps))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("non-blockable section");
  }

  @Test
  void invalidateRangeComesWithEndButNotWithOnlyEnd() {
    MmuNotifierOps walks =
        new MmuNotifierOps() {
          @Override
          public int invalidateRangeStart(MmuNotifierRange range) {
            return 0;
          }

          @Override
          public void invalidateRange(Hva start, Hva end) {
            calls.add("invalidate " + start + ".." + end);
          }

          @Override
          public void invalidateRangeEnd(MmuNotifierRange range) {
            calls.add("end");
          }
        };
    section(BLOCKABLE, walks);
    assertThat(calls).containsExactly("invalidate h0..h1", "end");
    calls.clear();
    Explorer.alone(() -> {
      MmStruct mm = new MmStruct(1);
      mm.mmuNotifierRegister(walks);
      mm.notifierSubscriptions().invalidateRangeStart(BLOCKABLE);
      mm.notifierSubscriptions().invalidateRangeOnlyEnd(BLOCKABLE);
      return mm;
    });
    assertThat(calls).containsExactly("end");
  }

  @Test
  void copyOnWriteInvalidatesBeforeItTellsTheNewEntry() {
    MmuNotifierOps walks =
        new MmuNotifierOps() {
          @Override
          public int invalidateRangeStart(MmuNotifierRange range) {
            calls.add("start");
            return 0;
          }

          @Override
          public void invalidateRange(Hva start, Hva end) {
            calls.add("invalidate " + start + ".." + end);
          }

          @Override
          public void changePte(Hva address, Pte pte) {
            calls.add("change_pte");
          }

          @Override
          public void invalidateRangeEnd(MmuNotifierRange range) {
            calls.add("end");
          }
        };
    Explorer.alone(() -> {
      MmStruct mm = new MmStruct(1);
      mm.mmap(Hva.page(0), Hva.page(1));
      mm.getUserPagesFast(Hva.page(0), true);
      mm.fork();
      mm.mmuNotifierRegister(walks);
      mm.getUserPagesFast(Hva.page(0), true);
      return mm;
    });
    assertThat(calls).containsExactly("start", "invalidate h0..h1", "change_pte", "end");
  }

  @Test
  void lockKeptFromStartToEndIsReported() {
    IntSupplier keeps =
        () -> {
          RwSemaphore.define("mmu_notifier_slots_lock").downRead();
          return 0;
        };
    assertThatThrownBy(() -> section(BLOCKABLE, subscriber("one", keeps)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(
            "takes mmu_notifier_invalidate_range_start while holding mmu_notifier_slots_lock");
  }

  @Test
  void sectionsMayNest() {
    Explorer.alone(() -> {
      MmStruct mm = new MmStruct(1);
      mm.mmuNotifierRegister(subscriber("one", () -> 0));
      for (int i = 0; i < 2; i++) {
        mm.notifierSubscriptions().invalidateRangeStart(BLOCKABLE);
        mm.notifierSubscriptions().invalidateRangeStart(BLOCKABLE);
        mm.notifierSubscriptions().invalidateRangeEnd(BLOCKABLE);
        mm.notifierSubscriptions().invalidateRangeEnd(BLOCKABLE);
      }
      return mm;
    });
    assertThat(calls).hasSize(8);
  }

  @Test
  void emptyRangeIsRefused() {
    assertThatThrownBy(() -> new MmuNotifierRange(Hva.page(1), Hva.page(1), true))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static int section(MmuNotifierRange range, MmuNotifierOps... subscribers) {
    return Explorer.alone(() -> {
      MmStruct mm = new MmStruct(1);
      for (MmuNotifierOps ops : subscribers) {
        mm.mmuNotifierRegister(ops);
      }
      int ret = mm.notifierSubscriptions().invalidateRangeStart(range);
      if (ret == 0) {
        mm.notifierSubscriptions().invalidateRangeEnd(range);
      }
      return ret;
    });
  }
}
