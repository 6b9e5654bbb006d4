// SPDX-License-Identifier: MIT
package kvmlab.kvm.design;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Consumer;
import kvmlab.explore.Counterexample;
import kvmlab.explore.Explorer;
import kvmlab.kernel.Lockdep;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmConfig;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.mm.Hva;
import kvmlab.mm.MmStruct;
import kvmlab.mm.MmuNotifierRange;
import kvmlab.mm.Pfn;
import kvmlab.mm.Pte;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Each design alone, one step after the other: what the interleavings cannot change.
class DesignTest {
  private static final MmuNotifierRange GUEST =
      new MmuNotifierRange(Hva.page(0), Hva.page(1), true);
  private static final MmuNotifierRange OTHER =
      new MmuNotifierRange(Hva.page(4), Hva.page(5), true);
  private static final MmuNotifierRange REAPED =
      new MmuNotifierRange(Hva.page(4), Hva.page(5), false);

  @ParameterizedTest
  @EnumSource
  void sectionOfGuestMemoryIsCountedFromStartToEnd(Design design) {
    assertThat(counts(design, GUEST)).containsExactly(1L, 0L, 1L);
  }

  @ParameterizedTest
  @EnumSource
  void sectionOfOtherMemoryIsCountedWithoutElisionOnly(Design design) {
    long counted = design == Design.UNCONDITIONAL ? 1L : 0L;
    assertThat(counts(design, OTHER)).containsExactly(counted, 0L, counted);
  }

  @ParameterizedTest
  @EnumSource
  void rangeBeginsAnewWhenAllHaveEnded(Design design) {
    Explorer.alone(() -> {
      Kvm kvm = vm(design, KvmConfig.SMALL);
      kvm.setMemoryRegion(new KvmMemorySlot(1, new Gfn(1), 1, OTHER.start()));
      kvm.mm.notifierSubscriptions().invalidateRangeStart(GUEST);
      kvm.mm.notifierSubscriptions().invalidateRangeEnd(GUEST);
      kvm.mm.notifierSubscriptions().invalidateRangeStart(OTHER);
      assertThat(kvm.mmuNotifierRangeStart.latest()).isEqualTo(OTHER.start().address());
      assertThat(kvm.mmuNotifierRangeEnd.latest()).isEqualTo(OTHER.end().address());
      kvm.mm.notifierSubscriptions().invalidateRangeEnd(OTHER);
      return kvm;
    });
  }

  @ParameterizedTest
  @EnumSource
  void reapedSectionIsCountedWhereItIsNotFrozen(Design design) {
    boolean counted =
        switch (design) {
          case UNCONDITIONAL, RWSEM_V1, RWSEM_V2 -> true;
          case UNFROZEN, RWLOCK, ACTIVE_COUNT -> false;
        };
    assertThat(counts(design, REAPED)).containsExactly(counted ? 1L : 0L, 0L, counted ? 1L : 0L);
  }

  @ParameterizedTest
  @EnumSource
  void changedEntryIsFollowedInASectionThatIsCounted(Design design) {
    assertThat(seqAfterChange(design, GUEST)).isEqualTo(2);
    assertThat(seqAfterChange(design, OTHER)).isEqualTo(design == Design.UNCONDITIONAL ? 2 : 0);
  }

  @ParameterizedTest
  @EnumSource
  void changedEntryOutsideOfASectionIsReportedByWhoSkipsIt(Design design) {
    String seen =
        switch (design) {
          case UNCONDITIONAL, UNFROZEN, RWSEM_V1, RWLOCK -> null;
          case RWSEM_V2 -> "CPU 0 does not hold it";
          case ACTIVE_COUNT -> "it comes while mn_active_invalidate_count is 0";
        };
    Counterexample found = change(design, kvm -> changePte(kvm, GUEST)).explore().counterexample();
    assertThat(found == null ? null : found.violation().seen()).isEqualTo(seen);
  }

  /// Returns the number of ends and changes after a section in which the host changes an entry.
  private static long seqAfterChange(Design design, MmuNotifierRange range) {
    long[] seq = new long[1];
    Explorer explorer =
        change(
            design,
            kvm -> {
              kvm.mm.notifierSubscriptions().invalidateRangeStart(range);
              changePte(kvm, range);
              kvm.mm.notifierSubscriptions().invalidateRangeEnd(range);
              seq[0] = kvm.mmuNotifierSeq.latest();
            });
    assertThat(explorer.explore().counterexample()).isNull();
    return seq[0];
  }

  private static Explorer change(Design design, Consumer<Kvm> host) {
    return new Explorer(setup -> {
      Kvm kvm = vm(design, KvmConfig.SMALL);
      setup.task("CPU 0", () -> host.accept(kvm));
    });
  }

  private static void changePte(Kvm kvm, MmuNotifierRange range) {
    kvm.mm.notifierSubscriptions().changePte(range.start(), new Pte(new Pfn(0), true));
  }

  @ParameterizedTest
  @EnumSource
  void memslotsCanBeUpdatedWithAndWithoutNotifiers(Design design) {
    for (boolean notifiers : new boolean[] {true, false}) {
      KvmConfig config = KvmConfig.SMALL.withNotifiers(notifiers, true);
      long slots =
          Explorer.alone(() -> (long) vm(design, config).latestMemslots(0).latestSlots().size());
      assertThat(slots).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void startWithoutAnEndBlocksUpdatesUntilTheReset(Design design) {
    boolean freezes =
        switch (design) {
          case UNCONDITIONAL, UNFROZEN -> false;
          case RWSEM_V1, RWLOCK, RWSEM_V2, ACTIVE_COUNT -> true;
        };
    assertThat(updates(design, false)).isEqualTo(!freezes);
    assertThat(updates(design, true)).isTrue();
  }

  /// Returns whether an update completes after a start whose end does not come.
  private static boolean updates(Design design, boolean reset) {
    Explorer explorer =
        new Explorer(setup -> {
          Kvm kvm = vm(design, KvmConfig.SMALL);
          kvm.mm.notifierSubscriptions().invalidateRangeStart(GUEST);
          setup.task(
              "KVM_SET_USER_MEMORY_REGION",
              () -> {
                if (reset) {
                  kvm.steps.resetPieces();
                }
                kvm.setMemoryRegion(new KvmMemorySlot(1, new Gfn(1), 1, Hva.page(1)));
              });
        });
    return explorer.explore().counterexample() == null;
  }

  /// Returns the count between start and end, after the end, and the number of ends.
  private static List<Long> counts(Design design, MmuNotifierRange range) {
    return Explorer.alone(() -> {
      Kvm kvm = vm(design, KvmConfig.SMALL);
      kvm.mm.notifierSubscriptions().invalidateRangeStart(range);
      long between = kvm.mmuNotifierCount.latest();
      kvm.mm.notifierSubscriptions().invalidateRangeEnd(range);
      return List.of(between, kvm.mmuNotifierCount.latest(), kvm.mmuNotifierSeq.latest());
    });
  }

  private static Kvm vm(Design design, KvmConfig config) {
    // Three of the designs hold a lock from start to end, which lockdep does not let pass.
    Lockdep.proveLocking(false);
    MmStruct mm = new MmStruct(8);
    mm.mmap(Hva.page(0), Hva.page(8));
    Kvm kvm = Kvm.createVm(mm, config, design.ops());
    kvm.setMemoryRegion(new KvmMemorySlot(0, new Gfn(0), 1, Hva.page(0)));
    return kvm;
  }
}
