// SPDX-License-Identifier: MIT
package kvmlab.mm;

import static kvmlab.kernel.Errno.EFAULT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Consumer;
import kvmlab.explore.Explorer;
import kvmlab.mm.PageFrame.State;
import org.junit.jupiter.api.Test;

/// What each operation of the host does to page table, frames and contents.
class HostOperationsTest {
  private static final Hva H0 = Hva.page(0);
  private static final Hva H1 = Hva.page(1);
  private static final Hva H2 = Hva.page(2);
  private static final Hva H4 = Hva.page(4);
  private static final Hva H8 = Hva.page(8);

  // ---- mprotect

  @Test
  void readOnlyPageRefusesAWriteAndKeepsItsFrame() {
    inMm(mm -> {
      PageFrame frame = write(mm, H0, 7);
      mm.mprotect(H0, H1, Prot.READ);
      assertThat(mm.latestPte(H0)).isEqualTo(new Pte(frame.pfn(), false));
      assertThat(mm.getUserPagesFast(H0, true)).isEqualTo(Pfn.ERR_FAULT);
      assertThat(mm.getUserPagesFast(H0, false)).isEqualTo(frame.pfn());
    });
  }

  @Test
  void writePermissionComesBackWithTheNextWrite() {
    inMm(mm -> {
      PageFrame frame = write(mm, H0, 7);
      mm.mprotect(H0, H1, Prot.READ);
      mm.mprotect(H0, H1, Prot.READ_WRITE);
      assertThat(mm.latestPte(H0)).isEqualTo(new Pte(frame.pfn(), false));
      assertThat(mm.getUserPagesFast(H0, true)).isEqualTo(frame.pfn());
      assertThat(mm.latestPte(H0)).isEqualTo(new Pte(frame.pfn(), true));
    });
  }

  @Test
  void onlyTheProtectedPagesAreProtected() {
    inMm(mm -> {
      mm.populate(H0, H4);
      mm.mprotect(H1, H2, Prot.READ);
      assertThat(mm.getUserPagesFast(H0, true).isError()).isFalse();
      assertThat(mm.getUserPagesFast(H1, true).isError()).isTrue();
      assertThat(mm.getUserPagesFast(H2, true).isError()).isFalse();
    });
  }

  // ---- mremap

  @Test
  void movedPageKeepsItsFrame() {
    inMm(mm -> {
      PageFrame frame = write(mm, H0, 7);
      mm.mremap(H0, H2, H8);
      assertThat(mm.latestPte(H8)).isEqualTo(new Pte(frame.pfn(), true));
      assertThat(mm.latestPte(H0)).isNull();
      assertThat(mm.getUserPagesFast(H0, false)).isEqualTo(Pfn.ERR_FAULT);
      assertThat(frame.state()).isEqualTo(State.MAPPED);
      assertThat(mm.getUserPagesFast(H8.plus(Hva.PAGE_SIZE), false).isError()).isFalse();
    });
  }

  @Test
  void memoryIsNotMovedOntoOther() {
    assertThatThrownBy(() -> inMm(mm -> mm.mremap(H0, H2, H4)))
        .hasMessageContaining("something is mapped in h4..h6");
  }

  // ---- fork

  @Test
  void firstWriterAfterForkGetsACopy() {
    inMm(mm -> {
      PageFrame shared = write(mm, H0, 7);
      MmStruct child = mm.fork();
      assertThat(mm.latestPte(H0)).isEqualTo(new Pte(shared.pfn(), false));
      assertThat(child.latestPte(H0)).isEqualTo(new Pte(shared.pfn(), false));
      PageFrame copy = write(mm, H0, 8);
      assertThat(copy.pfn()).isNotEqualTo(shared.pfn());
      assertThat(read(child, H0)).isEqualTo(7);
      assertThat(read(mm, H0)).isEqualTo(8);
      // Now it is the child's alone.
      assertThat(child.getUserPagesFast(H0, true)).isEqualTo(shared.pfn());
    });
  }

  @Test
  void sharedFrameIsFreedWithItsLastMapping() {
    inMm(mm -> {
      PageFrame shared = write(mm, H0, 7);
      MmStruct child = mm.fork();
      mm.madviseDontneed(H0, H1);
      assertThat(shared.state()).isEqualTo(State.MAPPED);
      child.madviseDontneed(H0, H1);
      assertThat(shared.state()).isEqualTo(State.FREE);
    });
  }

