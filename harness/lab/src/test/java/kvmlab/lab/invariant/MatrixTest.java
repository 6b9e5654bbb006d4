// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import static kvmlab.lab.LabAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import kvmlab.kernel.Ifdef;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.Mutex;
import kvmlab.kernel.Rcuwait;
import kvmlab.kernel.Sched;
import kvmlab.kernel.Spinlock;
import kvmlab.kvm.DirectPageFault;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.InstallNewMemslots;
import kvmlab.kvm.InvalidateRange;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmCap;
import kvmlab.kvm.KvmConfig;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmMemslots;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.LockOnHit;
import kvmlab.kvm.MmioSptes;
import kvmlab.kvm.MmuNotifierRetry;
import kvmlab.kvm.ProtocolPiece;
import kvmlab.kvm.RetPf;
import kvmlab.kvm.Vcpu;
import kvmlab.kvm.VmLifeCycle;
import kvmlab.kvm.design.CountsInvalidations;
import kvmlab.kvm.design.FreezesMemslots;
import kvmlab.lab.Exploration;
import kvmlab.lab.Rule;
import kvmlab.lab.World;
import kvmlab.lab.mutant.Freeze;
import kvmlab.lab.mutant.Invalidation;
import kvmlab.lab.mutant.Section;
import kvmlab.lab.mutant.Sketch;
import kvmlab.mm.Hva;
import kvmlab.mm.Ksm;
import kvmlab.mm.MmuNotifierRange;
import kvmlab.mm.Pfn;
import org.junit.jupiter.api.Test;

/// Every rule is broken once, by code that breaks no other: with all judges the exploration reports
/// it, and without its judge every execution is right. Where that cannot be, the test says why.
///
/// The trick is to leave out what would follow. An invalidation of which the host makes no use, for
/// example, makes a translation that should be gone no worse than that.
class MatrixTest {
  private static final Gfn G0 = new Gfn(0);

  @Test
  void everyRuleIsBrokenOnce() {
    List<String> broken =
        Arrays.stream(MatrixTest.class.getDeclaredMethods())
            .map(Method::getName)
            .filter(name -> name.matches("i[0-9].*"))
            .map(name -> name.replaceAll("^i([0-9]+).*", "I$1"))
            .toList();
    assertThat(Rule.all()).extracting(Rule::id).containsAll(broken);
    assertThat(broken).containsAll(Rule.all().stream().map(Rule::id).toList());
  }

  @Test
  void referenceBreaksNone() {
    assertThat(
            Sketch.of(
                    world -> {
                      Vcpu vcpu =
                          world.vm(KvmOps.reference().with(Invalidation::new), 1).createVcpu();
                      world.task(
                          "madvise", () -> world.mm().madviseDontneed(Hva.page(0), Hva.page(1)));
                      world.task("munmap", Section.of(world, 0)::run);
                      world.task("vcpu 0", () -> vcpu.read(G0));
                    })
                .explore())
        .isSafe()
        .isExhaustive();
  }

  @Test
  void i1TranslatesToTheFrameOfAnotherPage() {
    onlyBreaks(
        "I1",
        world -> {
          Vcpu vcpu = world.vm(with(_ -> (DirectPageFault) MatrixTest::mapsF1), 2).createVcpu();
          world.task("vcpu 0", () -> vcpu.read(G0));
        });
  }

  private static RetPf mapsF1(Vcpu vcpu, Gfn gfn, boolean write) {
    return install(vcpu, gfn, new Pfn(1), write);
  }

  /// KVM itself touches the frame, without a translation. KASAN reports it, which has no switch: so
  /// that nothing else is wrong is shown by the fault that does not touch it.
  @Test
  void i2LooksIntoTheFrameThatItLookedUp() {
    assertThat(faultRacesUnmap(i2(true)).explore()).breaks("I2");
    assertThat(faultRacesUnmap(i2(false)).explore()).isSafe().isExhaustive();
  }

  private static KvmOps i2(boolean touches) {
    return with(kvm ->
        (DirectPageFault)
            (vcpu, gfn, write) -> {
              Pfn pfn = kvm.hvaToPfn(vcpu.gfnToMemslot(gfn).gfnToHva(gfn), write);
              if (touches && !pfn.isError()) {
                kvm.mm.frame(pfn).access();
              }
              return RetPf.EFAULT;
            });
  }

