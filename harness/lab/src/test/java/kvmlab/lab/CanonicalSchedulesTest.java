// SPDX-License-Identifier: MIT
package kvmlab.lab;

import static kvmlab.kernel.Barriers.smpRmb;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Function;
import kvmlab.explore.Replayed;
import kvmlab.explore.Script;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.RwSemaphore;
import kvmlab.kvm.DirectPageFault;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.HandleHvaRange;
import kvmlab.kvm.HvaHandler;
import kvmlab.kvm.InstallNewMemslots;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmGfnRange;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmMemslots;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.LockOnHit;
import kvmlab.kvm.MmuNotifierRetry;
import kvmlab.kvm.ProtocolPiece;
import kvmlab.kvm.RetPf;
import kvmlab.kvm.Vcpu;
import kvmlab.kvm.cache.GfnToPfnCache;
import kvmlab.kvm.design.Design;
import kvmlab.lab.mutant.Freeze;
import kvmlab.lab.mutant.Invalidation;
import kvmlab.lab.mutant.Section;
import kvmlab.lab.mutant.Sketch;
import kvmlab.machine.Violation;
import kvmlab.mm.Hva;
import kvmlab.mm.MmuNotifierRange;
import kvmlab.mm.Pfn;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The schedules that tell the right protocol from each wrong one, spelt out: the same steps for
/// both, as far as the right one can take them. V is a vCPU, T the host's task, U updates memslots,
/// D destroys the VM, W is somebody else.
class CanonicalSchedulesTest {
  private static final Gfn G0 = new Gfn(0);
  private static final Gfn G1 = new Gfn(1);
  private static final KvmMemorySlot SLOT1 = new KvmMemorySlot(1, G1, 1, Hva.page(1));
  private static final String LOCK = "write_lock(mmu_lock)";
  private static final String UNLOCK = "write_unlock(mmu_lock)";

  /// Where the host's edits begin.
  private static final String EDIT = "spin_lock(page_table_lock)";

  // ---- 1 to 3: the fault's test

  private static final Script UNMAP_AFTER_THE_LOOKUP =
      Script.begin().before("V", LOCK).toEnd("T").toEnd("V");

  @Test
  void s1NeedsSeq() {
    survives(faultAndUnmap(reference()), UNMAP_AFTER_THE_LOOKUP, "(0, h0) -> true");
    breaks("I5", faultAndUnmap(with(CanonicalSchedulesTest::testsCount)), UNMAP_AFTER_THE_LOOKUP);
  }

  @Test
  void s2NeedsCount() {
    Script script = Script.begin().before("T", EDIT).after("V", UNLOCK).toEnd("T").toEnd("V");
    survives(faultAndUnmap(reference()), script, "(0, h0) -> true");
    breaks("I4", faultAndUnmap(with(CanonicalSchedulesTest::testsSeq)), script);
    // What comes of it when nobody objects: the host edits a page that is translated.
    breaks("I1", faultAndUnmap(with(CanonicalSchedulesTest::testsSeq)).without("I4"), script);
  }

  private static MmuNotifierRetry testsCount(Kvm kvm) {
    return (_, _) -> kvm.mmuNotifierCount.get() != 0;
  }

  private static MmuNotifierRetry testsSeq(Kvm kvm) {
    return (mmuSeq, _) -> kvm.mmuNotifierSeq.get() != mmuSeq;
  }

  @Test
  void s3NeedsTheSnapshotFirst() {
    Script script = Script.begin().after("V", "READ_ONCE(pte(h0))").toEnd("T").toEnd("V");
    survives(faultAndUnmap(reference()), script, "(0, h0) -> true");
    breaks("I5", faultAndUnmap(with(_ -> (DirectPageFault) this::lateSnapshot)), script);
  }

  private RetPf lateSnapshot(Vcpu vcpu, Gfn gfn, boolean write) {
    Kvm kvm = vcpu.kvm();
    KvmMemorySlot slot = vcpu.gfnToMemslot(gfn);
    Hva hva = slot.gfnToHva(gfn);
    Pfn pfn = kvm.hvaToPfn(hva, write);
    long mmuSeq = kvm.mmuNotifierSeq.readOnce();
    smpRmb();
    return lockAndInstall(vcpu, slot, gfn, pfn, write, mmuSeq);
  }

