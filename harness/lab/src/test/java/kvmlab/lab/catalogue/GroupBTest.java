// SPDX-License-Identifier: MIT
package kvmlab.lab.catalogue;

import static kvmlab.kernel.Barriers.smpRmb;
import static kvmlab.lab.LabAssertions.assertThat;

import java.util.function.Function;
import kvmlab.kernel.Completion;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.Sched;
import kvmlab.kvm.DirectPageFault;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.MmuNotifierRetry;
import kvmlab.kvm.ProtocolPiece;
import kvmlab.kvm.RetPf;
import kvmlab.kvm.Vcpu;
import kvmlab.lab.mutant.Invalidation;
import kvmlab.lab.mutant.Section;
import kvmlab.lab.mutant.Sketch;
import kvmlab.mm.Hva;
import kvmlab.mm.MmuNotifierRange;
import kvmlab.mm.Pfn;
import kvmlab.mm.Prot;
import org.junit.jupiter.api.Test;

/// The fault: its snapshot, its look-up and its test.
class GroupBTest {
  private static final Gfn G0 = new Gfn(0);
  private static final Gfn G1 = new Gfn(1);

  @Test
  void b1DoesNotTest() {
    assertThat(races(with(_ -> (MmuNotifierRetry) (_, _) -> false)).explore()).breaks("I4");
    // What comes of it: the host edits a page that is translated.
    assertThat(races(with(_ -> (MmuNotifierRetry) (_, _) -> false)).without("I4").explore())
        .breaks("I1");
  }

  @Test
  void b2TakesTheSnapshotAfterTheLookup() {
    assertThat(
            races(
                    fault((vcpu, slot, gfn, write) -> {
                      Pfn pfn = vcpu.kvm().hvaToPfn(slot.gfnToHva(gfn), write);
                      long mmuSeq = vcpu.kvm().mmuNotifierSeq.readOnce();
                      return install(vcpu, slot, gfn, pfn, write, mmuSeq);
                    }))
                .explore())
        .breaks("I5");
  }

  /// What was looked up before the snapshot is whether the host lets the page be written.
  @Test
  void b3TakesTheSnapshotAfterAnotherLookup() {
    KvmOps ops =
        fault((vcpu, slot, gfn, write) -> {
          Kvm kvm = vcpu.kvm();
          Hva hva = slot.gfnToHva(gfn);
          boolean writable = !kvm.hvaToPfn(hva, true).isError();
          if (write && !writable) {
            return RetPf.EFAULT;
          }
          long mmuSeq = kvm.mmuNotifierSeq.readOnce();
          smpRmb();
          Pfn pfn = kvm.hvaToPfn(hva, false);
          return install(vcpu, slot, gfn, pfn, writable, mmuSeq);
        });
    Sketch sketch =
        Sketch.of(world -> {
          Vcpu vcpu = world.vm(ops, 1).createVcpu();
          world.task("mprotect", () -> world.mm().mprotect(Hva.page(0), Hva.page(1), Prot.READ));
          world.task("vcpu 0", () -> vcpu.access(G0, false, 1));
        });
    assertThat(sketch.explore()).breaks("I1");
  }

  /// The new number and the old entry: found by the state of the page tables only, since the
  /// look-up comes late and says so.
  @Test
  void b4HasNoBarrierAfterTheSnapshot() {
    KvmOps ops =
        fault((vcpu, slot, gfn, write) -> {
          long mmuSeq = vcpu.kvm().mmuNotifierSeq.readOnce();
          Pfn pfn = vcpu.kvm().hvaToPfn(slot.gfnToHva(gfn), write);
          return install(vcpu, slot, gfn, pfn, write, mmuSeq);
        });
    assertThat(races(ops).weak().explore()).breaks("I1");
    assertThat(races(ops).explore()).isSafe().isExhaustive();
  }

  @Test
  void b5TestsBeforeTheLock() {
    Sketch sketch =
        races(
            fault((vcpu, slot, gfn, write) -> {
              Kvm kvm = vcpu.kvm();
              long mmuSeq = kvm.mmuNotifierSeq.readOnce();
              smpRmb();
              Pfn pfn = kvm.hvaToPfn(slot.gfnToHva(gfn), write);
              if (kvm.mmuNotifierCount.readOnce() != 0 || kvm.mmuNotifierSeq.readOnce() != mmuSeq) {
                return RetPf.RETRY;
              }
              return installUntested(vcpu, slot, gfn, pfn, write);
            }));
    assertThat(sketch.explore()).breaks("I5");
    assertThat(sketch.without("I5").explore()).breaks("I1");
    assertThat(sketch.without("I5").without("I1").explore()).breaks("I2");
  }

  @Test
  void b6TestsTheNumberOnly() {
    assertThat(
            races(with(kvm -> (MmuNotifierRetry) (mmuSeq, _) -> kvm.mmuNotifierSeq.get() != mmuSeq))
                .explore())
        .breaks("I4");
  }

