// SPDX-License-Identifier: MIT
package kvmlab.lab.catalogue;

import static kvmlab.kernel.Barriers.smpRmb;
import static kvmlab.kernel.Barriers.smpWmb;
import static kvmlab.lab.LabAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Function;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.RefCell;
import kvmlab.kernel.Spinlock;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.LockOnHit;
import kvmlab.kvm.RetPf;
import kvmlab.lab.Exploration;
import kvmlab.lab.mutant.Freeze;
import kvmlab.lab.mutant.Invalidation;
import kvmlab.lab.mutant.Section;
import kvmlab.lab.mutant.Sketch;
import kvmlab.mm.Hva;
import kvmlab.mm.MmuNotifierRange;
import kvmlab.mm.Pfn;
import org.junit.jupiter.api.Test;

/// The order of memory. I-1 is B4.
class GroupITest {
  private static final Hva H0 = Hva.page(0);

  /// The test without `mmu_lock`, as Book3S-HV makes it: under a lock of the entry, which start
  /// takes too. It reads the count, then the number.
  @Test
  void i2HasNoBarrierBetweenTheNumberAndTheCount() {
    assertThat(lockless(true, true, true)).isSafe();
    assertThat(lockless(false, true, true)).breaks("I2");
  }

  /// The other side of it: B15 without the barrier of the reader.
  @Test
  void i2ReadsTheCountAndTheNumberWithoutABarrier() {
    assertThat(lockless(true, false, true)).breaks("I2");
  }

  /// B15: with the number first, no barrier helps.
  @Test
  void b15ReadsTheNumberBeforeTheCount() {
    assertThat(lockless(true, true, false)).breaks("I2");
  }

  /// KVM's own use of the page through an entry that it looked up.
  private static Exploration lockless(
      boolean writeBarrier, boolean readBarrier, boolean countFirst) {
    return Sketch.of(
            world -> {
              Entry[] made = new Entry[1];
              world.vm(
                  KvmOps.reference()
                      .with(it -> {
                        made[0] = new Entry(it, writeBarrier, readBarrier, countFirst);
                        return made[0];
                      }),
                  1);
              Entry entry = made[0];
              world.task("madvise", () -> world.mm().madviseDontneed(H0, Hva.page(1)));
              world.task(
                  "H_ENTER",
                  () -> {
                    entry.enter();
                    entry.use();
                  });
            })
        .weak()
        .explore();
  }

  private static final class Entry extends Invalidation {
    private final Spinlock hpteLock = Spinlock.define("hpte_lock");
    private final RefCell<Pfn> hpte = new RefCell<Pfn>("hpte", null).guardedBy(hpteLock);
    private final boolean writeBarrier;
    private final boolean readBarrier;
    private final boolean countFirst;

    Entry(Kvm kvm, boolean writeBarrier, boolean readBarrier, boolean countFirst) {
      super(kvm);
      this.writeBarrier = writeBarrier;
      this.readBarrier = readBarrier;
      this.countFirst = countFirst;
    }

    void enter() {
      long mmuSeq = kvm.mmuNotifierSeq.readOnce();
      smpRmb();
      Pfn pfn = kvm.hvaToPfn(H0, true);
      hpteLock.lock();
      if (!retry(mmuSeq)) {
        hpte.set(pfn);
      }
      hpteLock.unlock();
    }

    private boolean retry(long mmuSeq) {
      if (!countFirst) {
        boolean changed = kvm.mmuNotifierSeq.readOnce() != mmuSeq;
        smpRmb();
        return changed || kvm.mmuNotifierCount.readOnce() != 0;
      }
      if (kvm.mmuNotifierCount.readOnce() != 0) {
        return true;
      }
      if (readBarrier) {
        smpRmb();
      }
      return kvm.mmuNotifierSeq.readOnce() != mmuSeq;
    }

    void use() {
      hpteLock.lock();
      Pfn pfn = hpte.get();
      if (pfn != null) {
        kvm.mm.frame(pfn).access();
      }
      hpteLock.unlock();
    }

