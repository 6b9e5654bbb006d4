// SPDX-License-Identifier: MIT
package kvmlab.mm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import kvmlab.explore.Explorer;
import kvmlab.kernel.Spinlock;
import org.junit.jupiter.api.Test;

class MmStructTest {

  @Test
  void touchedPageKeepsItsFrame() {
    List<Pfn> pfns = inMm(mm -> List.of(touch(mm, 0), touch(mm, 1), touch(mm, 0)));
    assertThat(pfns).containsExactly(new Pfn(0), new Pfn(1), new Pfn(0));
  }

  @Test
  void madviseFreesTheFrameAndTheNextTouchGetsANewOne() {
    Pfn next =
        inMm(mm -> {
          Pfn pfn = touch(mm, 1);
          mm.madviseDontneed(Hva.page(0), Hva.page(2));
          assertThat(mm.frame(pfn).state()).isEqualTo(PageFrame.State.FREE);
          assertThat(mm.latestPte(Hva.page(1))).isNull();
          return touch(mm, 1);
        });
    assertThat(next).isEqualTo(new Pfn(1));
  }

  @Test
  void madviseLeavesPagesOutsideAlone() {
    inMm(mm -> {
      mm.populate(Hva.page(0), Hva.page(4));
      mm.madviseDontneed(Hva.page(1), Hva.page(3));
      assertThat(mm.latestPte(Hva.page(0))).isNotNull();
      assertThat(mm.latestPte(Hva.page(3))).isNotNull();
      return mm;
    });
  }

  @Test
  void unmappedPageIsAFault() {
    inMm(mm -> {
      mm.populate(Hva.page(0), Hva.page(4));
      mm.munmap(Hva.page(1), Hva.page(2));
      assertThat(touch(mm, 1)).isEqualTo(Pfn.ERR_FAULT);
      assertThat(touch(mm, 0).isError()).isFalse();
      assertThat(touch(mm, 2).isError()).isFalse();
      return mm;
    });
  }

  @Test
  void framesAreFreedBetweenStartAndEnd() {
    List<String> seen = new ArrayList<>();
    inMm(mm -> {
      PageFrame frame = mm.frame(touch(mm, 0));
      mm.mmuNotifierRegister(
          new MmuNotifierOps() {
            @Override
            public int invalidateRangeStart(MmuNotifierRange range) {
              seen.add("start " + range + " " + frame.state());
              return 0;
            }

            @Override
            public void invalidateRangeEnd(MmuNotifierRange range) {
              seen.add("end " + range + " " + frame.state());
            }
          });
      mm.madviseDontneed(Hva.page(0), Hva.page(1));
      return mm;
    });
    assertThat(seen).containsExactly("start h0..h1 MAPPED", "end h0..h1 FREE");
  }

  @Test
  void lookUpUnderASpinningLockIsReported() {
    assertThatThrownBy(() ->
            inMm(mm -> {
              touch(mm, 0);
              Spinlock.define("lock").lock();
              return touch(mm, 0);
            }))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("get_user_pages_fast while it holds lock");
  }

  @Test
  void secondObserverIsRefused() {
    assertThatThrownBy(() ->
            inMm(mm -> {
              mm.observe(new MmObserver() {});
              mm.observe(new MmObserver() {});
              return mm;
            }))
        .hasMessageContaining("observed already");
  }

  @Test
  void areaWithoutItsMiddleIsTwo() {
    VmAreaStruct area = new VmAreaStruct(Hva.page(1), Hva.page(4));
    assertThat(area.without(Hva.page(2), Hva.page(3)))
        .containsExactly(
            new VmAreaStruct(Hva.page(1), Hva.page(2)), new VmAreaStruct(Hva.page(3), Hva.page(4)));
    assertThat(area.without(Hva.page(0), Hva.page(5))).isEmpty();
    assertThat(area.without(Hva.page(4), Hva.page(5))).containsExactly(area);
    assertThat(area.without(Hva.page(0), Hva.page(1))).containsExactly(area);
  }

  private static Pfn touch(MmStruct mm, int page) {
    return mm.getUserPagesFast(Hva.page(page), true);
  }

  private static <T> T inMm(Function<MmStruct, T> code) {
    return Explorer.alone(() -> {
      MmStruct mm = new MmStruct(4);
      mm.mmap(Hva.page(0), Hva.page(4));
      return code.apply(mm);
    });
  }
}