  private static RetPf lockAndInstall(
      Vcpu vcpu, KvmMemorySlot slot, Gfn gfn, Pfn pfn, boolean write, long mmuSeq) {
    Kvm kvm = vcpu.kvm();
    kvm.mmuLock.writeLock();
    RetPf ret = RetPf.RETRY;
    if (!kvm.mmuNotifierRetryHva(mmuSeq, slot.gfnToHva(gfn))) {
      ret = kvm.mmu.directMap(slot, gfn, pfn, write);
    }
    kvm.mmuLock.writeUnlock();
    return ret;
  }

  // ---- 4 and 6: what start and end do under mmu_lock

  @Test
  void s4NeedsACounter() {
    Script script =
        Script.begin()
            .before("T", EDIT)
            .before("T2", EDIT)
            .toEnd("T")
            .after("V", UNLOCK)
            .toEnd("T2")
            .toEnd("V");
    survives(s4(reference()), script, "(1, h1) -> true");
    breaks("I11", s4(with(Flag::new)), script);
    breaks("I4", s4(with(Flag::new)).without("I11"), script);
  }

  private static Sketch s4(KvmOps ops) {
    return Sketch.of(world -> {
      Vcpu vcpu = world.vm(ops, 2).createVcpu();
      unmaps(world, "T", 0);
      unmaps(world, "T2", 1);
      world.task("V", () -> vcpu.read(G1));
    });
  }

  private static final class Flag extends Invalidation {
    Flag(Kvm kvm) {
      super(kvm);
    }

    @Override
    protected void count(MmuNotifierRange range) {
      super.count(range);
      kvm.mmuNotifierCount.writeOnce(1);
      kvm.mmuNotifierRangeStart.writeOnce(0);
      kvm.mmuNotifierRangeEnd.writeOnce(Long.MAX_VALUE);
    }

    @Override
    protected void uncount(MmuNotifierRange range) {
      super.uncount(range);
      kvm.mmuNotifierCount.writeOnce(0);
    }
  }

  @Test
  void s6NeedsTheFlushUnderTheLock() {
    Script script =
        Script.begin()
            .before("V", "READ_ONCE(again)")
            .after("T", UNLOCK)
            .toEnd("T2")
            .toEnd("V")
            .toEnd("T");
    survives(s6(reference()), script, "kvm_flush_remote_tlbs()");
    breaks("I3", s6(with(FlushesLate::new)), script);
    breaks("I2", s6(with(FlushesLate::new)).without("I3").without("I1"), script);
  }

  private static Sketch s6(KvmOps ops) {
    return Sketch.of(world -> {
      Vcpu vcpu = world.vm(ops, 1).createVcpu();
      LongCell again = new LongCell("again", 0);
      unmaps(world, "T", 0);
      unmaps(world, "T2", 0);
      world.task(
          "V",
          () -> {
            vcpu.read(G0);
            again.readOnce();
            vcpu.read(G0);
          });
    });
  }

  private static final class FlushesLate extends Invalidation {
    FlushesLate(Kvm kvm) {
      super(kvm);
    }

    @Override
    protected boolean flushesUnderLock() {
      return false;
    }
  }

  // ---- 7 to 10: memslots change between start and end

  private static final Script UPDATE_INSIDE =
      Script.begin().before("T", "READ_ONCE(between)").toEnd("U").toEnd("T");
  private static final Script UPDATE_WAITS =
      Script.begin().before("T", "READ_ONCE(between)").untilStuck("U").toEnd("T").toEnd("U");

  @Test
  void s7NeedsTheFreezeForACreation() {
    survives(creation(Design.ACTIVE_COUNT.ops()), UPDATE_WAITS, "schedule()");
    breaks("I14", creation(Design.UNFROZEN.ops()), UPDATE_INSIDE);
    breaks("I11", creation(Design.UNFROZEN.ops()).without("I14"), UPDATE_INSIDE);
  }

  @Test
  void s8NeedsTheFreezeForADeletion() {
    survives(deletion(Design.ACTIVE_COUNT.ops()), UPDATE_WAITS, "schedule()");
    Script inside =
        Script.begin()
            .before("T", "READ_ONCE(between)")
            .before("U", "READ_ONCE(deleted)")
            .toEnd("T")
            .toEnd("U");
    Sketch broken = deletion(Design.UNFROZEN.ops());
    breaks("I14", broken, inside);
    breaks("I11", broken.without("I14"), inside);
    // What comes of it: whoever faults on the page starts over for ever.
    breaks("I30", broken.without("I14").without("I11"), inside);
  }

