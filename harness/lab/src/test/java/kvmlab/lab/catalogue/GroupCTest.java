// SPDX-License-Identifier: MIT
package kvmlab.lab.catalogue;

import static kvmlab.kernel.Barriers.smpRmb;
import static kvmlab.kernel.Barriers.smpWmb;
import static kvmlab.kernel.Errno.EAGAIN;
import static kvmlab.lab.LabAssertions.assertThat;
import static kvmlab.lab.catalogue.Walks.H0;
import static kvmlab.lab.catalogue.Walks.H1;
import static kvmlab.lab.catalogue.Walks.assertBreaks;
import static kvmlab.lab.catalogue.Walks.end;
import static kvmlab.lab.catalogue.Walks.explore;
import static kvmlab.lab.catalogue.Walks.nonBlockable;
import static kvmlab.lab.catalogue.Walks.section;
import static kvmlab.lab.catalogue.Walks.start;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import kvmlab.kernel.LongCell;
import kvmlab.kvm.DirectPageFault;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.InvalidateRange;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.LockOnHit;
import kvmlab.kvm.MmuNotifierRetry;
import kvmlab.kvm.RetPf;
import kvmlab.kvm.Vcpu;
import kvmlab.lab.Exploration;
import kvmlab.lab.World;
import kvmlab.lab.design.AliasesOfOnePage;
import kvmlab.lab.design.FaultRacesUnmap;
import kvmlab.lab.design.OverlappingInvalidations;
import kvmlab.lab.design.UnrelatedInvalidation;
import kvmlab.mm.FenceNotifier;
import kvmlab.mm.Hva;
import kvmlab.mm.MmuNotifierOps;
import kvmlab.mm.MmuNotifierRange;
import kvmlab.mm.OomReaper;
import kvmlab.mm.Pfn;
import org.junit.jupiter.api.Test;

/// Group C: counting.
class GroupCTest {

  /// The invalidation of v5.12 with other words for counting.
  private abstract static class Counting implements InvalidateRange {
    final Kvm kvm;

    Counting(Kvm kvm) {
      this.kvm = kvm;
    }

    void count(MmuNotifierRange range) {
      kvm.incNotifierCount(range.start(), range.end());
    }

    void uncount(MmuNotifierRange range) {
      kvm.decNotifierCount(range.start(), range.end());
    }

    @Override
    public int invalidateRangeStart(MmuNotifierRange range) {
      int index = kvm.srcu.readLock();
      kvm.mmuLock.writeLock();
      count(range);
      if (kvm.unmapHvaRange(range)) {
        kvm.flushRemoteTlbs();
      }
      kvm.mmuLock.writeUnlock();
      kvm.srcu.readUnlock(index);
      return 0;
    }

    @Override
    public void invalidateRangeEnd(MmuNotifierRange range) {
      kvm.mmuLock.writeLock();
      uncount(range);
      kvm.mmuLock.writeUnlock();
    }
  }

  @Test
  void c1FlagInThePlaceOfACount() {
    KvmOps ops =
        KvmOps.reference()
            .with(kvm ->
                new Counting(kvm) {
                  @Override
                  void count(MmuNotifierRange range) {
                    super.count(range);
                    kvm.mmuNotifierCount.writeOnce(1);
                  }

                  @Override
                  void uncount(MmuNotifierRange range) {
                    super.uncount(range);
                    kvm.mmuNotifierCount.writeOnce(0);
                  }
                });
    assertBreaks(new OverlappingInvalidations(), ops, "I11");
    assertBreaks(new OverlappingInvalidations(), ops, "I4");
  }

  /// Counts atomically, without `mmu_lock`, beside a range that is two plain words of the model.
  private static final class CountedWithoutTheLock extends Counting implements MmuNotifierRetry {
    private final LongCell count = new LongCell("count", 0);
    private final LongCell start = new LongCell("range_start", 0);
    private final LongCell end = new LongCell("range_end", 0);

    CountedWithoutTheLock(Kvm kvm) {
      super(kvm);
    }

    @Override
    public int invalidateRangeStart(MmuNotifierRange range) {
      boolean first = count.fetchAdd(1) == 0;
      long from = range.start().address();
      long to = range.end().address();
      start.writeOnce(first ? from : Math.min(from, start.readOnce()));
      end.writeOnce(first ? to : Math.max(to, end.readOnce()));
      return super.invalidateRangeStart(range);
    }

