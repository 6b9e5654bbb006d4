// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import java.util.function.BooleanSupplier;

/// Lets a vCPU run the guest for an instruction: what it looks at before, and how others learn
/// where it is.
///
/// @kernel arch/x86/kvm/x86.c vcpu_enter_guest()
public non-sealed interface VcpuEnterGuest extends ProtocolPiece {

  /// Prepares the state of a new vCPU.
  default void vcpuCreate(Vcpu vcpu) {}

  /// Does what was requested of `vcpu`, runs `guest` in the guest, and leaves it. Called by the
  /// vCPU's task outside read sections of `kvm.srcu`, without a lock.
  ///
  /// @param guest one instruction; it returns whether it needed no page fault
  /// @return what `guest` returned
  boolean vcpuEnterGuest(Vcpu vcpu, BooleanSupplier guest);

  /// Returns whether the guest can use what is in the TLB of `vcpu` now: false while it will be
  /// flushed before the guest runs again. For invariants and reports.
  default boolean latestTlbIsLive(Vcpu vcpu) {
    return true;
  }
}
