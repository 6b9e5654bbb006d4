// SPDX-License-Identifier: MIT
package kvmlab.mm;

import static kvmlab.kernel.Errno.EAGAIN;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import kvmlab.explore.Counterexample;
import kvmlab.explore.Explored;
import kvmlab.explore.Explorer;
import kvmlab.explore.MemoryModel;
import kvmlab.kernel.KmemObject;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.Mutex;
import kvmlab.kernel.Slab;
import kvmlab.kernel.Spinlock;
import kvmlab.machine.Program;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Subscribers come and go, fail, allocate and sleep.
class NotifierLifeTest {
  private static final Hva H0 = Hva.page(0);
  private static final Hva H1 = Hva.page(1);
  private static final Hva H2 = Hva.page(2);

  /// Counts its calls, each of which touches memory that is freed when none may come any more.
  private static final class Counting implements MmuNotifierOps {
    private final KmemObject memory = new KmemObject("subscriber", "I17");
    private int starts;
    private int ends;
    private int releases;

    void free() {
      memory.free();
    }

    @Override
    public int invalidateRangeStart(MmuNotifierRange range) {
      memory.access("invalidate_range_start()");
      starts++;
      return 0;
    }

    @Override
    public void invalidateRangeEnd(MmuNotifierRange range) {
      memory.access("invalidate_range_end()");
      ends++;
    }

    @Override
    public void release() {
      memory.access("release()");
      releases++;
    }
  }

  // ---- unregister, release

  @Test
  void unregisteredSubscriberIsNotCalledAndMayMissAnEnd() {
    Set<String> seen = new HashSet<>();
    silent(setup -> {
      MmStruct mm = mm();
      Counting counting = new Counting();
      mm.mmuNotifierRegister(counting);
      setup.task("CPU 0", () -> mm.madviseDontneed(H0, H1));
      setup.task(
          "CPU 1",
          () -> {
            mm.mmuNotifierUnregister(counting);
            counting.free();
          });
      setup.atEnd(() -> seen.add(counting.starts + " " + counting.ends + " " + counting.releases));
    });
    assertThat(seen).containsExactlyInAnyOrder("0 0 1", "1 0 1", "1 1 1");
  }

  @Test
  void exitAndUnregisterMayMeet() {
    Set<String> seen = new HashSet<>();
    silent(setup -> {
      MmStruct mm = mm();
      Counting counting = new Counting();
      mm.mmuNotifierRegister(counting);
      setup.task("CPU 0", mm::exitMmap);
      setup.task(
          "CPU 1",
          () -> {
            mm.mmuNotifierUnregister(counting);
            counting.free();
          });
      setup.atEnd(() -> seen.add(counting.starts + " " + counting.releases));
    });
    // Both may find it hashed, and then both release it.
    assertThat(seen).containsExactlyInAnyOrder("0 1", "0 2");
  }

  /// Stops using frames when it is released, which it does once only, whoever asks.
  private static final class ReleasedOnce implements MmuNotifierOps {
    private final LongCell released = new LongCell("released", 0);
    private final PageFrame frame;

    ReleasedOnce(PageFrame frame) {
      this.frame = frame;
    }

    @Override
    public int invalidateRangeStart(MmuNotifierRange range) {
      return 0;
    }

    @Override
    public void invalidateRangeEnd(MmuNotifierRange range) {}

    @Override
    public void release() {
      if (released.xchg(1) == 0) {
        frame.access();
      }
    }
  }

  @Test
  void exitWaitsForAReleaseThatUnregisterHasCalled() {
    silent(setup -> {
      MmStruct mm = mm();
      ReleasedOnce subscriber = new ReleasedOnce(mm.frame(new Pfn(0)));
      mm.mmuNotifierRegister(subscriber);
      setup.task("CPU 0", mm::exitMmap);
      setup.task("CPU 1", () -> mm.mmuNotifierUnregister(subscriber));
    });
  }

  @Test
  void othersStaySubscribed() {
    Explorer.alone(() -> {
      MmStruct mm = mm();
      Counting gone = new Counting();
      Counting stays = new Counting();
      mm.mmuNotifierRegister(stays);
      mm.mmuNotifierRegister(gone);
      mm.mmuNotifierUnregister(gone);
      gone.free();
      mm.madviseDontneed(H0, H1);
      assertThat(stays.ends).isOne();
      return mm;
    });
  }