  @Test
  void i3StartZapsNothing() {
    onlyBreaks(
        "I3",
        world -> {
          Vcpu vcpu =
              world
                  .vm(
                      with(kvm ->
                          new Invalidation(kvm) {
                            @Override
                            protected boolean zap(MmuNotifierRange range) {
                              return false;
                            }
                          }),
                      1)
                  .createVcpu();
          world.task(
              "vcpu 0, then madvise",
              () -> {
                vcpu.read(G0);
                Section.of(world, 0).run();
              });
        });
  }

  /// The fault begins when start has returned: one that installs before breaks I3, too.
  @Test
  void i4TestsTheNumberOnly() {
    onlyBreaks(
        "I4",
        world -> {
          Vcpu vcpu = world.vm(with(MatrixTest::testsSeqOnly), 1).createVcpu();
          LongCell started = new LongCell("started", 0);
          Section section = Section.of(world, 0);
          world.task(
              "madvise",
              () -> {
                section.start();
                started.smpStoreRelease(1);
                section.end();
              });
          world.task(
              "vcpu 0",
              () -> {
                started.smpCondLoadAcquire(value -> value == 1);
                vcpu.read(G0);
              });
        });
  }

  private static ProtocolPiece testsSeqOnly(Kvm kvm) {
    return (MmuNotifierRetry) (mmuSeq, _) -> kvm.mmuNotifierSeq.get() != mmuSeq;
  }

  @Test
  void i5TestsTheCountOnly() {
    onlyBreaks(
        "I5",
        world -> {
          Vcpu vcpu = world.vm(with(MatrixTest::testsCountOnly), 1).createVcpu();
          world.task("madvise", Section.of(world, 0)::run);
          world.task("vcpu 0", () -> vcpu.read(G0));
        });
  }

  private static ProtocolPiece testsCountOnly(Kvm kvm) {
    return (MmuNotifierRetry) (_, _) -> kvm.mmuNotifierCount.get() != 0;
  }

  @Test
  void i6WritesToAReadOnlySlot() {
    onlyBreaks(
        "I6",
        world -> {
          Kvm kvm = world.vm(with(_ -> (DirectPageFault) MatrixTest::mapsWritable));
          kvm.setMemoryRegion(
              new KvmMemorySlot(0, G0, 1, Hva.page(0)).withFlags(KvmMemorySlot.KVM_MEM_READONLY));
          Vcpu vcpu = kvm.createVcpu();
          world.task("vcpu 0", () -> vcpu.write(G0));
        });
  }

  private static RetPf mapsWritable(Vcpu vcpu, Gfn gfn, boolean write) {
    Pfn pfn = vcpu.kvm().hvaToPfn(vcpu.gfnToMemslot(gfn).gfnToHva(gfn), true);
    return install(vcpu, gfn, pfn, true);
  }

  /// The update waits for readers and frees nothing; what it leaves out is the flush.
  @Test
  void i7PublishesWithoutASlotInUse() {
    onlyBreaks(
        "I7",
        world -> {
          Kvm kvm = world.vm(KvmOps.reference(), 1);
          Vcpu vcpu = kvm.createVcpu();
          world.task("vcpu 0", () -> vcpu.read(G0));
          world.task(
              "KVM_SET_USER_MEMORY_REGION",
              () -> {
                kvm.slotsLock.lock();
                KvmMemslots slots = kvm.activeMemslots(0).without(0);
                kvm.beginUpdate(0, slots);
                kvm.publishMemslots(0, slots);
                kvm.srcu.synchronize();
                kvm.finishUpdate(slots);
                kvm.slotsLock.unlock();
              });
        });
  }

  @Test
  void i8TakesAnInvalidSlotForNone() {
    onlyBreaks(
        "I8",
        world -> {
          Kvm kvm = world.vm(with(_ -> (DirectPageFault) MatrixTest::emulatesInvalid), 1);
          Vcpu vcpu = kvm.createVcpu();
          world.task("vcpu 0", () -> vcpu.read(G0));
          world.task(
              "KVM_SET_USER_MEMORY_REGION",
              () -> kvm.setMemoryRegion(new KvmMemorySlot(0, G0, 0, Hva.page(0))));
        });
  }

  private static RetPf emulatesInvalid(Vcpu vcpu, Gfn gfn, boolean write) {
    KvmMemorySlot slot = vcpu.gfnToMemslot(gfn);
    return slot == null || slot.invalid() ? RetPf.EMULATE : RetPf.EFAULT;
  }