  @Test
  void childHasFramesOfItsOwnNumbers() {
    inMm(mm -> {
      MmStruct child = mm.fork();
      MmStruct grandchild = child.fork();
      assertThat(child.getUserPagesFast(H0, true)).isEqualTo(new Pfn(100));
      assertThat(grandchild.getUserPagesFast(H0, true)).isEqualTo(new Pfn(1100));
      assertThat(mm.fork().getUserPagesFast(H0, true)).isEqualTo(new Pfn(200));
    });
  }

  // ---- KSM

  @Test
  void pagesOfTheSameContentsShareAFrame() {
    inMm(mm -> {
      PageFrame kept = write(mm, H0, 7);
      PageFrame merged = write(mm, H1, 7);
      assertThat(Ksm.merge(mm, H0, H1)).isTrue();
      assertThat(mm.latestPte(H1)).isEqualTo(new Pte(kept.pfn(), false));
      assertThat(merged.state()).isEqualTo(State.FREE);
      PageFrame copy = write(mm, H1, 8);
      assertThat(copy.pfn()).isNotEqualTo(kept.pfn());
      assertThat(read(mm, H0)).isEqualTo(7);
    });
  }

  @Test
  void pagesOfOtherContentsStayApart() {
    inMm(mm -> {
      write(mm, H0, 7);
      PageFrame other = write(mm, H1, 8);
      assertThat(Ksm.merge(mm, H0, H1)).isFalse();
      assertThat(Ksm.merge(mm, H0, H0)).isFalse();
      assertThat(Ksm.merge(mm, H0, H2)).isFalse();
      assertThat(mm.getUserPagesFast(H1, true)).isEqualTo(other.pfn());
    });
  }

  // ---- reclaim and migration

  @Test
  void usedPageIsReclaimedAtTheSecondTryAndComesBackWithItsContents() {
    inMm(mm -> {
      PageFrame frame = write(mm, H0, 7);
      assertThat(Vmscan.shrinkPage(mm, H0)).isFalse();
      assertThat(mm.latestPte(H0)).isEqualTo(new Pte(frame.pfn(), true, false));
      assertThat(Vmscan.shrinkPage(mm, H0)).isTrue();
      assertThat(mm.latestPte(H0)).isNull();
      assertThat(frame.state()).isEqualTo(State.FREE);
      assertThat(read(mm, H0)).isEqualTo(7);
    });
  }

  @Test
  void sharedPageIsReclaimedFromAllWhoHaveIt() {
    inMm(mm -> {
      PageFrame frame = write(mm, H0, 7);
      MmStruct child = mm.fork();
      Vmscan.shrinkPage(mm, H0);
      assertThat(Vmscan.shrinkPage(mm, H0)).isTrue();
      assertThat(frame.state()).isEqualTo(State.FREE);
      assertThat(read(child, H0)).isEqualTo(7);
      assertThat(read(mm, H0)).isEqualTo(7);
    });
  }

  @Test
  void pageThatIsStillMappedSomewhereIsNeitherFreedNorMoved() {
    inMm(mm -> {
      PageFrame frame = write(mm, H0, 7);
      MmStruct child = mm.fork();
      child.mremap(H0, H1, H8);
      assertThat(Migrate.unmapAndMove(mm, H0)).isFalse();
      assertThat(mm.latestPte(H0)).isEqualTo(new Pte(frame.pfn(), false));
      Vmscan.shrinkPage(mm, H0);
      assertThat(Vmscan.shrinkPage(mm, H0)).isFalse();
      assertThat(mm.latestPte(H0)).isNull();
      assertThat(frame.state()).isEqualTo(State.MAPPED);
      child.madviseDontneed(H8, Hva.page(9));
      assertThat(frame.state()).isEqualTo(State.FREE);
    });
  }

  @Test
  void memoryThatIsNotMappedIsNotMoved() {
    inMm(mm -> {
      mm.munmap(H0, H1);
      assertThat(mm.mremap(H0, H2, H8)).isEqualTo(-EFAULT);
      assertThat(mm.mremap(Hva.page(7), Hva.page(9), Hva.page(9))).isEqualTo(-EFAULT);
    });
  }

  @Test
  void migratedPageHasAnotherFrameAndItsContents() {
    inMm(mm -> {
      PageFrame frame = write(mm, H0, 7);
      assertThat(Migrate.unmapAndMove(mm, H0)).isTrue();
      assertThat(frame.state()).isEqualTo(State.FREE);
      assertThat(mm.latestPte(H0)).isEqualTo(new Pte(new Pfn(1), true));
      assertThat(read(mm, H0)).isEqualTo(7);
      assertThat(Migrate.unmapAndMove(mm, H1)).isFalse();
    });
  }