  @Test
  void nobodyIsRegisteredInsideASection() {
    silent(setup -> {
      MmStruct mm = mm();
      AddressSpace file = new AddressSpace(1);
      mm.mmap(H2, Hva.page(3), file, 0);
      mm.populate(H2, Hva.page(3));
      setup.task("CPU 0", () -> file.truncate(0));
      setup.task("CPU 1", () -> mm.madviseDontneed(H0, H1));
      // It fails when an end comes without its start.
      setup.task("CPU 2", () -> new Shadow(mm, 4));
    });
  }

  @Test
  void nobodyIsRegisteredInsideASectionOfReclaim() {
    silent(setup -> {
      MmStruct mm = mm();
      PageIdle.clearYoung(mm, H0);
      setup.task("CPU 0", () -> Vmscan.shrinkPage(mm, H0));
      setup.task("CPU 1", () -> new Shadow(mm, 4));
    });
  }

  // ---- failure

  @Test
  void reaperLeavesMemoryAloneWhereASubscriberWouldHaveToWait() {
    Set<Boolean> seen = new HashSet<>();
    silent(setup -> {
      MmStruct mm = mm();
      Shadow shadow = new Shadow(mm, 4);
      UserptrNotifier userptr = new UserptrNotifier();
      mm.mmuNotifierRegister(userptr);
      shadow.touch(H0, true);
      setup.task(
          "CPU 0",
          () -> {
            boolean done = OomReaper.oomReapTaskMm(mm);
            assertThat(mm.latestPte(H0) == null).isEqualTo(done);
            assertThat(shadow.latestCount()).isZero();
            seen.add(done);
          });
      setup.task(
          "CPU 1",
          () -> {
            userptr.mutex().lock();
            userptr.mutex().unlock();
          });
    });
    assertThat(seen).containsExactlyInAnyOrder(true, false);
  }

  @Test
  void reaperNeverWaitsForMmapLock() {
    Set<Boolean> seen = new HashSet<>();
    silent(setup -> {
      MmStruct mm = mm();
      new Shadow(mm, 4);
      setup.task("CPU 0", () -> seen.add(OomReaper.oomReapTaskMm(mm)));
      setup.task("CPU 1", () -> mm.munmap(H0, H2));
    });
    assertThat(seen).containsExactlyInAnyOrder(true, false);
  }

  @Test
  void reaperMayMeetTheEndOfItsVictim() {
    silent(setup -> {
      MmStruct mm = mm();
      Shadow shadow = new Shadow(mm, 4);
      shadow.touch(H0, true);
      OomReaper.markOomVictim(mm);
      setup.task("CPU 0", () -> OomReaper.oomReapTaskMm(mm));
      setup.task("CPU 1", mm::exitMmap);
      setup.atEnd(() -> assertThat(mm.frame(new Pfn(0)).state()).isEqualTo(PageFrame.State.FREE));
    });
  }

  @Test
  void reaperIsDoneBeforeTheAddressSpaceIsTornDown() {
    silent(setup -> {
      MmStruct mm = mm();
      OomReaper.markOomVictim(mm);
      List<MmuNotifierRange> open = new ArrayList<>();
      mm.observe(
          new MmObserver() {
            @Override
            public void rangeStarted(MmuNotifierRange range) {
              assertThat(open).noneMatch(other -> other.end().equals(Hva.ULONG_MAX));
              if (range.end().equals(Hva.ULONG_MAX)) {
                assertThat(open).isEmpty();
              }
              open.add(range);
            }

            @Override
            public void rangeEnding(MmuNotifierRange range) {
              open.remove(range);
            }
          });
      setup.task("CPU 0", () -> OomReaper.oomReapTaskMm(mm));
      setup.task("CPU 1", mm::exitMmap);
    });
  }

