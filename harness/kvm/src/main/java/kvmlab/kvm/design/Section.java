// SPDX-License-Identifier: MIT
package kvmlab.kvm.design;

import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmHvaRange;
import kvmlab.mm.MmuNotifierRange;

/// What start and end ask of the walk. The designs differ in what they put around it, and in
/// whether the walk must lock.
final class Section {
  private Section() {}

  // tag::section[]
  /// @kernel virt/kvm/kvm_main.c kvm_mmu_notifier_invalidate_range_start()
  static void start(Kvm kvm, MmuNotifierRange range, boolean mustLock) {
    kvm.handleHvaRange(
        new KvmHvaRange(
            range.start(),
            range.end(),
            kvm.mmu::unmapGfnRange,
            kvm::incNotifierCount,
            mustLock,
            true,
            range.blockable()));
  }

  /// @kernel virt/kvm/kvm_main.c kvm_mmu_notifier_invalidate_range_end()
  static void end(Kvm kvm, MmuNotifierRange range, boolean mustLock) {
    kvm.handleHvaRange(
        new KvmHvaRange(
            range.start(),
            range.end(),
            null,
            kvm::decNotifierCount,
            mustLock,
            false,
            range.blockable()));
  }
  // end::section[]
}