  @Test
  void sharedPageIsMigratedForAllWhoHaveIt() {
    inMm(mm -> {
      write(mm, H0, 7);
      MmStruct child = mm.fork();
      assertThat(Migrate.unmapAndMove(mm, H0)).isTrue();
      assertThat(mm.latestPte(H0)).isEqualTo(child.latestPte(H0));
      mm.madviseDontneed(H0, H1);
      assertThat(mm.frame(new Pfn(1)).state()).isEqualTo(State.MAPPED);
      child.madviseDontneed(H0, H1);
      assertThat(mm.frame(new Pfn(1)).state()).isEqualTo(State.FREE);
    });
  }

  @Test
  void accessedBitIsClearedAndTested() {
    inMm(mm -> {
      mm.populate(H0, H1);
      assertThat(PageIdle.testYoung(mm, H0)).isTrue();
      assertThat(PageIdle.clearYoung(mm, H0)).isTrue();
      assertThat(PageIdle.clearYoung(mm, H0)).isFalse();
      assertThat(PageIdle.testYoung(mm, H0)).isFalse();
      assertThat(PageIdle.testYoung(mm, H1)).isFalse();
    });
  }

  @Test
  void subscriberKeepsAPageYoung() {
    inMm(mm -> {
      mm.populate(H0, H1);
      mm.mmuNotifierRegister(
          new Recorder() {
            @Override
            public boolean clearFlushYoung(Hva start, Hva end) {
              return true;
            }

            @Override
            public boolean testYoung(Hva address) {
              return true;
            }
          });
      Vmscan.shrinkPage(mm, H0);
      assertThat(Vmscan.shrinkPage(mm, H0)).isFalse();
      assertThat(PageIdle.testYoung(mm, H0)).isTrue();
    });
  }

  // ---- files

  @Test
  void pagesOfAFileAreTheSameInEveryMapping() {
    inMm(mm -> {
      AddressSpace file = new AddressSpace(4);
      mm.mmap(H8, Hva.page(10), file, 1);
      mm.mmap(Hva.page(10), Hva.page(12), file, 2);
      PageFrame frame = write(mm, Hva.page(9), 7);
      assertThat(mm.getUserPagesFast(Hva.page(10), true)).isEqualTo(frame.pfn());
      mm.madviseDontneed(H8, Hva.page(12));
      assertThat(frame.state()).isEqualTo(State.MAPPED);
      assertThat(read(mm, Hva.page(10))).isEqualTo(7);
    });
  }

  @Test
  void truncatedPagesAreGoneAndStayGone() {
    inMm(mm -> {
      AddressSpace file = new AddressSpace(2);
      mm.mmap(H8, Hva.page(10), file, 0);
      write(mm, H8, 7);
      PageFrame gone = write(mm, Hva.page(9), 8);
      file.truncate(1);
      assertThat(gone.state()).isEqualTo(State.FREE);
      assertThat(mm.getUserPagesFast(Hva.page(9), false)).isEqualTo(Pfn.ERR_FAULT);
      assertThat(read(mm, H8)).isEqualTo(7);
    });
  }

  @Test
  void holeIsFilledWithZeroes() {
    inMm(mm -> {
      AddressSpace file = new AddressSpace(2);
      mm.mmap(H8, Hva.page(10), file, 0);
      PageFrame gone = write(mm, H8, 7);
      file.punchHole(0, 1);
      assertThat(gone.state()).isEqualTo(State.FREE);
      assertThat(read(mm, H8)).isZero();
    });
  }

  @Test
  void mappingThatIsGoneIsNotLookedAt() {
    inMm(mm -> {
      Recorder recorder = new Recorder();
      AddressSpace file = new AddressSpace(4);
      mm.mmap(H8, Hva.page(12), file, 0);
      mm.munmap(Hva.page(9), Hva.page(11));
      mm.mmuNotifierRegister(recorder);
      file.punchHole(1, 4);
      assertThat(recorder.calls).containsExactly("start h11..h12", "end h11..h12");
    });
  }

  @Test
  void childMapsTheFileToo() {
    inMm(mm -> {
      AddressSpace file = new AddressSpace(1);
      mm.mmap(H8, Hva.page(9), file, 0);
      PageFrame frame = write(mm, H8, 7);
      MmStruct child = mm.fork();
      assertThat(child.getUserPagesFast(H8, true)).isEqualTo(frame.pfn());
      file.truncate(0);
      assertThat(child.latestPte(H8)).isNull();
      assertThat(frame.state()).isEqualTo(State.FREE);
    });
  }

  // ---- huge pages

