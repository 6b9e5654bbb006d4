// SPDX-License-Identifier: MIT
package kvmlab.lab.catalogue;

import static kvmlab.lab.LabAssertions.assertThat;
import static kvmlab.lab.catalogue.Walks.H0;
import static kvmlab.lab.catalogue.Walks.H1;
import static kvmlab.lab.catalogue.Walks.H4;
import static kvmlab.lab.catalogue.Walks.assertBreaks;
import static kvmlab.lab.catalogue.Walks.assertHolds;
import static kvmlab.lab.catalogue.Walks.eliding;
import static kvmlab.lab.catalogue.Walks.end;
import static kvmlab.lab.catalogue.Walks.explore;
import static kvmlab.lab.catalogue.Walks.section;
import static kvmlab.lab.catalogue.Walks.start;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.RwSemaphore;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.HandleKvmHvaRange;
import kvmlab.kvm.InvalidateRange;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmConfig;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmMemslots;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.LockOnHit;
import kvmlab.kvm.Vcpu;
import kvmlab.kvm.design.Design;
import kvmlab.lab.Exploration;
import kvmlab.lab.World;
import kvmlab.lab.design.MemslotCreatedInside;
import kvmlab.lab.design.MemslotDeletedInside;
import kvmlab.lab.design.ReaperRacesUpdate;
import kvmlab.machine.Engine;
import kvmlab.machine.Task;
import kvmlab.mm.Hva;
import kvmlab.mm.MmuNotifierRange;
import kvmlab.mm.PageIdle;
import kvmlab.mm.Pfn;
import kvmlab.mm.Pte;
import org.junit.jupiter.api.Test;

/// Group E: elision across start and end.
class GroupETest {
  private static final KvmMemorySlot SLOT = new KvmMemorySlot(1, new Gfn(1), 1, Hva.page(1));
  private static final Set<String> BALANCE = Set.of("I11", "I14", "I30");

  /// An invalidation that asks at start whether a memslot is hit, and keeps the answer somewhere
  /// for end.
  private abstract static class Remembering implements InvalidateRange {
    private final Kvm kvm;

    Remembering(Kvm kvm) {
      this.kvm = kvm;
    }

    abstract void remember(MmuNotifierRange range, boolean hit);

    abstract boolean recall(MmuNotifierRange range);

    @Override
    public int invalidateRangeStart(MmuNotifierRange range) {
      boolean[] hit = new boolean[1];
      Walks.walkOfStart(
          kvm,
          range,
          false,
          (from, to) -> {
            hit[0] = true;
            kvm.incNotifierCount(from, to);
          });
      remember(range, hit[0]);
      return 0;
    }

    @Override
    public void invalidateRangeEnd(MmuNotifierRange range) {
      if (recall(range)) {
        kvm.mmuLock.writeLock();
        kvm.decNotifierCount(range.start(), range.end());
        kvm.mmuLock.writeUnlock();
      }
    }

    static Remembering in(
        Kvm kvm, BiConsumer<Kvm, Boolean> remember, BiPredicate<Kvm, MmuNotifierRange> recall) {
      return new Remembering(kvm) {
        @Override
        void remember(MmuNotifierRange range, boolean hit) {
          remember.accept(kvm, hit);
        }

        @Override
        boolean recall(MmuNotifierRange range) {
          return recall.test(kvm, range);
        }
      };
    }
  }

  @Test
  void e1SlotCreatedInsideASectionThatWasElided() {
    assertBreaks(new MemslotCreatedInside(), Design.UNFROZEN.ops(), "I14");
    assertBreaks(new MemslotCreatedInside(), Design.UNFROZEN.ops(), "I11");
  }

  @Test
  void e1SlotDeletedInsideASectionThatWasCounted() {
    assertBreaks(new MemslotDeletedInside(), Design.UNFROZEN.ops(), "I14");
    assertBreaks(new MemslotDeletedInside(), Design.UNFROZEN.ops(), "I30");
  }

  @Test
  void e2ElidesStartOnly() {
    KvmOps ops =
        eliding(kvm ->
            new InvalidateRange() {
              @Override
              public int invalidateRangeStart(MmuNotifierRange range) {
                start(kvm, range, false);
                return 0;
              }

              @Override
              public void invalidateRangeEnd(MmuNotifierRange range) {
                end(kvm, range, true);
              }
            });
    for (String invariant : List.of("I11", "I14")) {
      assertThat(
              explore(
                  Set.of(invariant),
                  world -> {
                    world.vm(ops, 1);
                    world.task("CPU 0 (madvise)", () -> section(world, H4));
                  }))
          .breaks(invariant);
    }
  }

