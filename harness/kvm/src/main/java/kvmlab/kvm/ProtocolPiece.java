// SPDX-License-Identifier: MIT
package kvmlab.kvm;

/// A piece of the invalidation protocol that a VM takes from outside. Each piece is named after the
/// kernel function that it covers.
///
/// A piece is made once for each VM, from its [Kvm], before the VM is initialised: it may declare
/// locks and cells of its own as fields. A class may implement several pieces; one object then
/// serves them all, so they may share those fields.
public sealed interface ProtocolPiece
    permits VcpuEnterGuest,
        MakeAllCpusRequest,
        SetApicAccessPageAddr,
        DirectPageFault,
        HandleMmioPageFault,
        MmuNotifierRetry,
        InvalidateRange,
        HandleHvaRange,
        HandleKvmHvaRange,
        InstallNewMemslots,
        VmLifeCycle {

  /// Initialises the locks of the piece: see [VmSteps#initPieces].
  default void init() {}

  /// Sets back what an invalidation has left whose end will never come: see [VmSteps#resetPieces].
  default void reset() {}
}