  @Test
  void hugePageIsAlignedAndMapsConsecutiveFrames() {
    inHugeMm(mm -> {
      mm.populate(H8, Hva.page(9));
      assertThat(mm.getUserPagesFast(H1, true)).isEqualTo(new Pfn(5));
      assertThat(mm.latestPte(Hva.page(3))).isEqualTo(new Pte(new Pfn(7), true));
      assertThat(mm.mappingLevel(H0)).isEqualTo(2);
      assertThat(mm.mappingLevel(H8)).isEqualTo(1);
    });
  }

  @Test
  void partOfAHugePageIsTakenAwayAfterASplit() {
    inHugeMm(mm -> {
      mm.populate(H0, H1);
      Recorder recorder = new Recorder();
      mm.mmuNotifierRegister(recorder);
      mm.madviseDontneed(H1, H2);
      assertThat(recorder.calls)
          .containsExactly("start h1..h2", "start h0..h4", "end h0..h4", "end h1..h2");
      assertThat(mm.mappingLevel(H0)).isEqualTo(1);
      assertThat(mm.latestPte(H0)).isEqualTo(new Pte(new Pfn(0), true));
      assertThat(mm.latestPte(H1)).isNull();
      assertThat(mm.frame(new Pfn(1)).state()).isEqualTo(State.FREE);
      assertThat(mm.frame(new Pfn(2)).state()).isEqualTo(State.MAPPED);
      assertThat(mm.getUserPagesFast(H1, true)).isEqualTo(new Pfn(4));
    });
  }

  @Test
  void wholeHugePageIsTakenAwayAtOnce() {
    inHugeMm(mm -> {
      mm.populate(H0, H1);
      Recorder recorder = new Recorder();
      mm.mmuNotifierRegister(recorder);
      mm.madviseDontneed(H0, H4);
      assertThat(recorder.calls).containsExactly("start h0..h4", "end h0..h4");
      assertThat(mm.frame(new Pfn(3)).state()).isEqualTo(State.FREE);
      assertThat(mm.getUserPagesFast(H0, true)).isEqualTo(new Pfn(4));
    });
  }

  @Test
  void rangeOverSeveralHugePagesSplitsThoseAtItsEnds() {
    inHugeMm(mm -> {
      mm.populate(H0, H8);
      Recorder recorder = new Recorder();
      mm.mmuNotifierRegister(recorder);
      mm.mprotect(H1, Hva.page(7), Prot.READ);
      assertThat(recorder.calls)
          .containsExactly(
              "start h1..h7",
              "start h0..h4",
              "end h0..h4",
              "start h4..h8",
              "end h4..h8",
              "end h1..h7");
      assertThat(mm.latestPte(H0)).isEqualTo(new Pte(new Pfn(0), true));
      assertThat(mm.latestPte(H1)).isEqualTo(new Pte(new Pfn(1), false));
    });
  }

  @Test
  void hugePageIsProtectedWholeAndWritableAgainAtTheNextWrite() {
    inHugeMm(mm -> {
      mm.populate(H0, H1);
      mm.mprotect(H0, H4, Prot.READ);
      assertThat(mm.mappingLevel(H0)).isEqualTo(2);
      assertThat(mm.getUserPagesFast(H1, true)).isEqualTo(Pfn.ERR_FAULT);
      mm.mprotect(H0, H4, Prot.READ_WRITE);
      assertThat(mm.getUserPagesFast(H1, true)).isEqualTo(new Pfn(1));
      assertThat(mm.latestPte(H0)).isEqualTo(new Pte(new Pfn(0), true));
    });
  }

  @Test
  void smallPagesAreCollapsedWithTheirContents() {
    inHugeMm(mm -> {
      mm.populate(H0, H1);
      mm.madviseDontneed(H1, H2);
      write(mm, H2, 7);
      assertThat(Khugepaged.collapse(mm, H2)).isTrue();
      assertThat(mm.mappingLevel(H2)).isEqualTo(2);
      assertThat(read(mm, H2)).isEqualTo(7);
      assertThat(read(mm, H1)).isZero();
      assertThat(mm.frame(new Pfn(0)).state()).isEqualTo(State.FREE);
      assertThat(Khugepaged.collapse(mm, H2)).isFalse();
      assertThat(Khugepaged.collapse(mm, H8)).isFalse();
    });
  }

  @Test
  void pagesThatAreSharedAreNotCollapsed() {
    inHugeMm(mm -> {
      mm.populate(H0, H1);
      mm.fork();
      assertThat(mm.mappingLevel(H0)).isEqualTo(1);
      assertThat(Khugepaged.collapse(mm, H0)).isFalse();
      assertThat(mm.latestPte(H0)).isEqualTo(new Pte(new Pfn(0), false));
    });
  }