  @Test
  void e4RemembersInOneFlagOfTheVm() {
    assertThat(
            explore(
                BALANCE,
                world -> {
                  LongCell flag = new LongCell("kvm->elided", 0);
                  world.vm(
                      eliding(kvm ->
                          Remembering.in(
                              kvm,
                              (_, hit) -> flag.writeOnce(hit ? 0 : 1),
                              (_, _) -> flag.readOnce() == 0)),
                      1);
                  world.task("CPU 0 (madvise)", () -> section(world, H0));
                  world.task("CPU 1 (madvise)", () -> section(world, H4));
                }))
        .breaks("I14");
  }

  @Test
  void e5RemembersInTheRangeThatAllVmsShare() {
    assertThat(
            explore(
                BALANCE,
                world -> {
                  Map<MmuNotifierRange, Boolean> inRange = new IdentityHashMap<>();
                  KvmOps ops =
                      eliding(kvm ->
                          new Remembering(kvm) {
                            @Override
                            void remember(MmuNotifierRange range, boolean hit) {
                              inRange.put(range, hit);
                            }

                            @Override
                            boolean recall(MmuNotifierRange range) {
                              return Objects.requireNonNull(inRange.get(range));
                            }
                          });
                  world.vm(ops, 1);
                  world.vm(ops);
                  world.task("CPU 0 (madvise)", () -> section(world, H0));
                }))
        .breaks("I14");
  }

  @Test
  void e6RemembersInTheThread() {
    assertThat(
            explore(
                BALANCE,
                world -> {
                  Map<Task, Boolean> current = new HashMap<>();
                  world.vm(
                      eliding(kvm ->
                          Remembering.in(
                              kvm,
                              (_, hit) -> current.put(Engine.current().task(), hit),
                              (_, _) ->
                                  Objects.requireNonNull(current.get(Engine.current().task())))),
                      1);
                  world.task("CPU 0 (munmap)", () -> section(world, H0, () -> section(world, H4)));
                }))
        .breaks("I14");
  }

  @Test
  void e7KeepsAReadSectionOpen() {
    KvmOps ops =
        eliding(kvm ->
            new InvalidateRange() {
              private final Map<Task, Integer> index = new HashMap<>();

              @Override
              public int invalidateRangeStart(MmuNotifierRange range) {
                index.put(Engine.current().task(), kvm.srcu.readLock());
                start(kvm, range, false);
                return 0;
              }

              @Override
              public void invalidateRangeEnd(MmuNotifierRange range) {
                end(kvm, range, false);
                kvm.srcu.readUnlock(Objects.requireNonNull(index.remove(Engine.current().task())));
              }
            });
    assertBreaks(new MemslotCreatedInside(), ops, "I14");
  }

  @Test
  void e8CountsAfterTheWalk() {
    KvmOps ops =
        eliding(kvm ->
            new Counted(kvm) {
              @Override
              public int invalidateRangeStart(MmuNotifierRange range) {
                start(kvm, range, false);
                enter(range);
                return 0;
              }
            });
    assertBreaks(new MemslotCreatedInside(), ops, "I14");
  }

  @Test
  void e10CountsGuestMemoryOnly() {
    KvmOps ops =
        eliding(kvm ->
            new Counted(kvm) {
              private final Map<MmuNotifierRange, Boolean> counted = new IdentityHashMap<>();

              @Override
              public int invalidateRangeStart(MmuNotifierRange range) {
                Walks.walkOfStart(
                    kvm,
                    range,
                    false,
                    (from, to) -> {
                      kvm.incNotifierCount(from, to);
                      counted.put(range, true);
                      enter(range);
                    });
                return 0;
              }

              @Override
              void leave(MmuNotifierRange range) {
                if (counted.remove(range) != null) {
                  super.leave(range);
                }
              }
            });
    assertBreaks(new MemslotCreatedInside(), ops, "I14");
    assertBreaks(new MemslotCreatedInside(), ops, "I15");
  }

  /// A design that publishes some memslots without waiting.
  private abstract static class Hasty extends Counted {
    Hasty(Kvm kvm) {
      super(kvm);
    }

    abstract boolean waits(int asId, KvmMemslots slots);

    @Override
    void publish(int asId, KvmMemslots slots) {
      if (waits(asId, slots)) {
        super.publish(asId, slots);
      } else {
        kvm.publishMemslots(asId, slots);
      }
    }

    @Override
    public boolean freezes(MmuNotifierRange range) {
      return false;
    }
  }

  private static boolean hasInvalid(KvmMemslots slots) {
    return slots.latestSlots().stream().anyMatch(KvmMemorySlot::invalid);
  }

  @Test
  void e11FirstPhaseIsNotFrozen() {
    KvmOps ops =
        eliding(kvm ->
            new Hasty(kvm) {
              @Override
              boolean waits(int asId, KvmMemslots slots) {
                return !hasInvalid(slots);
              }
            });
    // A slot marked invalid is hit as before.
    assertThat(explore(BALANCE, world -> deletedAndCreated(world, ops))).isSafe().isExhaustive();
  }