  @Test
  void i9RemembersADeviceForEver() {
    onlyBreaks(
        "I9",
        world -> {
          Kvm kvm =
              world.vm(
                  with(vm ->
                      new MmioSptes(vm, 4) {
                        @Override
                        protected long generation(Vcpu vcpu) {
                          return 0;
                        }
                      }));
          Vcpu vcpu = kvm.createVcpu();
          world.task(
              "vcpu 0, then KVM_SET_USER_MEMORY_REGION",
              () -> {
                vcpu.read(G0);
                kvm.setMemoryRegion(new KvmMemorySlot(0, G0, 1, Hva.page(0)));
                vcpu.read(G0);
              });
        });
  }

  /// Here it is not the code that breaks the rule, but a judge that would object: more is zapped
  /// and flushed than the host asks for, and faults start over for nothing.
  @Test
  void i10ZapsAndFlushesAllAndStartsOver() {
    assertThat(faultRacesUnmap(with(ZapsAll::new).with(StartsOverOnce::new)).explore())
        .isSafe()
        .isExhaustive();
  }

  private static final class ZapsAll extends Invalidation {
    ZapsAll(Kvm kvm) {
      super(kvm);
    }

    @Override
    protected boolean zap(MmuNotifierRange range) {
      kvm.unmapHvaRange(new MmuNotifierRange(Hva.page(0), Hva.page(8), true));
      return true;
    }
  }

  private static final class StartsOverOnce implements MmuNotifierRetry {
    private final Kvm kvm;
    private boolean startedOver;

    StartsOverOnce(Kvm kvm) {
      this.kvm = kvm;
    }

    @Override
    public boolean mmuNotifierRetryHva(long mmuSeq, Hva hva) {
      boolean first = !startedOver;
      startedOver = true;
      return first || kvm.mmuNotifierCount.get() != 0 || kvm.mmuNotifierSeq.get() != mmuSeq;
    }
  }

  /// Without a vCPU there is nobody who starts over for ever, which would break I30.
  @Test
  void i11LeavesTheCountBehind() {
    onlyBreaks(
        "I11",
        world -> {
          world.vm(
              with(kvm ->
                  new Invalidation(kvm) {
                    @Override
                    protected void uncount(MmuNotifierRange range) {
                      kvm.mmuNotifierSeq.writeOnce(kvm.mmuNotifierSeq.get() + 1);
                    }
                  }),
              1);
          world.task("madvise", Section.of(world, 0)::run);
        });
  }

  /// Without a vCPU there is no look-up from before the end, which would break I5.
  @Test
  void i12LeavesTheNumber() {
    onlyBreaks(
        "I12",
        oneSection(kvm ->
            new Invalidation(kvm) {
              @Override
              protected void uncount(MmuNotifierRange range) {
                kvm.mmuNotifierCount.writeOnce(kvm.mmuNotifierCount.get() - 1);
              }
            }));
  }

  /// change_pte numbers once more inside a section: I12 asks for as many numbers as sections that
  /// have ended, at least, and finds the section that has none all the same.
  @Test
  void i12CountsChangedEntriesNotForSections() {
    assertThat(changedInside(KvmOps.reference()).explore()).isSafe().isExhaustive();
    onlyBreaks(
        "I12",
        changedInside(
            with(kvm ->
                new Invalidation(kvm) {
                  @Override
                  protected void uncount(MmuNotifierRange range) {
                    kvm.mmuNotifierCount.writeOnce(kvm.mmuNotifierCount.get() - 1);
                  }
                })));
  }

  /// A merge of two pages, which changes two entries inside sections, and the host's write after
  /// it, which takes a page of its own.
  private static Sketch changedInside(KvmOps ops) {
    return Sketch.of(world -> {
      world.vm(ops, 2);
      world.task(
          "ksm, then the program",
          () -> {
            Ksm.merge(world.mm(), Hva.page(0), Hva.page(1));
            world.mm().getUserPagesFast(Hva.page(1), true);
          });
      world.task("madvise", () -> world.mm().madviseDontneed(Hva.page(0), Hva.page(1)));
    });
  }