  @Test
  void b7TestsTheCountOnly() {
    assertThat(
            races(with(kvm -> (MmuNotifierRetry) (_, _) -> kvm.mmuNotifierCount.get() != 0))
                .explore())
        .breaks("I5");
  }

  /// Without the judges of the count, which see at once that there is none.
  @Test
  void b8NumbersInStartAndDoesNotCount() {
    Sketch sketch =
        races(
            with(kvm ->
                new Invalidation(kvm) {
                  @Override
                  protected void count(MmuNotifierRange range) {
                    kvm.mmuNotifierSeq.writeOnce(kvm.mmuNotifierSeq.get() + 1);
                  }

                  @Override
                  protected void uncount(MmuNotifierRange range) {}
                }));
    assertThat(sketch.explore()).breaks("I13");
    assertThat(sketch.without("I13").explore()).breaks("I11");
    assertThat(sketch.without("I13").without("I11").explore()).breaks("I4");
  }

  @Test
  void b10KeepsTheSnapshotIn32Bits() {
    KvmOps ops =
        with(kvm ->
            (MmuNotifierRetry)
                (mmuSeq, _) ->
                    kvm.mmuNotifierCount.get() != 0 || kvm.mmuNotifierSeq.get() != (int) mmuSeq);
    assertThat(races(ops).explore()).isSafe().isExhaustive();
    assertThat(
            Sketch.of(
                    world -> {
                      Kvm kvm = world.vm(ops, 1);
                      kvm.mmuNotifierSeq.writeOnce(1L << 31);
                      kvm.createVcpu();
                    })
                .explore())
        .breaks("I30");
  }

  @Test
  void b11NeverResetsTheRange() {
    Sketch sketch =
        Sketch.of(world -> {
          Vcpu vcpu =
              world
                  .vm(
                      with(kvm ->
                          new Invalidation(kvm) {
                            @Override
                            protected void count(MmuNotifierRange range) {
                              boolean first = kvm.mmuNotifierRangeEnd.get() == 0;
                              long start = kvm.mmuNotifierRangeStart.get();
                              long end = kvm.mmuNotifierRangeEnd.get();
                              super.count(range);
                              if (!first) {
                                kvm.mmuNotifierRangeStart.writeOnce(
                                    Math.min(start, range.start().address()));
                                kvm.mmuNotifierRangeEnd.writeOnce(
                                    Math.max(end, range.end().address()));
                              }
                            }
                          }),
                      2)
                  .createVcpu();
          world.task(
              "madvise",
              () -> {
                Section.of(world, 1).run();
                Section.of(world, 0).run();
              });
          world.task("vcpu 0", () -> vcpu.access(G1, false, 1));
        });
    assertThat(sketch.explore()).isSafe().isExhaustive();
    assertThat(sketch.asking("I29").explore()).breaks("I29");
  }

  @Test
  void b13ShrinksTheRangeWhenOneEnds() {
    Sketch sketch =
        Sketch.of(world -> {
          world.vm(
              with(kvm ->
                  new Invalidation(kvm) {
                    @Override
                    protected void uncount(MmuNotifierRange range) {
                      super.uncount(range);
                      // The rest of the hull, as if what lies below had ended, too.
                      kvm.mmuNotifierRangeStart.writeOnce(range.end().address());
                    }
                  }),
              2);
          // The one lies inside the other. What the host does there is no event by itself.
          LongCell turn = new LongCell("turn", 0);
          Section outer = Section.of(world, 0);
          world.task(
              "madvise",
              () -> {
                outer.start();
                turn.smpStoreRelease(1);
                turn.smpCondLoadAcquire(value -> value == 2);
                outer.end();
              });
          world.task(
              "munmap",
              () -> {
                turn.smpCondLoadAcquire(value -> value == 1);
                Section.of(world, 1).run();
                turn.smpStoreRelease(2);
              });
        });
    assertThat(sketch.explore()).breaks("I13");
  }

  @Test
  void b17StartsOverInsideAReadSection() {
    Sketch sketch =
        Sketch.of(world -> {
          Kvm kvm =
              world.vm(
                  fault((vcpu, first, gfn, _) -> {
                    KvmMemorySlot slot = first;
                    while (slot != null && slot.invalid()) {
                      Sched.cpuRelax();
                      slot = vcpu.gfnToMemslot(gfn);
                    }
                    return RetPf.EFAULT;
                  }),
                  1);
          Vcpu vcpu = kvm.createVcpu();
          world.task("vcpu 0", () -> vcpu.read(G0));
          world.task(
              "KVM_SET_USER_MEMORY_REGION",
              () -> kvm.setMemoryRegion(new KvmMemorySlot(0, G0, 1, Hva.page(0)).deleted()));
        });
    assertThat(sketch.explore()).breaks("I35");
  }