  @Test
  void e11SecondPhaseIsNotFrozen() {
    KvmOps ops =
        eliding(kvm ->
            new Hasty(kvm) {
              @Override
              boolean waits(int asId, KvmMemslots slots) {
                return hasInvalid(slots);
              }
            });
    assertThat(explore(BALANCE, world -> deletedAndCreated(world, ops))).breaks("I14");
  }

  private static void deletedAndCreated(World world, KvmOps ops) {
    Kvm kvm = world.vm(ops);
    kvm.setMemoryRegion(SLOT);
    kvm.createVcpu();
    world.task(
        "CPU 1 (ioctl)",
        () -> {
          kvm.setMemoryRegion(SLOT.deleted());
          kvm.setMemoryRegion(SLOT);
        });
    world.task("CPU 0 (madvise)", () -> section(world, H1));
  }

  @Test
  void e12FreezesOneAddressSpace() {
    KvmOps ops =
        eliding(kvm ->
            new Hasty(kvm) {
              @Override
              boolean waits(int asId, KvmMemslots slots) {
                return asId == 0;
              }
            });
    assertThat(
            explore(
                BALANCE,
                world -> {
                  Kvm kvm = world.vm(ops, KvmConfig.SMALL.withAddressSpaces(2));
                  world.task(
                      "CPU 1 (ioctl)",
                      () ->
                          kvm.setMemoryRegion(new KvmMemorySlot(1, 1, new Gfn(1), 1, Hva.page(1))));
                  world.task("CPU 0 (madvise)", () -> section(world, H1));
                }))
        .breaks("I14");
  }

  @Test
  void e13ReaperIsNotFrozenAndElided() {
    KvmOps ops =
        eliding(kvm ->
            new Counted(kvm) {
              @Override
              void enter(MmuNotifierRange range) {
                if (range.blockable()) {
                  super.enter(range);
                }
              }

              @Override
              void leave(MmuNotifierRange range) {
                if (range.blockable()) {
                  super.leave(range);
                }
              }
            });
    assertBreaks(new ReaperRacesUpdate(), ops, "I14");
  }

  @Test
  void e14AsksTwiceWhetherItMaySleep() {
    assertThat(
            explore(
                Set.of(),
                world -> {
                  RwSemaphore slotsLock = RwSemaphore.define("mmu_notifier_slots_lock");
                  LongCell blockable = new LongCell("kvm->blockable", 0);
                  world.vm(
                      eliding(kvm ->
                          new InvalidateRange() {
                            @Override
                            public int invalidateRangeStart(MmuNotifierRange range) {
                              blockable.writeOnce(range.blockable() ? 1 : 0);
                              if (range.blockable()) {
                                slotsLock.downRead();
                              }
                              start(kvm, range, !range.blockable());
                              return 0;
                            }

                            @Override
                            public void invalidateRangeEnd(MmuNotifierRange range) {
                              boolean now = blockable.readOnce() != 0;
                              end(kvm, range, !now);
                              if (now) {
                                slotsLock.upRead();
                              }
                            }
                          }));
                  world.task("CPU 0 (madvise)", () -> section(world, H1));
                  world.task("CPU 1 (oom_reaper)", () -> section(world, Walks.nonBlockable(H4)));
                }))
        .breaks("I26");
  }

  /// The walk, but for what has no section around it, and no memslot in any.
  private static KvmOps agesInSectionsOnly() {
    return eliding(kvm -> {
      HandleKvmHvaRange walk = new LockOnHit(kvm);
      return (HandleKvmHvaRange)
          range ->
              (range.onLock() != null || kvm.mmuNotifierCount.readOnce() != 0)
                  && walk.handleHvaRange(range);
    });
  }

  @Test
  void e15AgesNothingOutsideOfASection() {
    for (boolean early : new boolean[] {true, false}) {
      KvmOps ops = early ? agesInSectionsOnly() : Design.ACTIVE_COUNT.ops();
      Set<Boolean> young = new HashSet<>();
      // Nobody translates to a page that is gone, however old it was thought to be.
      assertThat(
              explore(world -> {
                Vcpu vcpu = world.vm(ops, 1).createVcpu();
                vcpu.read(new Gfn(0));
                // The host has looked up the page, and forgets that; the guest uses it again.
                PageIdle.clearYoung(world.mm(), Hva.page(0));
                vcpu.kvm().flushRemoteTlbs();
                vcpu.read(new Gfn(0));
                world.task(
                    "CPU 0 (page_idle)",
                    () -> young.add(PageIdle.clearYoung(world.mm(), Hva.page(0))));
                world.task("CPU 1 (madvise)", () -> section(world, H0));
              }))
          .isSafe()
          .isExhaustive();
      assertThat(young.contains(true)).isEqualTo(!early);
    }
  }