    @Override
    void count(MmuNotifierRange range) {}

    @Override
    void uncount(MmuNotifierRange range) {
      kvm.mmuNotifierSeq.writeOnce(kvm.mmuNotifierSeq.get() + 1);
      count.fetchAdd(-1);
    }

    @Override
    public boolean mmuNotifierRetryHva(long mmuSeq, Hva hva) {
      boolean inside = start.readOnce() <= hva.address() && hva.address() < end.readOnce();
      return count.readOnce() != 0 && inside || kvm.mmuNotifierSeq.get() != mmuSeq;
    }
  }

  @Test
  void c3CountsWithoutTheLockOfTheRange() {
    assertThat(
            explore(
                Set.of("I4"),
                world -> {
                  Vcpu vcpu =
                      world.vm(KvmOps.reference().with(CountedWithoutTheLock::new), 2).createVcpu();
                  world.task("CPU 0 (madvise)", () -> section(world, H0));
                  world.task(
                      "CPU 1 (madvise)",
                      () -> section(world, H1, () -> vcpu.access(new Gfn(1), false, 1)));
                }))
        .breaks("I4");
  }

  /// An end that takes no lock, and a fault that asks under another: as on a PowerPC.
  private static final class Lockless extends Counting
      implements MmuNotifierRetry, DirectPageFault {
    private final LongCell count = new LongCell("count", 0);
    private final LongCell seq = new LongCell("seq", 0);
    private final boolean seqFirst;

    Lockless(Kvm kvm, boolean seqFirst) {
      super(kvm);
      this.seqFirst = seqFirst;
    }

    @Override
    void count(MmuNotifierRange range) {
      count.writeOnce(count.readOnce() + 1);
    }

    @Override
    public void invalidateRangeEnd(MmuNotifierRange range) {
      if (seqFirst) {
        seq.writeOnce(seq.readOnce() + 1);
        smpWmb();
        count.writeOnce(count.readOnce() - 1);
      } else {
        count.writeOnce(count.readOnce() - 1);
        smpWmb();
        seq.writeOnce(seq.readOnce() + 1);
      }
    }

    @Override
    public boolean mmuNotifierRetryHva(long mmuSeq, Hva hva) {
      if (count.readOnce() != 0) {
        return true;
      }
      smpRmb();
      return seq.readOnce() != mmuSeq;
    }

    @Override
    public RetPf directPageFault(Vcpu vcpu, Gfn gfn, boolean write) {
      long mmuSeq = seq.readOnce();
      smpRmb();
      KvmMemorySlot slot = vcpu.gfnToMemslot(gfn);
      if (slot == null) {
        return RetPf.EMULATE;
      }
      Hva hva = slot.gfnToHva(gfn);
      Pfn pfn = kvm.hvaToPfn(hva, write);
      kvm.mmuLock.writeLock();
      RetPf ret = RetPf.RETRY;
      if (!kvm.mmuNotifierRetryHva(mmuSeq, hva)) {
        ret = kvm.mmu.directMap(slot, gfn, pfn, write);
      }
      kvm.mmuLock.writeUnlock();
      return ret;
    }
  }

  @Test
  void c5CountsDownBeforeItNumbers() {
    assertThat(lockless(true)).isSafe().isExhaustive();
    assertThat(lockless(false)).breaks("I5");
  }

  private static Exploration lockless(boolean seqFirst) {
    return explore(
        Set.of("I1", "I2", "I3", "I5"),
        world -> {
          Vcpu vcpu =
              world.vm(KvmOps.reference().with(kvm -> new Lockless(kvm, seqFirst)), 1).createVcpu();
          world.task("CPU 0 (madvise)", () -> world.mm().madviseDontneed(Hva.page(0), Hva.page(1)));
          world.task("vcpu 0", () -> vcpu.access(new Gfn(0), false, 1));
        });
  }