  @Test
  void reaperGoesOnBehindAnAreaThatItLeavesAlone() {
    Explorer.alone(() -> {
      MmStruct mm = new MmStruct(4);
      mm.mmap(H0, H1);
      mm.mmap(H2, Hva.page(3));
      mm.getUserPagesFast(H0, true);
      mm.getUserPagesFast(H2, true);
      mm.mmuNotifierRegister(new BusyAt(H0));
      assertThat(OomReaper.oomReapTaskMm(mm)).isFalse();
      assertThat(mm.latestPte(H0)).isNotNull();
      assertThat(mm.latestPte(H2)).isNull();
      return mm;
    });
  }

  /// Would have to wait where `hva` is concerned.
  private record BusyAt(Hva hva) implements MmuNotifierOps {
    @Override
    public int invalidateRangeStart(MmuNotifierRange range) {
      return !range.blockable() && range.contains(hva) ? -EAGAIN : 0;
    }

    @Override
    public void invalidateRangeEnd(MmuNotifierRange range) {
      throw new AssertionError("it has no end");
    }

    @Override
    public boolean hasInvalidateRangeEnd() {
      return false;
    }
  }

  @Test
  void forkTakesTheWritePermissionOfAPageThatIsBeingMoved() {
    silent(setup -> {
      MmStruct mm = mm();
      mm.getUserPagesFast(H0, true);
      setup.task("CPU 0", () -> Migrate.unmapAndMove(mm, H0));
      setup.task("CPU 1", mm::fork);
      setup.atEnd(() -> assertThat(mm.latestPte(H0)).matches(pte -> !pte.writable()));
    });
  }

  @Test
  void everySubscriberOfAReaperHearsOneEndForEachStart() {
    Explorer.alone(() -> {
      MmStruct mm = mm();
      Counting older = new Counting();
      Counting newer = new Counting();
      mm.mmuNotifierRegister(older);
      mm.mmuNotifierRegister(new FenceNotifier());
      mm.mmuNotifierRegister(newer);
      assertThat(OomReaper.oomReapTaskMm(mm)).isFalse();
      assertThat(older.starts).isOne();
      assertThat(older.ends).isOne();
      assertThat(newer.starts).isOne();
      assertThat(newer.ends).isOne();
      assertThat(mm.latestPte(H0)).isNotNull();
      return mm;
    });
  }

  // ---- sleeping and allocating in a callback

  /// Keeps a spinning lock from start to end.
  private record Spinning(Spinlock lock) implements MmuNotifierOps {
    @Override
    public int invalidateRangeStart(MmuNotifierRange range) {
      lock.lock();
      return 0;
    }

    @Override
    public void invalidateRangeEnd(MmuNotifierRange range) {
      lock.unlock();
    }
  }

  @Test
  void othersSleepWhileASpinningLockIsKept() {
    assertThat(
            found(mm -> {
              mm.mmuNotifierRegister(new UserptrNotifier());
              mm.mmuNotifierRegister(new Spinning(Spinlock.define("mn_lock")));
            }))
        .contains("CPU 0 may sleep in userptr->mutex while it holds mn_lock");
    assertThat(
            found(mm -> {
              mm.mmuNotifierRegister(new FenceNotifier());
              mm.mmuNotifierRegister(new Spinning(Spinlock.define("mn_lock")));
            }))
        .contains("CPU 0 may sleep in dma_fence_wait while it holds mn_lock");
    assertThat(
            found(mm -> {
              mm.mmuNotifierRegister(new UserptrNotifier());
              mm.mmuNotifierRegister(new FenceNotifier());
            }))
        .isNull();
  }

  /// Allocates in start, under a lock or not.
  private record Allocating(@Nullable Mutex lock, boolean inStart) implements MmuNotifierOps {
    @Override
    public int invalidateRangeStart(MmuNotifierRange range) {
      if (lock != null) {
        lock.lock();
      }
      if (inStart) {
        Slab.kmalloc("struct range");
      }
      if (lock != null) {
        lock.unlock();
      }
      return 0;
    }

    @Override
    public void invalidateRangeEnd(MmuNotifierRange range) {}
  }

  @Test
  void allocationInACallbackIsReported() {
    assertThat(found(mm -> mm.mmuNotifierRegister(new Allocating(null, true))))
        .contains("takes fs_reclaim while holding mmu_notifier_invalidate_range_start");
  }

