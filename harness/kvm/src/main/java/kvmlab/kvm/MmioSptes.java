// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import static kvmlab.kvm.KvmMemslots.KVM_MEMSLOT_GEN_UPDATE_IN_PROGRESS;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import kvmlab.kernel.Ktrace;
import kvmlab.kernel.LongCell;

/// MMIO entries of the secondary page table: each says that its page had no memslot, in memslots of
/// which generation.
///
/// Simplified: x86 only, whose processors keep the order of reads, so there are no barriers. An
/// entry is looked at again after the generation was read; Linux does not, and would take an entry
/// for valid that was noted a whole turn of the number ago and is being removed at that moment.
///
/// Simplified: an entry lies beside the page table, where the kernel's is an entry of it. So an
/// installed translation does not overwrite it; the generation makes it void all the same.
///
/// @kernel arch/x86/kvm/mmu/mmu.c mark_mmio_spte(), check_mmio_spte(),
///   kvm_mmu_invalidate_mmio_sptes()
public class MmioSptes implements HandleMmioPageFault {

  // An entry has few bits for the generation, so the same number comes again: before it does, all
  // entries are removed. And the number while an update is in progress is that of before: nothing
  // is noted then, nor believed, since there are memslots of that number with the page and without.
  //
  //   g | bit 63 > publish > wait for readers > wrapped? zap all > g + 1
  //
  // The generation is read after the memslots were searched, through a pointer read anew: it may be
  // that of newer ones. These are in progress then: they stay so until every reader has gone.

  private static final long NONE = -1;

  private final Kvm kvm;
  private final long mask;

  /// Guarded by `mmu_lock` for writing; the hardware reads it without.
  private final List<List<LongCell>> entries = new ArrayList<>(1);

  /// Makes the piece for `kvm`.
  ///
  /// @param generationBits how many bits of the generation an entry has room for; 18 in Linux 5.12
  public MmioSptes(Kvm kvm, int generationBits) {
    this.kvm = kvm;
    this.mask = (1L << generationBits) - 1;
    for (int asId = 0; asId < kvm.addressSpaces(); asId++) {
      List<LongCell> root = new ArrayList<>(kvm.config().guestPages());
      for (int gfn = 0; gfn < kvm.config().guestPages(); gfn++) {
        String name = asId == 0 ? "mmio_spte(g" + gfn + ")" : "mmio_spte(as1, g" + gfn + ")";
        root.add(new LongCell(name, NONE).guardedBy(kvm.mmuLock));
      }
      entries.add(root);
    }
  }

  @Override
  public boolean handleMmioPageFault(Vcpu vcpu, Gfn gfn) {
    long noted = entry(vcpu, gfn).readOnce();
    if (noted == NONE) {
      return false;
    }
    long generation = generation(vcpu);
    // Looked at twice: it may have been removed in between because the number is there again.
    boolean valid =
        !inProgress(generation)
            && (generation & mask) == noted
            && entry(vcpu, gfn).readOnce() == noted;
    Ktrace.note(() -> "check_mmio_spte(" + gfn + ") -> " + valid);
    return valid;
  }

  @Override
  public void markMmioSpte(Vcpu vcpu, Gfn gfn) {
    long generation = generation(vcpu);
    if (inProgress(generation)) {
      return;
    }
    kvm.mmuLock.writeLock();
    entry(vcpu, gfn).writeOnce(generation & mask);
    kvm.mmuLock.writeUnlock();
  }

  @Override
  public void memslotsUpdated(long generation) {
    // Each address space wraps in its turn; one zap is enough for all.
    if ((generation & mask & -kvm.addressSpaces()) == 0) {
      kvm.mmu.zapAllFast();
      kvm.mmuLock.writeLock();
      entries.forEach(root -> root.forEach(entry -> entry.writeOnce(NONE)));
      kvm.mmuLock.writeUnlock();
    }
  }

  /// Returns the generation of the memslots that `vcpu` uses now.
  protected long generation(Vcpu vcpu) {
    return kvm.memslots(vcpu.asId()).generation.readOnce();
  }

  /// Returns whether memslots of this generation are being published.
  protected boolean inProgress(long generation) {
    return (generation & KVM_MEMSLOT_GEN_UPDATE_IN_PROGRESS) != 0;
  }

  private LongCell entry(Vcpu vcpu, Gfn gfn) {
    return Objects.requireNonNull(entries.get(vcpu.asId()).get(Math.toIntExact(gfn.number())));
  }
}
