// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import kvmlab.explore.Explorer;
import kvmlab.mm.Hva;
import kvmlab.mm.MmStruct;
import kvmlab.mm.MmuNotifierRange;
import org.junit.jupiter.api.Test;

class KvmTest {
  private static final Gfn G0 = new Gfn(0);
  private static final Gfn G1 = new Gfn(1);

  @Test
  void guestReachesTheHostsFrame() {
    inVm(kvm -> {
      assertThat(kvm.createVcpu().write(G1)).isEqualTo(KvmExit.DONE);
      assertThat(translations(kvm)).containsExactly("g1 -> " + kvm.mm.latestPte(Hva.page(2)));
    });
  }

  @Test
  void readOnlyTranslationFaultsOnWrite() {
    inVm(kvm -> {
      Vcpu vcpu = kvm.createVcpu();
      vcpu.read(G0);
      assertThat(vcpu.access(G0, true, 0)).isEqualTo(KvmExit.INTR);
      assertThat(vcpu.write(G0)).isEqualTo(KvmExit.DONE);
    });
  }

  @Test
  void secondVcpuFindsTheTranslationThere() {
    inVm(kvm -> {
      kvm.createVcpu().read(G0);
      assertThat(kvm.createVcpu().access(G0, false, 0)).isEqualTo(KvmExit.DONE);
    });
  }

  @Test
  void pageWithoutMemslotIsADevices() {
    inVm(kvm -> assertThat(kvm.createVcpu().read(new Gfn(3))).isEqualTo(KvmExit.MMIO));
  }

  @Test
  void pageWithoutHostMemoryIsAFault() {
    inVm(kvm -> {
      kvm.mm.munmap(Hva.page(1), Hva.page(2));
      assertThat(kvm.createVcpu().read(G0)).isEqualTo(KvmExit.EFAULT);
    });
  }

  @Test
  void startRemovesTranslationsFromTableAndTlbs() {
    inVm(kvm -> {
      Vcpu vcpu = kvm.createVcpu();
      vcpu.read(G0);
      vcpu.read(G1);
      start(kvm, 1, 2);
      assertThat(translations(kvm)).singleElement().asString().startsWith("g1");
      vcpu.forEachLatest((gfn, _) -> assertThat(gfn).isNotEqualTo(G0));
    });
  }

  @Test
  void walkFindsInvalidMemslotsAliasesAndBothAddressSpaces() {
    List<String> found =
        Explorer.alone(() -> {
          Kvm kvm = vm(KvmConfig.SMALL.withAddressSpaces(2));
          kvm.setMemoryRegion(new KvmMemorySlot(1, new Gfn(2), 2, Hva.page(1)));
          kvm.setMemoryRegion(new KvmMemorySlot(0, 1, G0, 2, Hva.page(1)));
          KvmMemorySlot slot = new KvmMemorySlot(0, G0, 2, Hva.page(1));
          kvm.publishMemslots(0, kvm.activeMemslots(0).with(slot.invalidated()));
          return walk(kvm, Hva.page(2), Hva.page(3));
        });
    assertThat(found).containsExactlyInAnyOrder("as 0 g1..g2", "as 0 g3..g4", "as 1 g1..g2");
  }

  @Test
  void pageWithOneByteInTheRangeIsInTheRange() {
    inVm(kvm -> {
      Hva h1 = Hva.page(1);
      assertThat(walk(kvm, h1.plus(0x10), h1.plus(0x11))).containsExactly("as 0 g0..g1");
      assertThat(walk(kvm, h1.plus(-1), Hva.page(2).plus(1))).containsExactly("as 0 g0..g2");
      assertThat(walk(kvm, Hva.page(0), h1)).isEmpty();
      assertThat(walk(kvm, Hva.page(3), Hva.page(4))).isEmpty();
      assertThat(walk(kvm, Hva.page(0), Hva.page(4))).containsExactly("as 0 g0..g2");
    });
  }