  /// Without a vCPU there is no fault that the range does not stop, which would break I4.
  @Test
  void i13KeepsTheFirstRange() {
    onlyBreaks(
        "I13",
        world -> {
          world.vm(
              with(kvm ->
                  new Invalidation(kvm) {
                    @Override
                    protected void count(MmuNotifierRange range) {
                      if (kvm.mmuNotifierCount.get() == 0) {
                        super.count(range);
                      } else {
                        kvm.mmuNotifierCount.writeOnce(kvm.mmuNotifierCount.get() + 1);
                      }
                    }
                  }),
              2);
          world.task("madvise", Section.of(world, 0)::run);
          world.task("munmap", Section.of(world, 1)::run);
        });
  }

  /// What start does with the lock is nothing, so no count is wrong.
  @Test
  void i14LocksInStartAlone() {
    onlyBreaks(
        "I14",
        world -> {
          world.vm(with(LocksInStart::new), 1);
          world.task("munmap", Section.of(world, 5)::run);
        });
  }

  private static final class LocksInStart implements InvalidateRange {
    private final Kvm kvm;

    LocksInStart(Kvm kvm) {
      this.kvm = kvm;
    }

    @Override
    public int invalidateRangeStart(MmuNotifierRange range) {
      kvm.mmuLock.writeLock();
      kvm.mmuLock.writeUnlock();
      return 0;
    }

    @Override
    public void invalidateRangeEnd(MmuNotifierRange range) {}
  }

  /// Nobody updates memslots, which could go in between.
  @Test
  void i15CountsWhatIsOfGuestMemory() {
    onlyBreaks(
        "I15",
        world -> {
          world.vm(with(CountsGuestMemory::new), 1);
          world.task("munmap", Section.of(world, 5)::run);
        });
  }

  private static final class CountsGuestMemory extends Invalidation implements CountsInvalidations {
    private final LongCell active = new LongCell("mn_active_invalidate_count", 0);

    CountsGuestMemory(Kvm kvm) {
      super(kvm);
    }

    @Override
    protected void before(MmuNotifierRange range) {
      if (range.contains(Hva.page(0))) {
        active.writeOnce(active.readOnce() + 1);
      }
    }

    @Override
    protected void after(MmuNotifierRange range) {
      if (range.contains(Hva.page(0))) {
        active.writeOnce(active.readOnce() - 1);
      }
    }

    @Override
    public long activeInvalidations() {
      return active.readOnce();
    }

    @Override
    public long latestActiveInvalidations() {
      return active.latest();
    }
  }

  /// The invalidation takes mmu_lock for every range, so that it needs no freeze. What lies between
  /// is no event, so the host waits there for the update, as a design that freezes would not let
  /// it.
  @Test
  void i16PromisesAFreezeAndHasNone() {
    onlyBreaks(
        "I16",
        world -> {
          Kvm kvm = world.vm(with(PromisesAFreeze::new), 1);
          LongCell turn = new LongCell("turn", 0);
          Section section = Section.of(world, 1);
          world.task(
              "munmap",
              () -> {
                section.start();
                turn.smpStoreRelease(1);
                turn.smpCondLoadAcquire(value -> value == 2);
                section.end();
              });
          world.task(
              "KVM_SET_USER_MEMORY_REGION",
              () -> {
                turn.smpCondLoadAcquire(value -> value == 1);
                kvm.setMemoryRegion(new KvmMemorySlot(1, new Gfn(1), 1, Hva.page(1)));
                turn.smpStoreRelease(2);
              });
        });
  }

  private static final class PromisesAFreeze extends Invalidation implements FreezesMemslots {
    PromisesAFreeze(Kvm kvm) {
      super(kvm);
    }

    @Override
    public boolean freezes(MmuNotifierRange range) {
      return true;
    }
  }

  /// The judge is KASAN. An invalidation walks the memslots while an update frees them; the twin of
  /// the update waits for readers.
  @Test
  void i17FreesMemslotsThatAreRead() {
    assertThat(i17(false)).breaks("I17");
    assertThat(i17(true)).isSafe().isExhaustive();
  }

  private static Exploration i17(boolean waits) {
    return Sketch.of(
            world -> {
              Kvm kvm =
                  world.vm(
                      with(it ->
                          (InstallNewMemslots)
                              (asId, slots) -> {
                                it.publishMemslots(asId, slots);
                                if (waits) {
                                  it.srcu.synchronize();
                                }
                              }),
                      1);
              world.task("munmap", Section.of(world, 0)::run);
              world.task(
                  "KVM_SET_USER_MEMORY_REGION",
                  () -> kvm.setMemoryRegion(new KvmMemorySlot(1, new Gfn(1), 1, Hva.page(1))));
            })
        .explore();
  }

