// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import static kvmlab.kernel.Errno.EEXIST;
import static kvmlab.kernel.Errno.EINVAL;
import static kvmlab.kernel.Errno.ENOMEM;
import static kvmlab.kvm.KvmMemorySlot.KVM_MEM_LOG_DIRTY_PAGES;
import static kvmlab.kvm.KvmMemorySlot.KVM_MEM_READONLY;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import kvmlab.explore.Explorer;
import kvmlab.kvm.design.Design;
import kvmlab.mm.Hva;
import kvmlab.mm.MmStruct;
import org.junit.jupiter.api.Test;

class MemslotUpdateTest {
  private static final Gfn G0 = new Gfn(0);
  private static final Gfn G2 = new Gfn(2);
  private static final KvmMemorySlot SLOT = new KvmMemorySlot(0, G0, 2, Hva.page(1));

  @Test
  void createsAndDeletes() {
    inVm((kvm, _) -> {
      assertThat(kvm.setMemoryRegion(SLOT.deleted())).isZero();
      assertThat(slots(kvm)).isEmpty();
      assertThat(kvm.setMemoryRegion(SLOT.deleted())).isEqualTo(-EINVAL);
      assertThat(kvm.setMemoryRegion(SLOT)).isZero();
      assertThat(slots(kvm)).containsExactly("0 g0..g2");
    });
  }

  @Test
  void sizeAddressAndReadonlyNeverChange() {
    inVm((kvm, _) -> {
      assertThat(kvm.setMemoryRegion(new KvmMemorySlot(0, G0, 1, Hva.page(1)))).isEqualTo(-EINVAL);
      assertThat(kvm.setMemoryRegion(new KvmMemorySlot(0, G0, 2, Hva.page(2)))).isEqualTo(-EINVAL);
      assertThat(kvm.setMemoryRegion(SLOT.withFlags(KVM_MEM_READONLY))).isEqualTo(-EINVAL);
      assertThat(slots(kvm)).containsExactly("0 g0..g2");
    });
  }

  @Test
  void invalidIsNoFlagOfUserSpace() {
    inVm((kvm, _) ->
        assertThat(kvm.setMemoryRegion(SLOT.movedTo(G2).invalidated())).isEqualTo(-EINVAL));
  }

  @Test
  void slotsOfOneAddressSpaceNeverOverlap() {
    inVm((kvm, _) -> {
      KvmMemorySlot second = new KvmMemorySlot(1, G2, 1, Hva.page(1));
      assertThat(kvm.setMemoryRegion(second.movedTo(new Gfn(1)))).isEqualTo(-EEXIST);
      assertThat(kvm.setMemoryRegion(second)).isZero();
      assertThat(kvm.setMemoryRegion(second.movedTo(G0))).isEqualTo(-EEXIST);
      assertThat(kvm.setMemoryRegion(new KvmMemorySlot(0, 1, G0, 1, Hva.page(1)))).isZero();
      assertThat(slots(kvm)).containsExactly("0 g0..g2", "1 g2..g3");
    });
  }

  @Test
  void sameParametersPublishNothing() {
    inVm((kvm, published) -> {
      assertThat(kvm.setMemoryRegion(SLOT)).isZero();
      assertThat(published).isEmpty();
    });
  }

  @Test
  void flagsChangeInOnePhase() {
    inVm((kvm, published) -> {
      assertThat(kvm.setMemoryRegion(SLOT.withFlags(KVM_MEM_LOG_DIRTY_PAGES))).isZero();
      assertThat(published).containsExactly("[0 g0..g2]");
    });
  }

  @Test
  void slotMovesAndGoesByWayOfInvalid() {
    inVm((kvm, published) -> {
      kvm.setMemoryRegion(SLOT.movedTo(G2));
      assertThat(published).containsExactly("[0 g0..g2 invalid]", "[0 g2..g4]");
      published.clear();
      kvm.setMemoryRegion(SLOT.deleted());
      assertThat(published).containsExactly("[0 g2..g4 invalid]", "[]");
    });
  }

