// SPDX-License-Identifier: MIT
package kvmlab.lab.catalogue;

import static kvmlab.kernel.Errno.EAGAIN;
import static kvmlab.lab.LabAssertions.assertThat;
import static kvmlab.lab.catalogue.Walks.H0;
import static kvmlab.lab.catalogue.Walks.H1;
import static kvmlab.lab.catalogue.Walks.H4;
import static kvmlab.lab.catalogue.Walks.assertBreaks;
import static kvmlab.lab.catalogue.Walks.assertHolds;
import static kvmlab.lab.catalogue.Walks.eliding;
import static kvmlab.lab.catalogue.Walks.end;
import static kvmlab.lab.catalogue.Walks.explore;
import static kvmlab.lab.catalogue.Walks.nonBlockable;
import static kvmlab.lab.catalogue.Walks.section;
import static kvmlab.lab.catalogue.Walks.start;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.function.Consumer;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.RwLock;
import kvmlab.kernel.RwSemaphore;
import kvmlab.kernel.Sched;
import kvmlab.kernel.Slab;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.InstallNewMemslots;
import kvmlab.kvm.InvalidateRange;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmMemslots;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.LockAlways;
import kvmlab.kvm.design.Design;
import kvmlab.lab.Exploration;
import kvmlab.lab.World;
import kvmlab.lab.design.FaultNotifiesItself;
import kvmlab.lab.design.LocksInOrder;
import kvmlab.lab.design.NeighbourTakesAMutex;
import kvmlab.lab.design.NestedSections;
import kvmlab.lab.design.SectionThatSleeps;
import kvmlab.lab.design.SectionWaitsForASection;
import kvmlab.mm.Hva;
import kvmlab.mm.MmuNotifierRange;
import org.junit.jupiter.api.Test;

/// Group F: a semaphore, an rwlock, or another lock from start to end.
class GroupFTest {
  private static final KvmMemorySlot SLOT = new KvmMemorySlot(1, new Gfn(1), 1, Hva.page(1));

  /// A design with a lock of its own kind around section and publication.
  private abstract static class Locked implements InvalidateRange, InstallNewMemslots {
    final Kvm kvm;

    Locked(Kvm kvm) {
      this.kvm = kvm;
    }

    abstract void read(MmuNotifierRange range);

    abstract void readDone(MmuNotifierRange range);

    abstract void write();

    abstract void writeDone();

    @Override
    public int invalidateRangeStart(MmuNotifierRange range) {
      read(range);
      start(kvm, range, false);
      return 0;
    }

    @Override
    public void invalidateRangeEnd(MmuNotifierRange range) {
      end(kvm, range, false);
      readDone(range);
    }

    @Override
    public void installNewMemslots(int asId, KvmMemslots slots) {
      kvm.beginUpdate(asId, slots);
      write();
      kvm.publishMemslots(asId, slots);
      writeDone();
      kvm.srcu.synchronize();
      kvm.finishUpdate(slots);
    }
  }

  private static class Semaphore extends Locked {
    final RwSemaphore lock = RwSemaphore.define("mmu_notifier_slots_lock");

    Semaphore(Kvm kvm) {
      super(kvm);
    }

    @Override
    void read(MmuNotifierRange range) {
      lock.downRead();
    }

    @Override
    void readDone(MmuNotifierRange range) {
      lock.upRead();
    }

    @Override
    void write() {
      lock.downWrite();
    }

    @Override
    void writeDone() {
      lock.upWrite();
    }
  }

  @Test
  void f1FairSemaphoreAndNestedSections() {
    assertBreaks(new NestedSections(), eliding(Semaphore::new), "I34");
    assertBreaks(new NestedSections(), Design.RWSEM_V1.ops(), "I34");
    assertBreaks(new NestedSections(), Design.RWSEM_V2.ops(), "I34");
  }

  @Test
  void f2FairSemaphoreAndTwoTasks() {
    assertBreaks(new LocksInOrder(), eliding(Semaphore::new), "I23");
    assertBreaks(new SectionWaitsForASection(), eliding(Semaphore::new), "I33");
  }

  @Test
  void f3SpinningLockFromStartToEnd() {
    assertBreaks(new SectionThatSleeps(), Design.RWLOCK.ops(), "I18");
    assertBreaks(new SectionThatSleeps(), Design.RWLOCK.ops(), "I19");
    assertBreaks(new NeighbourTakesAMutex(), Design.RWLOCK.ops(), "I18");
    assertHolds(new NeighbourTakesAMutex(), Design.RWSEM_V2.ops());
  }