  private static Sketch creation(KvmOps ops) {
    return Sketch.of(world -> {
      Kvm kvm = world.vm(ops, 1);
      hasASection(world);
      world.task("U", () -> kvm.setMemoryRegion(SLOT1));
    });
  }

  /// The slot comes back later, so that somebody can fault on it.
  private static Sketch deletion(KvmOps ops) {
    return Sketch.of(world -> {
      Kvm kvm = world.vm(ops, 1);
      kvm.setMemoryRegion(SLOT1);
      kvm.createVcpu();
      LongCell deleted = new LongCell("deleted", 0);
      hasASection(world);
      world.task(
          "U",
          () -> {
            kvm.setMemoryRegion(SLOT1.deleted());
            deleted.readOnce();
            kvm.setMemoryRegion(SLOT1);
          });
    });
  }

  private static void hasASection(World world) {
    world.task("T", sectionWith(world, new MmuNotifierRange(Hva.page(1), Hva.page(2), true)));
  }

  private static Runnable sectionWith(World world, MmuNotifierRange range) {
    LongCell between = new LongCell("between", 0);
    return () -> {
      world.mm().notifierSubscriptions().invalidateRangeStart(range);
      between.readOnce();
      world.mm().notifierSubscriptions().invalidateRangeEnd(range);
    };
  }

  @Test
  void s9NeedsTheCountBeforeTheWalk() {
    // Behind the walk of start, before what it counts or does next.
    Script inside = Script.begin().after("T", "srcu_read_unlock(kvm->srcu)").toEnd("U").toEnd("T");
    Script waits =
        Script.begin()
            .after("T", "srcu_read_unlock(kvm->srcu)")
            .untilStuck("U")
            .toEnd("T")
            .toEnd("U");
    survives(creation(freeze(Freeze::new)), waits, "schedule()");
    breaks("I11", creation(freeze(CountsLate::new)), inside);
    breaks("I14", creation(freeze(CountsLate::new)).without("I11"), inside);
  }

  private static final class CountsLate extends Freeze {
    CountsLate(Kvm kvm) {
      super(kvm);
    }

    @Override
    public int invalidateRangeStart(MmuNotifierRange range) {
      walk(range);
      enter();
      return 0;
    }
  }

  @Test
  void s10NeedsTestAndPublicationInOne() {
    // U has read that nothing is active.
    Script script =
        Script.begin()
            .before("U", "rcu_assign_pointer(memslots[0]")
            .before("T", "READ_ONCE(between)")
            .toEnd("U")
            .toEnd("T");
    Script waits =
        Script.begin()
            .before("U", "rcu_assign_pointer(memslots[0]")
            .untilStuck("T")
            .toEnd("U")
            .toEnd("T");
    survives(creation(freeze(Freeze::new)), waits, "spin_lock(mn_invalidate_lock)");
    breaks("I14", creation(freeze(PublishesLate::new)), script);
  }

  private static final class PublishesLate extends Freeze {
    PublishesLate(Kvm kvm) {
      super(kvm);
    }

    @Override
    protected void publish(int asId, KvmMemslots slots) {
      lock.unlock();
      kvm.publishMemslots(asId, slots);
    }
  }

  // ---- 11 and 12: a lock from start to end

  @Test
  void s11NeedsReadersThatPassAQueuedWriter() {
    Script hangs = Script.begin().before("T", "READ_ONCE(between)").untilStuck("U").untilStuck("T");
    survives(nested(Design.ACTIVE_COUNT.ops()), UPDATE_WAITS, "schedule()");
    Violation violation = violation(follow(nested(Design.RWSEM_V1.ops()), hangs));
    assertThat(violation.kind()).isEqualTo(Violation.Kind.DEADLOCK);
    assertThat(violation.invariant()).isEqualTo("I23");
    assertThat(violation.seen()).startsWith("reader behind a queued writer");
  }