  @Test
  void rangeGrowsToTheHullAndBeginsAnewWhenAllHaveEnded() {
    inVm(kvm -> {
      start(kvm, 1, 2);
      start(kvm, 3, 4);
      assertThat(state(kvm)).isEqualTo("count 2 seq 0 h1..h4");
      end(kvm, 1, 2);
      assertThat(state(kvm)).isEqualTo("count 1 seq 1 h1..h4");
      end(kvm, 3, 4);
      start(kvm, 2, 3);
      assertThat(state(kvm)).isEqualTo("count 1 seq 2 h2..h3");
    });
  }

  @Test
  void objectServesEveryPieceThatItImplements() {
    class Both implements MmuNotifierRetry, InstallNewMemslots {
      private int installed;

      @Override
      public boolean mmuNotifierRetryHva(long mmuSeq, Hva hva) {
        return installed == 1;
      }

      @Override
      public void installNewMemslots(int asId, KvmMemslots slots) {
        installed++;
      }
    }
    Explorer.alone(() -> {
      KvmOps ops = KvmOps.reference().with(_ -> new Both());
      Kvm kvm = Kvm.createVm(new MmStruct(4), KvmConfig.SMALL, ops);
      kvm.setMemoryRegion(new KvmMemorySlot(0, G0, 1, Hva.page(0)));
      kvm.mmuLock.writeLock();
      assertThat(kvm.mmuNotifierRetryHva(0, Hva.page(0))).isTrue();
      assertThat(kvm.latestMemslots(0).latestSlots()).isEmpty();
      return kvm;
    });
  }

  @Test
  void faultThatKeepsMmuLockIsReported() {
    DirectPageFault keeper =
        (vcpu, _, _) -> {
          vcpu.kvm().mmuLock.writeLock();
          return RetPf.RETRY;
        };
    KvmOps ops = KvmOps.reference().with(_ -> keeper);
    assertThatThrownBy(() ->
            Explorer.alone(
                () -> Kvm.createVm(new MmStruct(4), KvmConfig.SMALL, ops).createVcpu().read(G0)))
        .hasMessageContaining("may sleep in vcpu_run while it holds mmu_lock");
  }

  @Test
  void secondObserverIsRefused() {
    assertThatThrownBy(() ->
            inVm(kvm -> {
              kvm.observe(new KvmObserver() {});
              kvm.observe(new KvmObserver() {});
            }))
        .hasMessageContaining("observed already");
  }

  private static void start(Kvm kvm, int from, int to) {
    kvm.mm.notifierSubscriptions().invalidateRangeStart(range(from, to));
  }

  private static void end(Kvm kvm, int from, int to) {
    kvm.mm.notifierSubscriptions().invalidateRangeEnd(range(from, to));
  }

  private static MmuNotifierRange range(int from, int to) {
    return new MmuNotifierRange(Hva.page(from), Hva.page(to), true);
  }

  private static String state(Kvm kvm) {
    return "count %d seq %d %s..%s"
        .formatted(
            kvm.mmuNotifierCount.latest(),
            kvm.mmuNotifierSeq.latest(),
            new Hva(kvm.mmuNotifierRangeStart.latest()),
            new Hva(kvm.mmuNotifierRangeEnd.latest()));
  }

  private static List<String> walk(Kvm kvm, Hva start, Hva end) {
    List<String> found = new ArrayList<>();
    int index = kvm.srcu.readLock();
    kvm.handleHvaRange(start, end, range -> found.add("as " + range.slot().asId() + " " + range));
    kvm.srcu.readUnlock(index);
    return found;
  }

  private static List<String> translations(Kvm kvm) {
    List<String> translations = new ArrayList<>();
    kvm.mmu.forEachLatest((gfn, spte) -> translations.add(gfn + " -> " + spte));
    return translations;
  }

  /// Runs `code` with a VM whose pages g0 and g1 are the host's h1 and h2.
  private static void inVm(Consumer<Kvm> code) {
    Explorer.alone(() -> {
      Kvm kvm = vm(KvmConfig.SMALL);
      kvm.setMemoryRegion(new KvmMemorySlot(0, G0, 2, Hva.page(1)));
      code.accept(kvm);
      return kvm;
    });
  }

  private static Kvm vm(KvmConfig config) {
    MmStruct mm = new MmStruct(4);
    mm.mmap(Hva.page(0), Hva.page(4));
    return Kvm.createVm(mm, config, KvmOps.reference());
  }
}