    @Override
    protected boolean zap(MmuNotifierRange range) {
      hpteLock.lock();
      hpte.set(null);
      hpteLock.unlock();
      return super.zap(range);
    }

    @Override
    protected void uncount(MmuNotifierRange range) {
      kvm.mmuNotifierSeq.writeOnce(kvm.mmuNotifierSeq.get() + 1);
      if (writeBarrier) {
        smpWmb();
      }
      kvm.mmuNotifierCount.writeOnce(kvm.mmuNotifierCount.get() - 1);
    }
  }

  /// What a compiler makes of a plain read in a loop, one read for all rounds, does not happen
  /// here. The plain read is reported itself.
  @Test
  void i3PollsByPlainReads() {
    Exploration exploration =
        Sketch.of(
                world -> {
                  Kvm kvm = world.vm(KvmOps.reference(), 1);
                  world.task("munmap", Section.of(world, 0)::run);
                  world.task(
                      "poller",
                      () -> {
                        if (kvm.mmuNotifierCount.get() != 0) {
                          kvm.mmuNotifierSeq.readOnce();
                        }
                      });
                })
            .explore();
    assertThat(exploration.finding()).isPresent();
    assertThat(exploration.finding().orElseThrow().violation().expected())
        .contains("mmu_notifier_count");
  }

  @Test
  void i7DeclaresThatItSleepsAfterTheTest() {
    assertThat(updateRacesSection(Freeze::new)).isSafe().isExhaustive();
    assertThat(updateRacesSection(DeclaresLate::new)).breaks("I32");
  }

  private static Exploration updateRacesSection(Function<Kvm, Freeze> piece) {
    return Sketch.of(
            world -> {
              Kvm kvm = world.vm(KvmOps.reference().with(LockOnHit::new).with(piece), 1);
              world.task("munmap", Section.of(world, 1)::run);
              world.task(
                  "KVM_SET_USER_MEMORY_REGION",
                  () -> kvm.setMemoryRegion(new KvmMemorySlot(1, new Gfn(1), 1, Hva.page(1))));
            })
        .explore();
  }

  private static final class DeclaresLate extends Freeze {
    DeclaresLate(Kvm kvm) {
      super(kvm);
    }

    @Override
    protected void declare() {}

    @Override
    protected void beforeSleep() {
      wait.setCurrentStateUninterruptible();
    }
  }

  /// Count and range are read one after the other: the new count and the old range let a fault
  /// pass. As a first look that is fine, since another comes under the lock.
  @Test
  void i9TakesTheQuickLookForTheAnswer() {
    assertThat(quickLook(true).explore()).isSafe().isExhaustive();
    assertThat(quickLook(false).explore()).breaks("I5");
    assertThat(quickLook(false).without("I5").without("I1").explore()).breaks("I2");
  }

  private static Sketch quickLook(boolean looksAgain) {
    return GroupBTest.races(
        GroupBTest.fault((vcpu, slot, gfn, write) -> {
          Kvm kvm = vcpu.kvm();
          Hva hva = slot.gfnToHva(gfn);
          long mmuSeq = kvm.mmuNotifierSeq.readOnce();
          smpRmb();
          Pfn pfn = kvm.hvaToPfn(hva, write);
          LongCell start = kvm.mmuNotifierRangeStart;
          LongCell end = kvm.mmuNotifierRangeEnd;
          if (kvm.mmuNotifierCount.readOnce() != 0
                  && start.readOnce() <= hva.address()
                  && hva.address() < end.readOnce()
              || kvm.mmuNotifierSeq.readOnce() != mmuSeq) {
            return RetPf.RETRY;
          }
          return looksAgain
              ? GroupBTest.install(vcpu, slot, gfn, pfn, write, mmuSeq)
              : GroupBTest.installUntested(vcpu, slot, gfn, pfn, write);
        }));
  }
}