  private static Sketch nested(KvmOps ops) {
    return Sketch.of(
            world -> {
              Kvm kvm = world.vm(ops, 1);
              LongCell between = new LongCell("between", 0);
              Section outer = Section.of(world, 1);
              Section inner = Section.of(world, 1);
              world.task(
                  "T",
                  () -> {
                    outer.start();
                    between.readOnce();
                    inner.run();
                    outer.end();
                  });
              world.task("U", () -> kvm.setMemoryRegion(SLOT1));
            })
        // The design is known to hold a lock; what comes of it is asked here.
        .without("I19")
        .without("I23");
  }

  @Test
  void s12NeedsTheGracePeriodOutsideOfTheLock() {
    Script script = Script.begin().before("V", "READ_ONCE(cow)").untilStuck("U").untilStuck("V");
    Script ends =
        Script.begin().before("V", "READ_ONCE(cow)").untilStuck("U").toEnd("V").toEnd("U");
    survives(breaksCow(with(kvm -> new Rwsem(kvm, false))), ends, "synchronize_srcu(kvm->srcu)");
    Violation violation = violation(follow(breaksCow(with(kvm -> new Rwsem(kvm, true))), script));
    assertThat(violation.kind()).isEqualTo(Violation.Kind.DEADLOCK);
    assertThat(violation.invariant()).isEqualTo("I35");
  }

  /// The look-up of the fault breaks a page out of a copy-on-write mapping: a section of the vCPU's
  /// own task.
  private static Sketch breaksCow(KvmOps ops) {
    return Sketch.of(
            world -> {
              LongCell cow = new LongCell("cow", 0);
              Section section = Section.of(world, 1);
              Kvm kvm =
                  world.vm(
                      ops.with(_ ->
                          (DirectPageFault)
                              (_, _, _) -> {
                                cow.readOnce();
                                section.run();
                                return RetPf.EFAULT;
                              }),
                      1);
              Vcpu vcpu = kvm.createVcpu();
              world.task("V", () -> vcpu.read(G0));
              world.task("U", () -> kvm.setMemoryRegion(SLOT1));
            })
        .without("I19")
        .without("I23");
  }

  /// A semaphore from start to end.
  private static final class Rwsem extends Invalidation implements InstallNewMemslots {
    private final RwSemaphore slotsLock = new RwSemaphore("mmu_notifier_slots_lock");
    private final boolean synchronizesUnderIt;

    Rwsem(Kvm kvm, boolean synchronizesUnderIt) {
      super(kvm);
      this.synchronizesUnderIt = synchronizesUnderIt;
    }

    @Override
    public void init() {
      slotsLock.init();
    }

    @Override
    protected void before(MmuNotifierRange range) {
      slotsLock.downRead();
    }

    @Override
    protected void after(MmuNotifierRange range) {
      slotsLock.upRead();
    }

    @Override
    public void installNewMemslots(int asId, KvmMemslots slots) {
      kvm.beginUpdate(asId, slots);
      slotsLock.downWrite();
      kvm.publishMemslots(asId, slots);
      if (synchronizesUnderIt) {
        kvm.srcu.synchronize();
        slotsLock.upWrite();
      } else {
        slotsLock.upWrite();
        kvm.srcu.synchronize();
      }
      kvm.finishUpdate(slots);
    }
  }

  // ---- 13 and 17: the wake-up

  @Test
  void s13NeedsTheWaiterRegisteredBeforeTheTest() {
    Script lost =
        Script.begin()
            .before("T", "READ_ONCE(between)")
            .before("U", "prepare_to_rcuwait")
            .toEnd("T")
            .untilStuck("U");
    Script registered =
        Script.begin()
            .before("T", "READ_ONCE(between)")
            .before("U", "schedule()")
            .toEnd("T")
            .toEnd("U");
    survives(creation(freeze(Freeze::new)), registered, "wake_up_process(U)");
    breaks("I32", creation(freeze(RegistersLate::new)), lost);
  }

  private static final class RegistersLate extends Freeze {
    RegistersLate(Kvm kvm) {
      super(kvm);
    }

    @Override
    protected void register() {}

    @Override
    protected void declare() {}

    @Override
    protected void beforeSleep() {
      wait.prepareToRcuwait();
      wait.setCurrentStateUninterruptible();
    }
  }