  @Test
  void movedSlotIsReachedAtItsNewPagesOnly() {
    inVm((kvm, _) -> {
      Vcpu vcpu = kvm.createVcpu();
      vcpu.write(G0);
      kvm.setMemoryRegion(SLOT.movedTo(G2));
      assertThat(vcpu.read(G0)).isEqualTo(KvmExit.MMIO);
      assertThat(vcpu.read(G2)).isEqualTo(KvmExit.DONE);
    });
  }

  @Test
  void refusedDeletionLeavesTheSlotValid() {
    inVm((kvm, published) -> {
      kvm.failPrepareMemoryRegion(ENOMEM);
      assertThat(kvm.setMemoryRegion(SLOT.deleted())).isEqualTo(-ENOMEM);
      assertThat(published).containsExactly("[0 g0..g2 invalid]", "[0 g0..g2]");
      assertThat(kvm.createVcpu().read(G0)).isEqualTo(KvmExit.DONE);
    });
  }

  @Test
  void refusedCreationPublishesNothing() {
    inVm((kvm, published) -> {
      kvm.failPrepareMemoryRegion(ENOMEM);
      KvmMemorySlot second = new KvmMemorySlot(1, G2, 1, Hva.page(1));
      assertThat(kvm.setMemoryRegion(second)).isEqualTo(-ENOMEM);
      assertThat(published).isEmpty();
    });
  }

  @Test
  void refusedCreationLeavesSlotsArchLockFree() {
    Explorer.alone(() -> {
      MmStruct mm = new MmStruct(4);
      mm.mmap(Hva.page(0), Hva.page(4));
      Kvm kvm = Kvm.createVm(mm, KvmConfig.SMALL, Design.ACTIVE_COUNT.ops());
      kvm.failPrepareMemoryRegion(ENOMEM);
      assertThat(kvm.setMemoryRegion(SLOT)).isEqualTo(-ENOMEM);
      kvm.failPrepareMemoryRegion(0);
      assertThat(kvm.setMemoryRegion(SLOT)).isZero();
      return kvm;
    });
  }

  @Test
  void generationsOfAddressSpacesAreDisjoint() {
    inVm((kvm, _) -> {
      kvm.setMemoryRegion(new KvmMemorySlot(0, 1, G0, 1, Hva.page(1)));
      kvm.setMemoryRegion(SLOT.deleted());
      assertThat(kvm.latestMemslots(0).generation.latest()).isEqualTo(6);
      assertThat(kvm.latestMemslots(1).generation.latest()).isEqualTo(3);
    });
  }

  private static List<String> slots(Kvm kvm) {
    return kvm.latestMemslots(0).latestSlots().stream().map(MemslotUpdateTest::text).toList();
  }

  private static String text(KvmMemorySlot slot) {
    String pages = slot.id() + " " + slot.baseGfn() + ".." + slot.end();
    return slot.invalid() ? pages + " invalid" : pages;
  }

  /// What to do with a VM, and which memslots it has published since.
  private interface Code {
    void run(Kvm kvm, List<String> published);
  }

  /// Runs `code` with a VM of two address spaces whose pages g0 and g1 are the host's h1 and h2.
  private static void inVm(Code code) {
    Explorer.alone(() -> {
      MmStruct mm = new MmStruct(4);
      mm.mmap(Hva.page(0), Hva.page(4));
      Kvm kvm = Kvm.createVm(mm, KvmConfig.SMALL.withAddressSpaces(2), KvmOps.reference());
      kvm.setMemoryRegion(SLOT);
      List<String> published = new ArrayList<>();
      Consumer<KvmMemslots> note =
          slots ->
              published.add(
                  slots.latestSlots().stream().map(MemslotUpdateTest::text).toList().toString());
      kvm.observe(
          new KvmObserver() {
            @Override
            public void memslotsPublished(Kvm vm, int asId, KvmMemslots slots) {
              note.accept(slots);
            }
          });
      code.run(kvm, published);
      return kvm;
    });
  }
}
