// SPDX-License-Identifier: MIT
package kvmlab.kvm;

/// Who is told what happens in a VM, at the moment when it has happened. For invariants: an
/// observer looks and reports, and never takes part.
///
/// A moment is not an event: it belongs to the last event of the running task.
public interface KvmObserver {
  /// The observer that looks at nothing.
  KvmObserver NONE = new KvmObserver() {};

  /// The secondary page table of `kvm` translates `gfn` by `spte` from now on.
  default void spteInstalled(Kvm kvm, Gfn gfn, Spte spte) {}

  /// The TLB of `vcpu` translates `gfn` by `spte` from now on.
  default void tlbFilled(Vcpu vcpu, Gfn gfn, Spte spte) {}

  /// The guest has touched `gfn` through `spte`.
  default void guestAccessed(Vcpu vcpu, Gfn gfn, Spte spte) {}
}