  @Test
  void f5ReaperTriesUntilItGetsTheSemaphore() {
    KvmOps ops =
        eliding(kvm ->
            new Semaphore(kvm) {
              @Override
              void read(MmuNotifierRange range) {
                if (range.blockable()) {
                  super.read(range);
                  return;
                }
                while (!lock.downReadTrylock()) {
                  Sched.cpuRelax();
                }
              }
            });
    // The section in front of the writer ends when the reaper has freed memory.
    Exploration tried =
        explore(
            Set.of(),
            world -> {
              Kvm kvm = world.vm(ops);
              LongCell reaped = new LongCell("reaped", 0);
              world.task(
                  "CPU 0 (madvise)",
                  () -> section(world, H4, () -> reaped.smpCondLoadAcquire(value -> value == 1)));
              world.task("CPU 1 (ioctl)", () -> kvm.setMemoryRegion(SLOT));
              world.task(
                  "CPU 2 (oom_reaper)",
                  () -> {
                    section(world, nonBlockable(H4));
                    reaped.smpStoreRelease(1);
                  });
            });
    assertThat(tried.verdict()).isEqualTo("STUCK");
  }

  @Test
  void f6ReadersFirst() {
    KvmOps ops =
        eliding(kvm ->
            new Locked(kvm) {
              private final RwLock lock = RwLock.define("mmu_notifier_slots_lock");

              @Override
              void read(MmuNotifierRange range) {
                lock.readLock();
              }

              @Override
              void readDone(MmuNotifierRange range) {
                lock.readUnlock();
              }

              @Override
              void write() {
                // Does not queue, so no reader waits for it.
                while (!lock.writeTrylock()) {
                  Sched.cpuRelax();
                }
              }

              @Override
              void writeDone() {
                lock.writeUnlock();
              }
            });
    assertHolds(new SectionWaitsForASection(), ops);
    assertBreaks(new SectionThatSleeps(), ops, "I18");
  }

  @Test
  void f7WriterWaitsForReadersOfSrcu() {
    KvmOps ops =
        eliding(kvm ->
            new Semaphore(kvm) {
              @Override
              void writeDone() {
                kvm.srcu.synchronize();
                super.writeDone();
              }
            });
    assertBreaks(new FaultNotifiesItself(), ops, "I35");
    assertHolds(new FaultNotifiesItself(), eliding(Semaphore::new));
  }

  @Test
  void f8CallbackTakesSlotsLock() {
    KvmOps ops =
        eliding(kvm ->
            new InvalidateRange() {
              @Override
              public int invalidateRangeStart(MmuNotifierRange range) {
                kvm.slotsLock.lock();
                start(kvm, range, false);
                kvm.slotsLock.unlock();
                return 0;
              }

              @Override
              public void invalidateRangeEnd(MmuNotifierRange range) {
                end(kvm, range, false);
              }
            });
    assertThat(
            explore(world -> {
              world.vm(ops);
              world.task("CPU 0 (madvise)", () -> section(world, H1));
            }))
        .breaks("I21");
  }

  @Test
  void f9MmapLockIsNotHeldByAllWhoInvalidate() {
    for (boolean reverseMapping : new boolean[] {true, false}) {
      Exploration frozen =
          explore(
              Set.of("I11", "I14"),
              world -> {
                // Stands for mmap_lock: the VM has no access to that of the host.
                RwSemaphore mmapLock = RwSemaphore.define("mmap_lock_of_the_host");
                Kvm kvm = world.vm(eliding(it -> publishedUnder(it, mmapLock)));
                world.task("CPU 1 (ioctl)", () -> kvm.setMemoryRegion(SLOT));
                world.task(
                    reverseMapping ? "CPU 0 (truncate)" : "CPU 0 (munmap)",
                    () -> {
                      if (reverseMapping) {
                        section(world, H1);
                      } else {
                        mmapLock.downRead();
                        section(world, H1);
                        mmapLock.upRead();
                      }
                    });
              });
      if (reverseMapping) {
        assertThat(frozen).breaks("I14");
      } else {
        assertThat(frozen).isSafe();
      }
    }
  }

  private static Locked publishedUnder(Kvm kvm, RwSemaphore lock) {
    return new Locked(kvm) {
      @Override
      void read(MmuNotifierRange range) {}

      @Override
      void readDone(MmuNotifierRange range) {}

      @Override
      void write() {
        lock.downWrite();
      }

      @Override
      void writeDone() {
        lock.upWrite();
      }
    };
  }