  /// The judge is might_sleep(), which ends the execution: what would follow cannot be seen. The
  /// twin sleeps before it takes the lock.
  @Test
  void i18SleepsWithMmuLock() {
    assertThat(i18(true)).breaks("I18");
    assertThat(i18(false)).isSafe().isExhaustive();
  }

  private static Exploration i18(boolean locked) {
    return oneSection(kvm ->
            new Invalidation(kvm) {
              @Override
              protected void before(MmuNotifierRange range) {
                if (!locked) {
                  Sched.mightSleep("kmalloc");
                }
              }

              @Override
              protected void count(MmuNotifierRange range) {
                if (locked) {
                  Sched.mightSleep("kmalloc");
                }
                super.count(range);
              }
            })
        .explore();
  }

  /// A lock that start waits for and keeps is also a cycle to lockdep, which has start and end for
  /// one node. One that it only tries is not.
  @Test
  void i19KeepsALockUntilEnd() {
    onlyBreaks("I19", oneSection(KeepsALock::new));
  }

  private static final class KeepsALock extends Invalidation {
    private final Mutex lock = new Mutex("kept");

    KeepsALock(Kvm kvm) {
      super(kvm);
    }

    @Override
    public void init() {
      lock.init();
    }

    @Override
    protected void before(MmuNotifierRange range) {
      lock.trylock();
    }

    @Override
    protected void after(MmuNotifierRange range) {
      lock.unlock();
    }
  }

  /// The judge is might_sleep(); the twin is called for a range that is blockable.
  @Test
  void i20SleepsWhereItMayNot() {
    assertThat(i20(Section::nonBlockable)).breaks("I20");
    assertThat(i20(Section::of)).isSafe().isExhaustive();
  }

  private static Exploration i20(BiFunction<World, Integer, Section> section) {
    return Sketch.of(
            world -> {
              world.vm(
                  with(kvm ->
                      new Invalidation(kvm) {
                        @Override
                        protected void before(MmuNotifierRange range) {
                          Sched.mightSleep("kmalloc");
                        }
                      }),
                  1);
              world.task("oom_reaper", section.apply(world, 0)::run);
            })
        .explore();
  }

  /// Nobody updates memslots here, so nobody waits for callbacks with the lock.
  @Test
  void i21TakesSlotsLockInACallback() {
    onlyBreaks(
        "I21",
        oneSection(kvm ->
            new Invalidation(kvm) {
              @Override
              protected void before(MmuNotifierRange range) {
                kvm.slotsLock.lock();
                kvm.slotsLock.unlock();
              }
            }));
  }

  /// A look-up may sleep, so whoever makes one under a lock that spins breaks I18 as well: that is
  /// reported when I22 is not asked.
  @Test
  void i22LooksUpUnderMmuLock() {
    Sketch sketch = faultRacesUnmap(with(_ -> (DirectPageFault) MatrixTest::looksUpUnderMmuLock));
    assertThat(sketch.explore()).breaks("I22");
    assertThat(sketch.without("I22").explore()).breaks("I18");
  }

  private static RetPf looksUpUnderMmuLock(Vcpu vcpu, Gfn gfn, boolean write) {
    Kvm kvm = vcpu.kvm();
    kvm.mmuLock.writeLock();
    kvm.hvaToPfn(vcpu.gfnToMemslot(gfn).gfnToHva(gfn), write);
    kvm.mmuLock.writeUnlock();
    return RetPf.EFAULT;
  }

  /// The tasks come one after the other, so nobody ever waits.
  @Test
  void i23NestsTwoLocksInBothOrders() {
    onlyBreaks(
        "I23",
        world -> {
          world.mm();
          Spinlock one = Spinlock.define("one");
          Spinlock other = Spinlock.define("other");
          LongCell turn = new LongCell("turn", 0);
          world.task(
              "CPU 0",
              () -> {
                nest(one, other);
                turn.smpStoreRelease(1);
              });
          world.task(
              "CPU 1",
              () -> {
                turn.smpCondLoadAcquire(value -> value == 1);
                nest(other, one);
              });
        });
  }

  private static void nest(Spinlock outer, Spinlock inner) {
    outer.lock();
    inner.lock();
    inner.unlock();
    outer.unlock();
  }

