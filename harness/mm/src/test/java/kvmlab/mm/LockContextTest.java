// SPDX-License-Identifier: MIT
package kvmlab.mm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Consumer;
import kvmlab.explore.Explorer;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Which locks a callback finds held: `mmap_lock`, locks of the reverse mapping, or none, and the
/// page-table lock where it must not sleep.
class LockContextTest {
  private static final Hva H0 = Hva.page(0);
  private static final Hva H1 = Hva.page(1);
  private static final String PTL = "spin_lock(page_table_lock)";

  @Test
  void munmapHoldsMmapLock() {
    assertThat(contexts(mm -> mm.munmap(H0, H1)))
        .containsExactly("start: down_write(mmap_lock)", "end: down_write(mmap_lock)");
  }

  @Test
  void madviseHoldsMmapLockForReading() {
    assertThat(contexts(mm -> mm.madviseDontneed(H0, H1)))
        .containsExactly("start: down_read(mmap_lock)", "end: down_read(mmap_lock)");
  }

  @Test
  void mprotectAndMremapHoldMmapLockForWriting() {
    assertThat(contexts(mm -> mm.mprotect(H0, H1, Prot.READ)))
        .containsExactly("start: down_write(mmap_lock)", "end: down_write(mmap_lock)");
    assertThat(contexts(mm -> mm.mremap(H0, H1, Hva.page(4))))
        .hasSize(4)
        .allMatch(context -> context.endsWith(": down_write(mmap_lock)"));
  }

  @Test
  void forkHoldsBothMmapLocksForWriting() {
    assertThat(contexts(MmStruct::fork))
        .hasSize(2)
        .allMatch(
            call -> call.endsWith(": down_write(mmap_lock), down_write(mmap_lock, nested 1)"));
  }

  @Test
  void copyOnWriteIsOpenedWithoutThePageTableLockAndToldUnderIt() {
    assertThat(
            contexts(mm -> {
              mm.fork();
              mm.getUserPagesFast(H0, true);
            }))
        .endsWith(
            "start: down_read(mmap_lock)",
            "change_pte: down_read(mmap_lock), spin_lock(page_table_lock)",
            "end: down_read(mmap_lock)");
  }

  @Test
  void ksmHoldsThePageLockToo() {
    String locks = "down_read(mmap_lock), mutex_lock(PG_locked)";
    List<String> one =
        List.of("start: " + locks, "change_pte: " + locks + ", " + PTL, "end: " + locks);
    assertThat(contexts(mm -> Ksm.merge(mm, H0, H1)))
        .hasSize(9)
        .containsSubsequence(one)
        .allMatch(one::contains);
  }

  @Test
  void reclaimHoldsTheReverseMappingAndNotMmapLock() {
    String locks = "mutex_trylock(PG_locked), down_read(anon_vma->rwsem)";
    assertThat(
            contexts(mm -> {
              Vmscan.shrinkPage(mm, H0);
              Vmscan.shrinkPage(mm, H0);
            }))
        .containsExactly(
            "clear_flush_young: " + locks + ", " + PTL,
            "clear_flush_young: " + locks + ", " + PTL,
            "start: " + locks,
            "end: " + locks);
  }

  @Test
  void migrationHoldsTheReverseMappingAndNotMmapLock() {
    String locks = "mutex_lock(PG_locked), down_read(anon_vma->rwsem)";
    assertThat(contexts(mm -> Migrate.unmapAndMove(mm, H0)))
        .containsExactly("start: " + locks, "end: " + locks);
  }

  @Test
  void agingIsAskedUnderThePageTableLock() {
    assertThat(
            contexts(mm -> {
              PageIdle.clearYoung(mm, H0);
              PageIdle.testYoung(mm, H0);
            }))
        .containsExactly(
            "clear_young: down_read(anon_vma->rwsem), " + PTL,
            "test_young: down_read(mmap_lock), " + PTL);
  }

  @Test
  void truncationHoldsTheLockOfTheFileAndNotMmapLock() {
    assertThat(
            contexts(mm -> {
              AddressSpace file = new AddressSpace(1);
              mm.mmap(Hva.page(4), Hva.page(5), file, 0);
              mm.populate(Hva.page(4), Hva.page(5));
              file.truncate(0);
            }))
        .containsExactly("start: down_write(i_mmap_rwsem)", "end: down_write(i_mmap_rwsem)");
  }

  @Test
  void splitNestsInTheLocksOfItsCaller() {
    assertThat(
            contexts(mm -> {
              mm.mmap(Hva.page(4), Hva.page(8));
              mm.madviseHugepage(Hva.page(4), Hva.page(8));
              mm.populate(Hva.page(4), Hva.page(5));
              mm.madviseDontneed(Hva.page(5), Hva.page(6));
            }))
        .hasSize(4)
        .allMatch(call -> call.endsWith(": down_read(mmap_lock)"));
  }

  @Test
  void collapseHoldsEverythingForWriting() {
    assertThat(
            contexts(mm -> {
              mm.mmap(Hva.page(4), Hva.page(8));
              mm.madviseHugepage(Hva.page(4), Hva.page(8));
              mm.populate(Hva.page(4), Hva.page(5));
              mm.madviseDontneed(Hva.page(5), Hva.page(6));
              Khugepaged.collapse(mm, Hva.page(4));
            }))
        .endsWith(
            "start: down_write(mmap_lock), down_write(anon_vma->rwsem)",
            "end: down_write(mmap_lock), down_write(anon_vma->rwsem)");
  }

  @Test
  void reaperTriesForMmapLock() {
    assertThat(contexts(OomReaper::oomReapTaskMm))
        .containsExactly(
            "start: down_read_trylock(mmap_lock)", "end: down_read_trylock(mmap_lock)");
  }

  @Test
  void exitHoldsNothing() {
    assertThat(contexts(MmStruct::exitMmap)).containsExactly("release: ");
  }

  /// Returns what a subscriber notes while one task runs `code`.
  private static List<String> contexts(Consumer<MmStruct> code) {
    Recorder[] recorder = new Recorder[1];
    Explorer explorer =
        new Explorer(setup -> {
          MmStruct mm = new MmStruct(8);
          mm.mmap(H0, Hva.page(2));
          mm.populate(H0, Hva.page(2));
          Recorder own = new Recorder();
          recorder[0] = own;
          mm.mmuNotifierRegister(own);
          setup.task("CPU 0", () -> code.accept(mm));
        });
    Violation[] violation = new @Nullable Violation[1];
    explorer.onComplete((_, found) -> violation[0] = found).explore();
    assertThat(violation[0]).isNull();
    return recorder[0].contexts;
  }
}
