// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import kvmlab.mm.Hva;
import kvmlab.mm.MmuNotifierRange;

/// Who is told what happens in a VM, at the moment when it has happened. For invariants: an
/// observer looks and reports, and never takes part.
///
/// A moment is not an event: it belongs to the last event of the running task.
public interface KvmObserver {
  /// The observer that looks at nothing.
  KvmObserver NONE = new KvmObserver() {};

  /// The creation of the VM has ended, with `error`, which is 0 or a negative error number.
  default void vmCreated(Kvm kvm, int error) {}

  /// The host calls in no more: a section whose start the VM was told is over for it.
  default void notifierUnregistered(Kvm kvm) {}

  /// The VM has been destroyed: nobody uses it any more.
  default void vmDestroyed(Kvm kvm) {}

  /// The VM is told that `range` is about to change; it has done nothing about it yet.
  default void startEntered(Kvm kvm, MmuNotifierRange range) {}

  /// The VM has done what it does in start, and answers `error`.
  default void startReturned(Kvm kvm, MmuNotifierRange range, int error) {}

  /// The VM is told that `range` has changed; it has done nothing about it yet.
  default void endEntered(Kvm kvm, MmuNotifierRange range) {}

  /// The VM has done what it does in end.
  default void endReturned(Kvm kvm, MmuNotifierRange range) {}

  /// The memslots of address space `asId` are `slots` from now on, for every later reader.
  default void memslotsPublished(Kvm kvm, int asId, KvmMemslots slots) {}

  /// A fault that took its snapshot `mmuSeq` and looked up `hva` has asked whether it must start
  /// over, and got the answer `retry`. It holds `mmu_lock`.
  default void retryTested(Kvm kvm, long mmuSeq, Hva hva, boolean retry) {}

  /// Every vCPU of `kvm` has forgotten its translations, because the running task asked.
  default void remoteTlbsFlushed(Kvm kvm) {}

  /// No page of `slot` counts as written from now on but those that the log says so of.
  default void dirtyLogCleared(Kvm kvm, KvmMemorySlot slot) {}

  /// A fault of `vcpu` on `gfn` begins; its read section of the memslots has.
  default void faultEntered(Vcpu vcpu, Gfn gfn) {}

  /// An access of `vcpu` to `gfn` is taken for a device's; `cached` says whether because that was
  /// remembered, without a look at the memslots.
  default void emulated(Vcpu vcpu, Gfn gfn, boolean write, boolean cached) {}

  /// The secondary page table of `kvm` translates `gfn` by `spte` from now on.
  default void spteInstalled(Kvm kvm, Gfn gfn, Spte spte) {}

  /// The TLB of `vcpu` translates `gfn` by `spte` from now on.
  default void tlbFilled(Vcpu vcpu, Gfn gfn, Spte spte) {}

  /// The guest has touched `gfn` through `spte`.
  default void guestAccessed(Vcpu vcpu, Gfn gfn, Spte spte) {}
}