  /// Nobody takes slots_arch_lock inside a read section here, so nobody is waited for in vain.
  @Test
  void i24WaitsForReadersWithSlotsArchLock() {
    onlyBreaks(
        "I24",
        world -> {
          Kvm kvm = world.vm(with(KeepsSlotsArchLock::new));
          world.task(
              "KVM_SET_USER_MEMORY_REGION",
              () -> kvm.setMemoryRegion(new KvmMemorySlot(0, G0, 1, Hva.page(0))));
        });
  }

  private static final class KeepsSlotsArchLock implements InstallNewMemslots {
    private final Kvm kvm;

    KeepsSlotsArchLock(Kvm kvm) {
      this.kvm = kvm;
    }

    @Override
    public boolean underSlotsArchLock() {
      return true;
    }

    @Override
    public void installNewMemslots(int asId, KvmMemslots slots) {
      kvm.beginUpdate(asId, slots);
      kvm.publishMemslots(asId, slots);
      kvm.srcu.synchronize();
      kvm.slotsArchLock.unlock();
      kvm.finishUpdate(slots);
    }
  }

  /// The judge is the lock itself, which does not work without; the twin initialises it.
  @Test
  void i25UsesALockThatIsNotInitialised() {
    assertThat(oneSection(kvm -> new OwnLock(kvm, false, true)).explore()).breaks("I25");
    assertThat(oneSection(kvm -> new OwnLock(kvm, true, true)).explore()).isSafe().isExhaustive();
  }

  /// The judge is lockdep's hook at the end of a task; the twin releases the lock.
  @Test
  void i26NeverReleasesALock() {
    assertThat(oneSection(kvm -> new OwnLock(kvm, true, false)).explore()).breaks("I26");
    assertThat(oneSection(kvm -> new OwnLock(kvm, true, true)).explore()).isSafe().isExhaustive();
  }

  private static final class OwnLock extends Invalidation {
    private final Spinlock lock = new Spinlock("mn_invalidate_lock");
    private final boolean initialised;
    private final boolean released;

    OwnLock(Kvm kvm, boolean initialised, boolean released) {
      super(kvm);
      this.initialised = initialised;
      this.released = released;
    }

    @Override
    public void init() {
      if (initialised) {
        lock.init();
      }
    }

    @Override
    protected void after(MmuNotifierRange range) {
      lock.lock();
      if (released) {
        lock.unlock();
      }
    }
  }

  @Test
  void i27LocksForOtherMemory() {
    onlyBreaks(
        "I27",
        Sketch.of(
                world -> {
                  world.vm(KvmOps.reference(), 1);
                  world.task("munmap", Section.of(world, 5)::run);
                })
            .asking("I27"));
  }

  @Test
  void i28LocksTwice() {
    onlyBreaks(
        "I28",
        oneSection(kvm ->
                new Invalidation(kvm) {
                  @Override
                  protected void before(MmuNotifierRange range) {
                    kvm.mmuLock.writeLock();
                    kvm.mmuLock.writeUnlock();
                  }
                })
            .asking("I28"));
  }

  @Test
  void i29StartsOverForOtherPages() {
    onlyBreaks(
        "I29",
        Sketch.of(
                world -> {
                  Vcpu vcpu =
                      world
                          .vm(
                              with(kvm ->
                                  (MmuNotifierRetry)
                                      (mmuSeq, _) ->
                                          kvm.mmuNotifierCount.get() != 0
                                              || kvm.mmuNotifierSeq.get() != mmuSeq),
                              2)
                          .createVcpu();
                  world.task("madvise", Section.of(world, 0)::run);
                  world.task("vcpu 0", () -> vcpu.read(new Gfn(1)));
                })
            .asking("I29"));
  }

  @Test
  void i30StartsOverForEver() {
    onlyBreaks(
        "I30",
        world -> {
          Vcpu vcpu =
              world.vm(with(_ -> (DirectPageFault) (_, _, _) -> RetPf.RETRY), 1).createVcpu();
          world.task("vcpu 0", () -> vcpu.read(G0));
        });
  }

  /// Only in address space 1 there is memory, and only a vCPU in system management mode sees it.
  @Test
  void i30StartsOverForEverInSystemManagementMode() {
    onlyBreaks(
        "I30",
        world -> {
          KvmOps ops = with(_ -> (DirectPageFault) (_, _, _) -> RetPf.RETRY);
          Kvm kvm = world.vm(ops, KvmConfig.SMALL.withAddressSpaces(2));
          kvm.setMemoryRegion(new KvmMemorySlot(0, 1, G0, 1, Hva.page(0)));
          kvm.createVcpu().setSmm(true);
          world.task("vcpu 0", () -> {});
        });
  }

