// SPDX-License-Identifier: MIT
package ex02;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmConfig;
import kvmlab.kvm.KvmOps;
import kvmlab.lab.Check;
import kvmlab.lab.Lab;
import kvmlab.mm.Hva;
import kvmlab.mm.MmStruct;
import kvmlab.mm.MmuNotifierRange;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/// Task 1: the rule, against a model that remembers every invalidation.
class RetryRuleTest {
  private static final int PAGES = 4;

  /// One step of a host: a start of some pages, or the end of the oldest invalidation in progress.
  record Step(boolean start, int page, int pages) {
    @Override
    public String toString() {
      return start ? "start(h" + page + "..h" + (page + pages) + ")" : "end";
    }

    MmuNotifierRange range() {
      return new MmuNotifierRange(Hva.page(page), Hva.page(page + pages), true);
    }
  }

  /// What the rule may answer after some history.
  enum Answer {
    RETRY,
    GO_ON,
    EITHER
  }

  @Check(
      task = 1,
      stars = 3,
      title = "A look-up is trusted exactly when no invalidation can have changed it",
      kind = Check.Kind.PROPERTY)
  @Property(seed = "20210331", tries = 200)
  void ruleAgreesWithHistory(
      @ForAll("histories") List<Step> before,
      @ForAll("histories") List<Step> after,
      @ForAll @IntRange(max = PAGES - 1) int page) {
    Hva hva = Hva.page(page).plus(0x10);
    Deque<MmuNotifierRange> inProgress = new ArrayDeque<>();
    List<MmuNotifierRange> ended = new ArrayList<>();
    boolean retry =
        Lab.alone(() -> {
          Kvm kvm = vm();
          perform(kvm.mm, before, inProgress, ended);
          ended.clear();
          long snapshot = kvm.mmuNotifierSeq.readOnce();
          perform(kvm.mm, after, inProgress, ended);
          return retry(kvm, snapshot, hva);
        });
    Answer expected = model(hva, inProgress, ended);
    if (expected != Answer.EITHER) {
      assertThat(retry)
          .as(
              "whether a look-up of %s must start over, with %s in progress, and %s ended since",
              hva, inProgress, ended)
          .isEqualTo(expected == Answer.RETRY);
    }
  }

  @Check(
      task = 1,
      stars = 1,
      title = "Sequence numbers are compared in full width",
      kind = Check.Kind.PROPERTY)
  @Property(seed = "20210331", tries = 60)
  void sequenceNumbersAreComparedInFullWidth(
      @ForAll @LongRange(max = 1L << 40) long snapshot, @ForAll("endings") long endedSince) {
    boolean retry =
        Lab.alone(() -> {
          Kvm kvm = vm();
          kvm.mmuNotifierSeq.set(snapshot + endedSince);
          return retry(kvm, snapshot, Hva.page(0));
        });
    assertThat(retry)
        .as("whether to start over at mmu_notifier_seq %d + %d", snapshot, endedSince)
        .isEqualTo(endedSince != 0);
  }

  /// The range of an invalidation that has ended is not kept, so the rule may start over for any;
  /// and it may take all that are in progress for one.
  private static Answer model(
      Hva hva, Deque<MmuNotifierRange> inProgress, List<MmuNotifierRange> ended) {
    if (inProgress.stream().anyMatch(range -> range.contains(hva))
        || ended.stream().anyMatch(range -> range.contains(hva))) {
      return Answer.RETRY;
    }
    return inProgress.isEmpty() && ended.isEmpty() ? Answer.GO_ON : Answer.EITHER;
  }

  private static void perform(
      MmStruct mm,
      List<Step> steps,
      Deque<MmuNotifierRange> inProgress,
      List<MmuNotifierRange> ended) {
    for (Step step : steps) {
      if (step.start()) {
        mm.notifierSubscriptions().invalidateRangeStart(step.range());
        inProgress.add(step.range());
      } else if (!inProgress.isEmpty()) {
        MmuNotifierRange oldest = inProgress.remove();
        mm.notifierSubscriptions().invalidateRangeEnd(oldest);
        ended.add(oldest);
      }
    }
  }

  private static boolean retry(Kvm kvm, long snapshot, Hva hva) {
    kvm.mmuLock.writeLock();
    boolean retry = kvm.mmuNotifierRetryHva(snapshot, hva);
    kvm.mmuLock.writeUnlock();
    return retry;
  }

  private static Kvm vm() {
    return Kvm.createVm(
        new MmStruct(PAGES), KvmConfig.SMALL, KvmOps.reference().with(RetryingFault::new));
  }

  @Provide
  Arbitrary<List<Step>> histories() {
    Arbitrary<Step> start =
        Combinators.combine(
                Arbitraries.integers().between(0, PAGES - 2), Arbitraries.integers().between(1, 2))
            .as((page, pages) -> new Step(true, page, pages));
    return Arbitraries.oneOf(start, Arbitraries.just(new Step(false, 0, 0))).list().ofMaxSize(5);
  }

  @Provide
  Arbitrary<Long> endings() {
    return Arbitraries.of(0L, 1L, 2L, 1L << 31, 1L << 32, 1L << 33);
  }
}