  @Test
  void b18SleepsUntilNothingIsInProgress() {
    Sketch sketch =
        Sketch.of(world -> {
          Completion quiet = new Completion("quiet");
          Vcpu vcpu =
              world
                  .vm(
                      with(kvm ->
                          (MmuNotifierRetry)
                              (mmuSeq, _) -> {
                                if (kvm.mmuNotifierCount.get() != 0) {
                                  quiet.waitForCompletion();
                                }
                                return kvm.mmuNotifierSeq.get() != mmuSeq;
                              }),
                      1)
                  .createVcpu();
          world.task("munmap", Section.of(world, 0)::run);
          world.task("vcpu 0", () -> vcpu.access(G0, false, 1));
        });
    assertThat(sketch.explore()).breaks("I18");
  }

  @Test
  void b19HoldsMmuLockAcrossTheLookup() {
    assertThat(
            races(
                    fault((vcpu, slot, gfn, write) -> {
                      Kvm kvm = vcpu.kvm();
                      kvm.mmuLock.writeLock();
                      Pfn pfn = kvm.hvaToPfn(slot.gfnToHva(gfn), write);
                      RetPf ret = kvm.mmu.directMap(slot, gfn, pfn, write);
                      kvm.mmuLock.writeUnlock();
                      return ret;
                    }))
                .explore())
        .breaks("I22");
  }

  /// Slow, not wrong: a device waits for invalidations that have nothing to do with it.
  @Test
  void b23StartsOverWhereThereIsNoMemory() {
    Sketch sketch =
        Sketch.of(world -> {
          Vcpu guest =
              world
                  .vm(
                      with(kvm ->
                          (DirectPageFault)
                              (vcpu, gfn, _) -> {
                                if (vcpu.gfnToMemslot(gfn) != null) {
                                  return RetPf.EFAULT;
                                }
                                long mmuSeq = kvm.mmuNotifierSeq.readOnce();
                                smpRmb();
                                kvm.mmuLock.writeLock();
                                boolean retry =
                                    kvm.mmuNotifierCount.get() != 0
                                        || kvm.mmuNotifierSeq.get() != mmuSeq;
                                kvm.mmuLock.writeUnlock();
                                return retry ? RetPf.RETRY : RetPf.EMULATE;
                              }),
                      1)
                  .createVcpu();
          world.task("munmap", Section.of(world, 0)::run);
          world.task("vcpu 0", () -> guest.access(new Gfn(3), false, 1));
        });
    assertThat(sketch.explore()).isSafe().isExhaustive();
  }

  // ---- the parts of a fault

  /// A fault on a page of a memslot.
  @FunctionalInterface
  interface Fault {
    RetPf handle(Vcpu vcpu, KvmMemorySlot slot, Gfn gfn, boolean write);
  }

  static KvmOps fault(Fault fault) {
    return with(_ ->
        (DirectPageFault)
            (vcpu, gfn, write) -> {
              KvmMemorySlot slot = vcpu.gfnToMemslot(gfn);
              return slot == null ? RetPf.EMULATE : fault.handle(vcpu, slot, gfn, write);
            });
  }

  /// Tests and installs under the lock.
  static RetPf install(
      Vcpu vcpu, KvmMemorySlot slot, Gfn gfn, Pfn pfn, boolean write, long mmuSeq) {
    if (pfn.isError()) {
      return RetPf.EFAULT;
    }
    Kvm kvm = vcpu.kvm();
    kvm.mmuLock.writeLock();
    boolean retry = kvm.mmuNotifierRetryHva(mmuSeq, slot.gfnToHva(gfn));
    RetPf ret = retry ? RetPf.RETRY : kvm.mmu.directMap(slot, gfn, pfn, write);
    kvm.mmuLock.writeUnlock();
    return ret;
  }

  /// Installs under the lock, whatever has happened.
  static RetPf installUntested(Vcpu vcpu, KvmMemorySlot slot, Gfn gfn, Pfn pfn, boolean write) {
    if (pfn.isError()) {
      return RetPf.EFAULT;
    }
    Kvm kvm = vcpu.kvm();
    kvm.mmuLock.writeLock();
    RetPf ret = kvm.mmu.directMap(slot, gfn, pfn, write);
    kvm.mmuLock.writeUnlock();
    return ret;
  }

  static KvmOps with(Function<Kvm, ? extends ProtocolPiece> piece) {
    return KvmOps.reference().with(piece);
  }

  /// A fault races an unmap.
  static Sketch races(KvmOps ops) {
    return Sketch.of(world -> {
      Vcpu vcpu = world.vm(ops, 1).createVcpu();
      world.task("madvise", () -> world.mm().madviseDontneed(Hva.page(0), Hva.page(1)));
      world.task("vcpu 0", () -> vcpu.access(G0, false, 1));
    });
  }
}