  /// A design that follows a changed entry only while something is counted.
  private static KvmOps followsInSectionsOnly() {
    return eliding(kvm ->
        new Counted(kvm) {
          @Override
          public boolean skipsChangePte() {
            return kvm.mmuNotifierCount.readOnce() == 0;
          }
        });
  }

  @Test
  void e15ChangedEntryInASection() {
    Consumer<World> host = world -> section(world, H0, () -> changed(world));
    assertThat(changing(followsInSectionsOnly(), host)).isSafe().isExhaustive();
    assertThat(changing(Design.RWSEM_V2.ops(), host)).isSafe().isExhaustive();
    assertThat(changing(Design.ACTIVE_COUNT.ops(), host)).isSafe().isExhaustive();
  }

  @Test
  void e15ChangedEntryOutsideOfASection() {
    // As the host did it before 2012.
    assertThat(changing(KvmOps.reference(), GroupETest::changed)).isSafe().isExhaustive();
    assertThat(changing(followsInSectionsOnly(), GroupETest::changed)).breaks("I1");
    assertThat(changing(Design.RWSEM_V2.ops(), GroupETest::changed).explain())
        .contains("mmu_notifier_slots_lock is held here");
    assertThat(changing(Design.ACTIVE_COUNT.ops(), GroupETest::changed).explain())
        .contains("change_pte comes between a start and an end of the page");
  }

  /// Follows a change of the one page that the guest has used.
  private static Exploration changing(KvmOps ops, Consumer<World> host) {
    return explore(
        Set.of("I1", "I2"),
        world -> {
          world.vm(ops, 1).createVcpu().read(new Gfn(0));
          world.task("CPU 0 (ksmd)", () -> host.accept(world));
        });
  }

  /// Replaces the frame of `h0`: the new one may be written to, so that no entry is left.
  private static void changed(World world) {
    world.mm().notifierSubscriptions().changePte(Hva.page(0), new Pte(new Pfn(7), true));
    world.mm().unmapPageRange(Hva.page(0), Hva.page(1));
  }

  @Test
  void e17FlagsAreNotFrozen() {
    KvmOps ops =
        eliding(kvm ->
            new Hasty(kvm) {
              @Override
              boolean waits(int asId, KvmMemslots slots) {
                return slots.latestSlots().size() != kvm.activeMemslots(asId).slots().size();
              }
            });
    // Neither a host address nor a size changes: every range hits what it hit before.
    assertThat(
            explore(
                BALANCE,
                world -> {
                  Kvm kvm = world.vm(ops);
                  kvm.setMemoryRegion(SLOT);
                  world.task(
                      "CPU 1 (ioctl)",
                      () ->
                          kvm.setMemoryRegion(
                              SLOT.withFlags(KvmMemorySlot.KVM_MEM_LOG_DIRTY_PAGES)));
                  world.task("CPU 0 (madvise)", () -> section(world, H1));
                }))
        .isSafe()
        .isExhaustive();
    assertHolds(new MemslotCreatedInside(), ops);
  }

  @Test
  void e18TestsOutsideOfTheLock() {
    KvmOps ops =
        eliding(kvm ->
            new Counted(kvm) {
              @Override
              void publish(int asId, KvmMemslots slots) {
                active.smpCondLoadAcquire(value -> value == 0);
                lock.lock();
                kvm.publishMemslots(asId, slots);
                lock.unlock();
              }
            });
    assertBreaks(new MemslotCreatedInside(), ops, "I16");
    assertBreaks(new MemslotCreatedInside(), ops, "I14");
  }

  @Test
  void e19DoesNotCountWhoComesWhileAnUpdateWaits() {
    KvmOps ops =
        eliding(kvm ->
            new Counted(kvm) {
              private final Map<MmuNotifierRange, Boolean> exempt = new IdentityHashMap<>();

              @Override
              void enter(MmuNotifierRange range) {
                if (waiter.active()) {
                  exempt.put(range, true);
                } else {
                  super.enter(range);
                }
              }

              @Override
              void leave(MmuNotifierRange range) {
                if (exempt.remove(range) == null) {
                  super.leave(range);
                }
              }
            });
    assertBreaks(new MemslotCreatedInside(), ops, "I14");
  }

  /// The freeze of the reference is not needed where nothing is elided.
  @Test
  void lockForEveryRangeNeedsNoFreeze() {
    assertHolds(new MemslotCreatedInside(), KvmOps.reference());
    assertHolds(new MemslotDeletedInside(), KvmOps.reference());
  }
}