  @Test
  void hugePageIsSplitWhereOneOfItsPagesIsReclaimedMovedOrMerged() {
    inHugeMm(mm -> {
      mm.populate(H0, H8);
      assertThat(Migrate.unmapAndMove(mm, H1)).isTrue();
      assertThat(mm.mappingLevel(H0)).isEqualTo(1);
      assertThat(Ksm.merge(mm, H0, H4)).isTrue();
      assertThat(mm.mappingLevel(H4)).isEqualTo(1);
      mm.mremap(H4, Hva.page(6), Hva.page(10));
      assertThat(mm.latestPte(Hva.page(10))).isEqualTo(new Pte(new Pfn(0), false));
    });
  }

  @Test
  void hugePageHasOneAccessedBit() {
    inHugeMm(mm -> {
      mm.populate(H0, H1);
      assertThat(PageIdle.clearYoung(mm, H1)).isTrue();
      assertThat(PageIdle.testYoung(mm, H2)).isFalse();
      assertThat(Vmscan.shrinkPage(mm, H2)).isTrue();
      assertThat(mm.latestPte(H1)).isEqualTo(new Pte(new Pfn(1), true, false));
    });
  }

  // ---- the end

  @Test
  void reaperTakesAnonymousMemoryOnlyAndLeavesNoZeroes() {
    inMm(mm -> {
      AddressSpace file = new AddressSpace(1);
      mm.mmap(H8, Hva.page(9), file, 0);
      PageFrame frame = write(mm, H0, 7);
      PageFrame shared = write(mm, H8, 7);
      OomReaper.markOomVictim(mm);
      assertThat(OomReaper.oomReapTaskMm(mm)).isTrue();
      assertThat(frame.state()).isEqualTo(State.FREE);
      assertThat(shared.state()).isEqualTo(State.MAPPED);
      assertThat(mm.getUserPagesFast(H0, true)).isEqualTo(Pfn.ERR_FAULT);
    });
  }

  @Test
  void exitReleasesFirstAndFreesEverything() {
    inHugeMm(mm -> {
      Recorder recorder = new Recorder();
      mm.mmuNotifierRegister(recorder);
      mm.populate(H0, Hva.page(10));
      mm.exitMmap();
      assertThat(recorder.calls).containsExactly("release");
      for (int pfn = 0; pfn < 10; pfn++) {
        assertThat(mm.frame(new Pfn(pfn)).state()).isEqualTo(State.FREE);
      }
      assertThat(mm.getUserPagesFast(H0, false)).isEqualTo(Pfn.ERR_FAULT);
      mm.mmuNotifierUnregister(recorder);
      assertThat(recorder.calls).containsExactly("release");
    });
  }

  @Test
  void freedFrameIsReusedOnce() {
    inMm(mm -> {
      PageFrame frame = write(mm, H0, 7);
      assertThat(frame.reuse()).isFalse();
      mm.madviseDontneed(H0, H1);
      assertThat(frame.latest()).isEqualTo(0x6b6b6b6b6b6b6b6bL);
      assertThat(frame.reuse()).isTrue();
      assertThat(frame.reuse()).isFalse();
      assertThat(frame.state()).isEqualTo(State.REUSED);
    });
  }

  @Test
  void lateStoreIsReportedAndRevivesNothing() {
    PageFrame[] frame = new PageFrame[1];
    assertThatThrownBy(() ->
            inMm(mm -> {
              frame[0] = write(mm, H0, 7);
              mm.madviseDontneed(H0, H1);
              frame[0].store(9);
            }))
        .hasMessageContaining("accesses it (write) after setup freed it");
    assertThat(frame[0].state()).isEqualTo(State.FREE);
  }

  static PageFrame write(MmStruct mm, Hva hva, long data) {
    PageFrame frame = mm.frame(mm.getUserPagesFast(hva, true));
    frame.store(data);
    return frame;
  }

  static long read(MmStruct mm, Hva hva) {
    return mm.frame(mm.getUserPagesFast(hva, false)).load();
  }

  private static void inMm(Consumer<MmStruct> code) {
    Explorer.alone(() -> {
      MmStruct mm = new MmStruct(12);
      mm.mmap(H0, H8);
      code.accept(mm);
      return mm;
    });
  }

  /// Pages h0 to h7 want huge pages, h8 to h9 do not.
  private static void inHugeMm(Consumer<MmStruct> code) {
    Explorer.alone(() -> {
      MmStruct mm = new MmStruct(12);
      mm.mmap(H0, Hva.page(10));
      mm.madviseHugepage(H0, H8);
      code.accept(mm);
      return mm;
    });
  }
}