  /// The judge is the hung-task detector, which does not know that it is an update that hangs. The
  /// twin waits for invalidations only.
  @Test
  void i31WaitsForWhatNeverComes() {
    assertThat(update(WaitsForever::new, world -> {}).verdict()).isEqualTo("STUCK");
    assertThat(update(Freeze::new, world -> {})).isSafe().isExhaustive();
  }

  private static final class WaitsForever extends Freeze {
    private final LongCell never = new LongCell("never", 0);

    WaitsForever(Kvm kvm) {
      super(kvm);
    }

    @Override
    protected void register() {
      never.smpCondLoadAcquire(value -> value == 1);
    }
  }

  /// The host waits for another task, which invalidates first. The twin lets starts in.
  @Test
  void i33KeepsStartsOutWhileAnUpdateWaits() {
    Consumer<World> host =
        world -> {
          LongCell answered = new LongCell("answered", 0);
          Section section = Section.of(world, 5);
          Section other = Section.of(world, 6);
          world.task(
              "madvise",
              () -> {
                section.start();
                answered.smpCondLoadAcquire(value -> value == 1);
                section.end();
              });
          world.task(
              "munmap",
              () -> {
                other.run();
                answered.smpStoreRelease(1);
              });
        };
    assertThat(update(KeepsOut::new, host).verdict()).isEqualTo("STUCK");
    assertThat(update(Freeze::new, host)).isSafe().isExhaustive();
  }

  /// The same, by one task.
  @Test
  void i34KeepsTheInnerStartOutWhileAnUpdateWaits() {
    Consumer<World> host =
        world -> {
          Section outer = Section.of(world, 5);
          Section inner = Section.of(world, 5);
          world.task(
              "madvise",
              () -> {
                outer.start();
                inner.run();
                outer.end();
              });
        };
    assertThat(update(KeepsOut::new, host).verdict()).isEqualTo("STUCK");
    assertThat(update(Freeze::new, host)).isSafe().isExhaustive();
  }

  private static final class KeepsOut extends Freeze {
    private final LongCell updating = new LongCell("updating", 0);

    KeepsOut(Kvm kvm) {
      super(kvm);
    }

    @Override
    public int invalidateRangeStart(MmuNotifierRange range) {
      updating.smpCondLoadAcquire(value -> value == 0);
      return super.invalidateRangeStart(range);
    }

    @Override
    public void installNewMemslots(int asId, KvmMemslots slots) {
      updating.smpStoreRelease(1);
      super.installNewMemslots(asId, slots);
      updating.smpStoreRelease(0);
    }
  }

  /// An update races what `host` adds.
  private static Exploration update(Function<Kvm, ProtocolPiece> piece, Consumer<World> host) {
    return Sketch.of(
            world -> {
              Kvm kvm = world.vm(KvmOps.reference().with(LockOnHit::new).with(piece));
              host.accept(world);
              world.task(
                  "KVM_SET_USER_MEMORY_REGION",
                  () -> kvm.setMemoryRegion(new KvmMemorySlot(0, G0, 1, Hva.page(0))));
            })
        .explore();
  }

  /// The judge is the hung-task detector: nothing follows when nobody moves. The twin declares that
  /// it sleeps before it tests.
  @Test
  void i32TestsBeforeItDeclaresThatItSleeps() {
    assertThat(i32(true)).breaks("I32");
    assertThat(i32(false)).isSafe().isExhaustive();
  }

  private static Exploration i32(boolean late) {
    return Sketch.of(
            world -> {
              LongCell active = new LongCell("active", 1);
              Rcuwait wait = new Rcuwait("wait");
              world.mm();
              world.task(
                  "invalidation",
                  () -> {
                    active.writeOnce(0);
                    wait.wakeUp();
                  });
              world.task(
                  "update",
                  () -> {
                    wait.prepareToRcuwait();
                    if (!late) {
                      wait.setCurrentStateUninterruptible();
                    }
                    if (active.readOnce() != 0) {
                      if (late) {
                        wait.setCurrentStateUninterruptible();
                      }
                      wait.schedule();
                    }
                    wait.finishRcuwait();
                  });
            })
        .explore();
  }

  /// The judge is the hung-task detector. A fault waits for the update that waits for it; the twin
  /// does not wait.
  @Test
  void i35WaitsForAnUpdateInsideAReadSection() {
    assertThat(i35(true)).breaks("I35");
    assertThat(i35(false)).isSafe().isExhaustive();
  }