  @Test
  void s17NeedsTheWakeUpFromWhoeverIsLast() {
    Script common =
        Script.begin()
            .before("T", "READ_ONCE(between)")
            .before("T2", "READ_ONCE(between)")
            .untilStuck("U")
            .toEnd("T");
    survives(s17(freeze(Freeze::new)), common.toEnd("T2").toEnd("U"), "wake_up_process(U)");
    breaks("I32", s17(freeze(WakesIfRelevant::new)), common.toEnd("T2"));
  }

  private static Sketch s17(KvmOps ops) {
    return Sketch.of(world -> {
      Kvm kvm = world.vm(ops, 1);
      world.task("T", sectionWith(world, new MmuNotifierRange(Hva.page(0), Hva.page(1), true)));
      world.task("T2", sectionWith(world, new MmuNotifierRange(Hva.page(5), Hva.page(6), true)));
      world.task("U", () -> kvm.setMemoryRegion(SLOT1));
    });
  }

  private static final class WakesIfRelevant extends Freeze {
    WakesIfRelevant(Kvm kvm) {
      super(kvm);
    }

    @Override
    protected boolean wakes(long left, boolean relevant) {
      return left == 0 && relevant;
    }
  }

  // ---- 14 and 18: a slot that is being deleted

  @Test
  void s14NeedsTheGracePeriod() {
    Script inside = Script.begin().before("V", LOCK).toEnd("U").toEnd("V");
    Script waits = Script.begin().before("V", LOCK).untilStuck("U").toEnd("V").toEnd("U");
    survives(s14(reference()), waits, "synchronize_srcu(kvm->srcu)");
    breaks("I7", s14(with(PublishesAtOnce::new)), inside);
  }

  private static Sketch s14(KvmOps ops) {
    return Sketch.of(world -> {
      Kvm kvm = world.vm(ops, 1);
      Vcpu vcpu = kvm.createVcpu();
      world.task("V", () -> vcpu.access(G0, false, 1));
      world.task(
          "U", () -> kvm.setMemoryRegion(new KvmMemorySlot(0, G0, 1, Hva.page(0)).deleted()));
    });
  }

  private static final class PublishesAtOnce implements InstallNewMemslots {
    private final Kvm kvm;

    PublishesAtOnce(Kvm kvm) {
      this.kvm = kvm;
    }

    @Override
    public void installNewMemslots(int asId, KvmMemslots slots) {
      kvm.beginUpdate(asId, slots);
      kvm.publishMemslots(asId, slots);
      kvm.finishUpdate(slots);
    }
  }

  @Test
  void s18NeedsInvalidSlotsInTheWalk() {
    // U has published the slot as invalid, nobody reads the old memslots, the flush is to come.
    Script script =
        Script.begin().before("V", "READ_ONCE(again)").before("U", LOCK).toEnd("T").toEnd("V");
    survives(s18(reference()), script, "zap g0 -> f0");
    breaks("I3", s18(with(SkipsInvalid::new)), script);
    breaks("I2", s18(with(SkipsInvalid::new)).without("I3").without("I1"), script);
  }

  private static Sketch s18(KvmOps ops) {
    return Sketch.of(world -> {
      Kvm kvm = world.vm(ops, 1);
      Vcpu vcpu = kvm.createVcpu();
      LongCell again = new LongCell("again", 0);
      unmaps(world, "T", 0);
      world.task(
          "V",
          () -> {
            vcpu.read(G0);
            again.readOnce();
            vcpu.access(G0, false, 1);
          });
      world.task(
          "U", () -> kvm.setMemoryRegion(new KvmMemorySlot(0, G0, 1, Hva.page(0)).deleted()));
    });
  }

  private static final class SkipsInvalid implements HandleHvaRange {
    private final Kvm kvm;

    SkipsInvalid(Kvm kvm) {
      this.kvm = kvm;
    }

    @Override
    public boolean handleHvaRange(Hva start, Hva end, HvaHandler handler) {
      boolean ret = false;
      for (KvmMemorySlot slot : kvm.memslots(0).slots()) {
        KvmGfnRange covered = KvmGfnRange.covered(slot, start, end);
        if (covered != null && !slot.invalid()) {
          ret |= handler.handle(covered);
        }
      }
      return ret;
    }
  }

  // ---- 15 and 16: a side cache, and the end of a VM