  @Test
  void c7CountsDownOnlyWhatItHasZapped() {
    KvmOps ops =
        KvmOps.reference()
            .with(kvm ->
                new Counting(kvm) {
                  private boolean zapped;

                  @Override
                  void count(MmuNotifierRange range) {
                    super.count(range);
                    kvm.mmu.forEachLatest((_, _) -> zapped = true);
                  }

                  @Override
                  void uncount(MmuNotifierRange range) {
                    long count = kvm.mmuNotifierCount.get();
                    super.uncount(range);
                    if (!zapped) {
                      kvm.mmuNotifierCount.writeOnce(count);
                    }
                  }
                });
    assertThat(oneSection(ops, Set.of("I11"), H0)).breaks("I11");
    assertThat(oneSection(ops, Set.of("I30"), H0)).breaks("I30");
  }

  @Test
  void c8StartWithoutAnEnd() {
    // What the core did before c2655835fd8c when another subscriber had failed.
    for (String invariant : new String[] {"I11", "I30"}) {
      assertThat(
              explore(
                  Set.of(invariant),
                  world -> {
                    world.vm(KvmOps.reference(), 1).createVcpu();
                    world.task(
                        "CPU 0 (oom_reaper)",
                        () ->
                            world
                                .mm()
                                .notifierSubscriptions()
                                .invalidateRangeStart(nonBlockable(H0)));
                  }))
          .breaks(invariant);
    }
  }

  @Test
  void c8StartThatIsEndedBecauseAnotherHasFailed() {
    for (boolean kvmFirst : new boolean[] {true, false}) {
      assertThat(
              explore(
                  Set.of("I11", "I30"),
                  world -> {
                    MmuNotifierOps fails = new FenceNotifier();
                    if (!kvmFirst) {
                      world.mm().mmuNotifierRegister(fails);
                    }
                    world.vm(KvmOps.reference(), 1).createVcpu();
                    if (kvmFirst) {
                      world.mm().mmuNotifierRegister(fails);
                    }
                    world.task("CPU 0 (oom_reaper)", () -> OomReaper.oomReapTaskMm(world.mm()));
                  }))
          .isSafe()
          .isExhaustive();
    }
  }

  @Test
  void c8StartThatFailsWhenItHasCounted() {
    KvmOps ops =
        KvmOps.reference()
            .with(kvm ->
                new Counting(kvm) {
                  @Override
                  public int invalidateRangeStart(MmuNotifierRange range) {
                    super.invalidateRangeStart(range);
                    return range.blockable() ? 0 : -EAGAIN;
                  }
                });
    // It has an end, so nobody can tell whether that is to count down.
    assertThat(oneSection(ops, Set.of("I11"), nonBlockable(H0))).breaks("I11");
    assertThat(oneSection(ops, Set.of("I11"), H0)).isSafe().isExhaustive();
  }

  @Test
  void c9StartThatFailsCountsDownAndIsEndedToo() {
    KvmOps ops =
        KvmOps.reference()
            .with(kvm ->
                new Counting(kvm) {
                  @Override
                  public int invalidateRangeStart(MmuNotifierRange range) {
                    super.invalidateRangeStart(range);
                    if (!range.blockable()) {
                      super.invalidateRangeEnd(range);
                    }
                    return 0;
                  }
                });
    // Another subscriber fails as well, so the core sends every end.
    assertThat(oneSection(ops, Set.of("I11"), nonBlockable(H0))).breaks("I11");
  }

  @Test
  void c10LooksAtTheCountWithoutTheLock() {
    KvmOps ops =
        KvmOps.reference()
            .with(kvm ->
                new Counting(kvm) {
                  @Override
                  public void invalidateRangeEnd(MmuNotifierRange range) {
                    super.invalidateRangeEnd(range);
                    assertThat(kvm.mmuNotifierCount.readOnce()).isNotNegative();
                  }
                });
    // Where all is counted right there is nothing to see, early or late: the test itself is at
    // fault, not the protocol.
    assertThat(explore(world -> overlapping(world, ops))).isSafe();
  }

  @Test
  void c11NumbersUnderAReadLock() {
    KvmOps ops =
        KvmOps.reference()
            .with(kvm ->
                new Counting(kvm) {
                  @Override
                  public void invalidateRangeEnd(MmuNotifierRange range) {
                    kvm.mmuLock.readLock();
                    uncount(range);
                    kvm.mmuLock.readUnlock();
                  }
                });
    assertThat(explore(world -> overlapping(world, ops)).explain())
        .contains("mmu_notifier_seq is guarded by mmu_lock")
        .contains("writes it with a read lock");
  }