  @Test
  void f10MmuLockFromStartToEnd() {
    KvmOps ops =
        KvmOps.reference()
            .with(kvm ->
                new InvalidateRange() {
                  @Override
                  public int invalidateRangeStart(MmuNotifierRange range) {
                    int index = kvm.srcu.readLock();
                    kvm.mmuLock.writeLock();
                    kvm.incNotifierCount(range.start(), range.end());
                    if (kvm.unmapHvaRange(range)) {
                      kvm.flushRemoteTlbs();
                    }
                    kvm.srcu.readUnlock(index);
                    return 0;
                  }

                  @Override
                  public void invalidateRangeEnd(MmuNotifierRange range) {
                    kvm.decNotifierCount(range.start(), range.end());
                    kvm.mmuLock.writeUnlock();
                  }
                });
    assertBreaks(new SectionThatSleeps(), ops, "I19");
    assertBreaks(new SectionThatSleeps(), ops, "I18");
    assertThat(
            explore(
                Set.of(),
                world -> {
                  world.vm(ops);
                  world.task(
                      "CPU 0 (madvise)",
                      () -> section(world, nonBlockable(H1), () -> nested(world)));
                }))
        .breaks("I26");
  }

  private static void nested(World world) {
    section(world, nonBlockable(H0));
  }

  /// A design with a list of the ranges that are in progress: start adds a node that it allocates
  /// inside the callback, or with `mmu_lock` held, or that somebody has allocated before.
  private static Consumer<World> listed(boolean inCallback, boolean locked) {
    KvmOps ops =
        eliding(kvm ->
            new InvalidateRange() {
              @Override
              public int invalidateRangeStart(MmuNotifierRange range) {
                if (inCallback) {
                  allocate();
                }
                Walks.walkOfStart(
                    kvm,
                    range,
                    false,
                    (from, to) -> {
                      if (locked) {
                        allocate();
                      }
                      kvm.incNotifierCount(from, to);
                    });
                return 0;
              }

              @Override
              public void invalidateRangeEnd(MmuNotifierRange range) {
                end(kvm, range, false);
              }
            });
    return world -> {
      Kvm kvm = world.vm(ops, 1);
      world.task(
          "CPU 0 (madvise)",
          () -> {
            allocate();
            section(world, H0);
          });
      world.task(
          "CPU 1 (ioctl)",
          () -> {
            kvm.slotsLock.lock();
            allocate();
            kvm.slotsLock.unlock();
          });
    };
  }

  private static void allocate() {
    Slab.kmalloc("struct mmu_notifier_range");
  }

  @Test
  void f11AllocatesInStart() {
    // Memory may be plentiful now: reclaim would come back to this very callback.
    assertThat(explore(listed(true, false))).breaks("I23");
    assertThat(explore(listed(false, true))).breaks("I23");
    assertThat(explore(listed(false, false))).isSafe().isExhaustive();
    // Without lockdep the one is seen that would sleep now.
    assertThat(explore(Set.of(), listed(true, false))).isSafe();
    assertThat(explore(Set.of(), listed(false, true))).breaks("I18");
  }

  @Test
  void f13FailsWhereItMayNot() {
    Exploration failed =
        explore(
            Set.of(),
            world -> {
              world.vm(
                  KvmOps.reference()
                      .with(kvm ->
                          new InvalidateRange() {
                            @Override
                            public int invalidateRangeStart(MmuNotifierRange range) {
                              return -EAGAIN;
                            }

                            @Override
                            public void invalidateRangeEnd(MmuNotifierRange range) {}
                          }));
              world.task("CPU 0 (madvise)", () -> section(world, H1));
            });
    assertThat(failed.explain()).contains("it returned -11 for h1..h2");
  }

  @Test
  void f14TurnsAReadLockIntoAWriteLock() {
    KvmOps ops =
        KvmOps.reference()
            .with(LockAlways::new)
            .with(kvm ->
                new InvalidateRange() {
                  @Override
                  public int invalidateRangeStart(MmuNotifierRange range) {
                    kvm.mmuLock.readLock();
                    start(kvm, range, true);
                    kvm.mmuLock.readUnlock();
                    return 0;
                  }

                  @Override
                  public void invalidateRangeEnd(MmuNotifierRange range) {
                    end(kvm, range, true);
                  }
                });
    Exploration upgraded =
        explore(
            Set.of(),
            world -> {
              world.vm(ops);
              world.task("CPU 0 (madvise)", () -> section(world, H1));
            });
    assertThat(upgraded.verdict()).isEqualTo("STUCK");
  }
}