  @Test
  void s15NeedsActiveInTheTestOfACache() {
    // T has dropped the cache and not counted yet.
    Script script = Script.begin().before("T", LOCK).toEnd("W").toEnd("T");
    survives(s15(GfnToPfnCache::new), script, "madvise");
    Replayed replayed =
        follow(
            s15((kvm, gfn) ->
                new GfnToPfnCache(kvm, gfn) {
                  @Override
                  protected boolean mmuNotifierRetryCache(long mmuSeq) {
                    return kvm.mmuNotifierCount.readOnce() != 0
                        || kvm.mmuNotifierSeq.readOnce() != mmuSeq;
                  }
                }),
            Script.begin().before("T", LOCK).before("W", "READ_ONCE(again)").toEnd("T").toEnd("W"));
    assertThat(violation(replayed).invariant()).isEqualTo("I2");
  }

  @FunctionalInterface
  private interface CacheMaker {
    GfnToPfnCache make(Kvm kvm, Gfn gfn);
  }

  private static Sketch s15(CacheMaker maker) {
    return Sketch.of(world -> {
      Kvm kvm = world.vm(Design.ACTIVE_COUNT.ops(), 1);
      GfnToPfnCache cache = maker.make(kvm, G0);
      kvm.addCache(cache);
      LongCell again = new LongCell("again", 0);
      unmaps(world, "T", 0);
      world.task(
          "W",
          () -> {
            cache.refresh();
            again.readOnce();
            cache.access();
          });
    });
  }

  @Test
  void s16NeedsTheResetInDestruction() {
    Script script = Script.begin().before("T", "READ_ONCE(between)").toEnd("D").toEnd("T");
    Script hangs = Script.begin().before("T", "READ_ONCE(between)").untilStuck("D").toEnd("T");
    survives(s16(freeze(Freeze::new)), script, "kvm_destroy_vm()");
    Violation violation = violation(follow(s16(freeze(NeverResets::new)), hangs));
    assertThat(violation.kind()).isEqualTo(Violation.Kind.DEADLOCK);
  }

  private static Sketch s16(KvmOps ops) {
    return Sketch.of(world -> {
      Kvm kvm = world.vm(ops, 1);
      kvm.setMemoryRegion(new KvmMemorySlot(KvmMemorySlot.KVM_USER_MEM_SLOTS, G1, 1, Hva.page(1)));
      world.task("T", sectionWith(world, new MmuNotifierRange(Hva.page(0), Hva.page(1), true)));
      world.task("D", kvm::putKvm);
    });
  }

  private static final class NeverResets extends Freeze {
    NeverResets(Kvm kvm) {
      super(kvm);
    }

    @Override
    public void reset() {}
  }

  // ---- how they are run

  private static Sketch faultAndUnmap(KvmOps ops) {
    return Sketch.of(world -> {
      Vcpu vcpu = world.vm(ops, 1).createVcpu();
      unmaps(world, "T", 0);
      world.task("V", () -> vcpu.access(G0, false, 3));
    });
  }

  private static void unmaps(World world, String task, int page) {
    world.task(task, () -> world.mm().madviseDontneed(Hva.page(page), Hva.page(page + 1)));
  }

  private static KvmOps reference() {
    return KvmOps.reference();
  }

  private static KvmOps with(Function<Kvm, ? extends ProtocolPiece> piece) {
    return KvmOps.reference().with(piece);
  }

  private static KvmOps freeze(Function<Kvm, Freeze> piece) {
    return KvmOps.reference().with(LockOnHit::new).with(piece);
  }

  private static Replayed follow(Sketch sketch, Script script) {
    Replayed replayed = Lab.follow(sketch, script);
    if (replayed.violation() == null) {
      assertThat(replayed.missed()).isNull();
    }
    return replayed;
  }

  /// @param branch a part of a line that shows which way the code has taken
  private static void survives(Sketch sketch, Script script, String branch) {
    Replayed replayed = follow(sketch, script);
    assertThat(replayed.violation()).isNull();
    assertThat(replayed.trace().events())
        .anySatisfy(line -> assertThat(line.text()).contains(branch));
  }

  private static void breaks(String invariant, Sketch sketch, Script script) {
    assertThat(violation(follow(sketch, script)).invariant()).isEqualTo(invariant);
  }

  private static Violation violation(Replayed replayed) {
    @Nullable Violation violation = replayed.violation();
    assertThat(violation).isNotNull();
    return violation;
  }
}
