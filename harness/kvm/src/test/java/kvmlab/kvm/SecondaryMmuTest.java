// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import kvmlab.explore.Explorer;
import kvmlab.mm.Hva;
import kvmlab.mm.MmStruct;
import kvmlab.mm.PageIdle;
import kvmlab.mm.Pfn;
import kvmlab.mm.Pte;
import kvmlab.mm.Vmscan;
import org.junit.jupiter.api.Test;

class SecondaryMmuTest {
  private static final Gfn G0 = new Gfn(0);
  private static final Gfn G1 = new Gfn(1);
  private static final Hva H0 = Hva.page(0);

  @Test
  void ageingTellsWhatWasUsedAndTheHardwareMarksItAgain() {
    inVm(
        KvmConfig.SMALL,
        kvm -> {
          Vcpu vcpu = kvm.createVcpu();
          vcpu.read(G0);
          assertThat(PageIdle.clearYoung(kvm.mm, H0)).isTrue();
          assertThat(translations(kvm)).containsExactly("g0 -> f0 old");
          assertThat(PageIdle.testYoung(kvm.mm, H0)).isFalse();
          kvm.flushRemoteTlbs();
          vcpu.read(G0);
          assertThat(PageIdle.testYoung(kvm.mm, H0)).isTrue();
        });
  }

  @Test
  void pageThatIsUsedBetweenTwoTriesIsNotReclaimed() {
    inVm(
        KvmConfig.SMALL,
        kvm -> {
          Vcpu vcpu = kvm.createVcpu();
          for (int tries = 0; tries < 2; tries++) {
            vcpu.read(G0);
            assertThat(Vmscan.shrinkPage(kvm.mm, H0)).isFalse();
          }
          assertThat(Vmscan.shrinkPage(kvm.mm, H0)).isTrue();
        });
  }

  @Test
  void changedPteMovesATranslationOrRemovesIt() {
    inVm(
        KvmConfig.SMALL,
        kvm -> {
          kvm.createVcpu().write(G0);
          KvmGfnRange page = new KvmGfnRange(kvm.latestMemslots(0).slots().getFirst(), G0, G1);
          kvm.mmuLock.writeLock();
          assertThat(kvm.mmu.setSpteGfn(page, new Pte(new Pfn(7), false))).isTrue();
          assertThat(translations(kvm)).containsExactly("g0 -> f7");
          assertThat(kvm.mmu.setSpteGfn(page, new Pte(new Pfn(8), true))).isTrue();
          assertThat(translations(kvm)).isEmpty();
          kvm.mmuLock.writeUnlock();
        });
  }

  @Test
  void hugeEntryTakesThePlaceOfSmallOnesAndTheOtherWayRound() {
    inVm(
        KvmConfig.SMALL.withHugePages(),
        kvm -> {
          KvmMemorySlot slot = kvm.latestMemslots(0).slots().getFirst();
          Pfn pfn = kvm.hvaToPfn(H0, true);
          kvm.mmuLock.writeLock();
          kvm.mmu.directMap(slot, G0, pfn, true, false);
          kvm.mmu.directMap(slot, new Gfn(3), new Pfn(pfn.number() + 3), true, false);
          assertThat(translations(kvm)).containsExactly("g0 -> f0", "g3 -> f3");
          kvm.mmu.directMap(slot, G0, pfn, true);
          assertThat(translations(kvm)).hasSize(4).allMatch(line -> line.endsWith("f0 (2 MiB)"));
          kvm.mmu.directMap(slot, G0, pfn, true, false);
          assertThat(translations(kvm)).containsExactly("g0 -> f0");
          kvm.mmuLock.writeUnlock();
        });
  }

  private static List<String> translations(Kvm kvm) {
    List<String> translations = new ArrayList<>();
    kvm.mmu.forEachLatest((gfn, spte) -> translations.add(gfn + " -> " + spte));
    return translations;
  }

  private static void inVm(KvmConfig config, Consumer<Kvm> code) {
    Explorer.alone(() -> {
      MmStruct mm = new MmStruct(4);
      mm.mmap(Hva.page(0), Hva.page(4));
      if (config.hugePages()) {
        mm.madviseHugepage(Hva.page(0), Hva.page(4));
      }
      Kvm kvm = Kvm.createVm(mm, config, KvmOps.reference());
      kvm.setMemoryRegion(new KvmMemorySlot(0, G0, 4, Hva.page(0)));
      code.accept(kvm);
      return kvm;
    });
  }
}