  @Test
  void allocationUnderALockThatACallbackTakesIsReported() {
    Mutex[] lock = new Mutex[1];
    assertThat(
            found(
                mm -> {
                  lock[0] = Mutex.define("slots_lock");
                  mm.mmuNotifierRegister(new Allocating(lock[0], false));
                },
                () -> {
                  lock[0].lock();
                  Slab.kmalloc("struct kvm_memslots");
                  lock[0].unlock();
                }))
        .contains("fs_reclaim");
  }

  @Test
  void allocationElsewhereIsSilent() {
    assertThat(
            found(
                mm -> mm.mmuNotifierRegister(new Allocating(Mutex.define("lock"), false)),
                () -> {
                  Mutex other = Mutex.define("other");
                  other.lock();
                  Slab.kmalloc("struct kvm_memslots");
                  other.unlock();
                }))
        .isNull();
  }

  @Test
  void allocationUnderASpinningLockIsReported() {
    assertThat(
            found(
                _ -> {},
                () -> {
                  Spinlock.define("mmu_lock").lock();
                  Slab.kmalloc("struct kvm_mmu_page");
                }))
        .contains("CPU 0 may sleep in kmalloc(struct kvm_mmu_page) while it holds mmu_lock");
  }

  // ---- wrong hosts

  @Test
  void hostThatTellsNobodyIsFound() {
    Violation violation =
        violation(setup -> {
          MmStruct mm = mm();
          Shadow shadow = new Shadow(mm, 4);
          shadow.touch(H0, true);
          setup.task("CPU 0", () -> mm.unmapPageRange(H0, H1));
        });
    assertThat(violation.seen()).contains("h0 changed from f0 to null outside a section");
  }

  @Test
  void hostThatAnnouncesTooLittleIsFound() {
    Violation violation =
        violation(setup -> {
          MmStruct mm = mm();
          Shadow shadow = new Shadow(mm, 4);
          shadow.touch(H1, true);
          setup.task(
              "CPU 0",
              () -> {
                MmuNotifierRange range = new MmuNotifierRange(H0, H1, true);
                mm.notifierSubscriptions().invalidateRangeStart(range);
                mm.unmapPageRange(H0, H2);
                mm.notifierSubscriptions().invalidateRangeEnd(range);
              });
        });
    assertThat(violation.seen()).contains("h1 changed from f1 to null outside a section");
  }

  @Test
  void translationMadeTooLateIsFound() {
    Violation violation =
        violation(setup -> {
          MmStruct mm = mm();
          Shadow shadow = new Shadow(mm, 4);
          setup.task(
              "CPU 0",
              () -> {
                MmuNotifierRange range = new MmuNotifierRange(H0, H1, true);
                mm.notifierSubscriptions().invalidateRangeStart(range);
                mm.notifierSubscriptions().invalidateRangeEnd(range);
                mm.unmapPageRange(H0, H1);
              });
          setup.task("vcpu 0", () -> shadow.touch(H0, true));
        });
    assertThat(violation.seen()).contains("outside a section");
  }

  private static MmStruct mm() {
    MmStruct mm = new MmStruct(4);
    mm.mmap(H0, H2);
    mm.populate(H0, H2);
    return mm;
  }

  private static @Nullable String found(Consumer<MmStruct> subscribers) {
    return found(subscribers, () -> {});
  }

  /// Returns what is reported when somebody calls madvise, after `first`, or null.
  private static @Nullable String found(Consumer<MmStruct> subscribers, Runnable first) {
    Counterexample found =
        new Explorer(
                setup -> {
                  MmStruct mm = mm();
                  subscribers.accept(mm);
                  setup.task(
                      "CPU 0",
                      () -> {
                        first.run();
                        mm.madviseDontneed(H0, H1);
                        first.run();
                      });
                })
            .explore()
            .counterexample();
    return found == null ? null : found.violation().seen();
  }

  private static Violation violation(Program program) {
    Counterexample found = new Explorer(program).explore().counterexample();
    assertThat(found).isNotNull();
    return found.violation();
  }

  private static void silent(Program program) {
    Explored explored =
        new Explorer(program).model(MemoryModel.LKMM).executionsMax(20_000).explore();
    Counterexample found = explored.counterexample();
    assertThat(found == null ? null : found.violation()).isNull();
    assertThat(explored.exhausted()).isTrue();
  }
}