  @Test
  void c11LosesANumber() {
    KvmOps ops =
        KvmOps.reference()
            .with(kvm ->
                new Counting(kvm) {
                  @Override
                  public void invalidateRangeEnd(MmuNotifierRange range) {
                    long seq = kvm.mmuNotifierSeq.readOnce();
                    kvm.mmuLock.writeLock();
                    uncount(range);
                    kvm.mmuNotifierSeq.writeOnce(seq + 1);
                    kvm.mmuLock.writeUnlock();
                  }
                });
    assertThat(explore(Set.of("I12"), world -> overlapping(world, ops))).breaks("I12");
  }

  @Test
  void endThatNumbersNothing() {
    KvmOps ops =
        KvmOps.reference()
            .with(kvm ->
                new Counting(kvm) {
                  @Override
                  void uncount(MmuNotifierRange range) {
                    kvm.mmuNotifierCount.writeOnce(kvm.mmuNotifierCount.get() - 1);
                  }
                });
    assertBreaks(new FaultRacesUnmap(), ops, "I12");
    assertBreaks(new FaultRacesUnmap(), ops, "I5");
  }

  @Test
  void rangeOfTheLastStartOnly() {
    KvmOps ops =
        KvmOps.reference()
            .with(kvm ->
                new Counting(kvm) {
                  @Override
                  void count(MmuNotifierRange range) {
                    super.count(range);
                    kvm.mmuNotifierRangeStart.writeOnce(range.start().address());
                    kvm.mmuNotifierRangeEnd.writeOnce(range.end().address());
                  }
                });
    assertBreaks(new OverlappingInvalidations(), ops, "I13");
    assertBreaks(new OverlappingInvalidations(), ops, "I4");
  }

  @Test
  void rangeThatIsNeverResetIsSlow() {
    KvmOps ops =
        KvmOps.reference()
            .with(kvm ->
                new Counting(kvm) {
                  @Override
                  void count(MmuNotifierRange range) {
                    super.count(range);
                    kvm.mmuNotifierRangeStart.writeOnce(0);
                  }
                });
    assertBreaks(new UnrelatedInvalidation(), ops, "I29");
  }

  @Test
  void lockForEachMemslotIsSlow() {
    KvmOps ops =
        KvmOps.reference()
            .with(kvm ->
                new Counting(kvm) {
                  @Override
                  void count(MmuNotifierRange range) {
                    super.count(range);
                    kvm.mmuLock.writeUnlock();
                    kvm.mmuLock.writeLock();
                  }
                });
    assertBreaks(new AliasesOfOnePage(), ops, "I28");
  }

  @Test
  void c12OneCountForTwoVms() {
    assertThat(
            explore(
                Set.of("I14"),
                world -> {
                  LongCell global = new LongCell("count", 0);
                  KvmOps ops =
                      KvmOps.reference()
                          .with(LockOnHit::new)
                          .with(kvm ->
                              new InvalidateRange() {
                                @Override
                                public int invalidateRangeStart(MmuNotifierRange range) {
                                  global.fetchAdd(1);
                                  start(kvm, range, true);
                                  return 0;
                                }

                                @Override
                                public void invalidateRangeEnd(MmuNotifierRange range) {
                                  global.fetchAdd(-1);
                                  end(kvm, range, false);
                                }
                              });
                  world.vm(ops, 1);
                  world.vm(ops);
                  world.task("CPU 0 (madvise)", () -> section(world, H0));
                }))
        .breaks("I14");
  }

  private static Exploration oneSection(KvmOps ops, Set<String> watched, MmuNotifierRange range) {
    return explore(
        watched,
        world -> {
          world.vm(ops, 1).createVcpu();
          world.task("CPU 0 (madvise)", () -> section(world, range));
        });
  }

  private static void overlapping(World world, KvmOps ops) {
    world.vm(ops, 2);
    world.task("CPU 0 (madvise)", () -> section(world, H0));
    world.task("CPU 1 (madvise)", () -> section(world, H1));
  }
}
