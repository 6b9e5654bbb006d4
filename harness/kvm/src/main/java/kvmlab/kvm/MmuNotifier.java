// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import kvmlab.kernel.Ktrace;
import kvmlab.mm.MmuNotifierOps;
import kvmlab.mm.MmuNotifierRange;

/// How the host calls a VM: each call is traced, told to the observer, and passed to its piece.
///
/// @kernel virt/kvm/kvm_main.c kvm_mmu_notifier_ops
final class MmuNotifier implements MmuNotifierOps {
  private final Kvm kvm;
  private final VmState state;
  private final InvalidateRange piece;

  MmuNotifier(Kvm kvm, VmState state, InvalidateRange piece) {
    this.kvm = kvm;
    this.state = state;
    this.piece = piece;
  }

  @Override
  public int invalidateRangeStart(MmuNotifierRange range) {
    try (var _ = Ktrace.call(() -> "invalidate_range_start(" + range + ")")) {
      state.callback("invalidate_range_start()");
      kvm.observer().startEntered(kvm, range);
      int error = piece.invalidateRangeStart(range);
      kvm.observer().startReturned(kvm, range, error);
      return error;
    }
  }

  @Override
  public void invalidateRangeEnd(MmuNotifierRange range) {
    try (var _ = Ktrace.call(() -> "invalidate_range_end(" + range + ")")) {
      state.callback("invalidate_range_end()");
      kvm.observer().endEntered(kvm, range);
      piece.invalidateRangeEnd(range);
      kvm.observer().endReturned(kvm, range);
    }
  }

  @Override
  public void release() {
    try (var _ = Ktrace.call(() -> "mmu_notifier_release()")) {
      state.callback("release()");
      // Faults that are under way may still install; whoever releases lets none come later.
      int index = kvm.srcu.readLock();
      kvm.archFlushShadowAll();
      kvm.srcu.readUnlock(index);
    }
  }
}