  private static Exploration i35(boolean waits) {
    return Sketch.of(
            world -> {
              LongCell updated = new LongCell("updated", 0);
              Kvm kvm =
                  world.vm(
                      with(_ ->
                          (DirectPageFault)
                              (_, _, _) -> {
                                if (waits) {
                                  updated.smpCondLoadAcquire(value -> value == 1);
                                }
                                return RetPf.EFAULT;
                              }),
                      1);
              Vcpu vcpu = kvm.createVcpu();
              world.task("vcpu 0", () -> vcpu.read(G0));
              world.task(
                  "KVM_SET_USER_MEMORY_REGION",
                  () -> {
                    kvm.setMemoryRegion(new KvmMemorySlot(1, new Gfn(1), 1, Hva.page(1)));
                    updated.smpStoreRelease(1);
                  });
            })
        .explore();
  }

  @Test
  void i36ClaimsToHearTheHost() {
    onlyBreaks(
        "I36",
        world ->
            world.vm(with(ClaimsToHearTheHost::new), KvmConfig.SMALL.withNotifiers(true, false)));
  }

  /// A VM whose creation always succeeds.
  private static final class ClaimsToHearTheHost implements VmLifeCycle {
    private final Kvm kvm;

    ClaimsToHearTheHost(Kvm kvm) {
      this.kvm = kvm;
    }

    @Override
    public int createVm() {
      kvm.mmuLock.init();
      kvm.slotsLock.init();
      kvm.slotsArchLock.init();
      kvm.steps.initPieces();
      kvm.srcu.init();
      kvm.irqSrcu.init();
      kvm.usersCount.set(1);
      kvm.steps.allocMemslots(0);
      kvm.steps.archInitVm();
      kvm.steps.archPostInitVm();
      kvm.steps.vmListAdd();
      return 0;
    }

    @Override
    public void destroyVm() {}

    @Override
    public int checkExtension(Kvm kvm, KvmCap cap) {
      return 1;
    }
  }

  /// The judge is the `#if`, which ends the execution as it would end the build; the twin is built
  /// where the condition holds.
  @Test
  void i37UsesWhatIsNotDeclared() {
    assertThat(oneSection(kvm -> new UnderIf(kvm, false)).explore()).breaks("I37");
    assertThat(oneSection(kvm -> new UnderIf(kvm, true)).explore()).isSafe().isExhaustive();
  }

  private static final class UnderIf extends Invalidation {
    private final Spinlock lock;

    UnderIf(Kvm kvm, boolean holds) {
      super(kvm);
      lock = new Ifdef("CONFIG_MMU_NOTIFIER", holds).declare(Spinlock.define("lock"));
    }

    @Override
    protected void after(MmuNotifierRange range) {
      lock.lock();
      lock.unlock();
    }
  }

  private static KvmOps with(Function<Kvm, ProtocolPiece> piece) {
    return KvmOps.reference().with(piece);
  }

  private static RetPf install(Vcpu vcpu, Gfn gfn, Pfn pfn, boolean write) {
    Kvm kvm = vcpu.kvm();
    KvmMemorySlot slot = vcpu.gfnToMemslot(gfn);
    kvm.mmuLock.writeLock();
    RetPf ret = kvm.mmu.directMap(slot, gfn, pfn, write);
    kvm.mmuLock.writeUnlock();
    return ret;
  }

  /// One task that sends start and end.
  private static Sketch oneSection(Function<Kvm, ProtocolPiece> piece) {
    return Sketch.of(world -> {
      world.vm(with(piece), 1);
      world.task("madvise", Section.of(world, 0)::run);
    });
  }

  private static Sketch faultRacesUnmap(KvmOps ops) {
    return Sketch.of(world -> {
      Vcpu vcpu = world.vm(ops, 1).createVcpu();
      world.task("madvise", () -> world.mm().madviseDontneed(Hva.page(0), Hva.page(1)));
      world.task("vcpu 0", () -> vcpu.access(G0, false, 3));
    });
  }

  private static void onlyBreaks(String invariant, Consumer<World> build) {
    onlyBreaks(invariant, Sketch.of(build));
  }

  private static void onlyBreaks(String invariant, Sketch sketch) {
    assertThat(sketch.explore()).breaks(invariant);
    assertThat(sketch.without(invariant).explore()).isSafe().isExhaustive();
  }
}
