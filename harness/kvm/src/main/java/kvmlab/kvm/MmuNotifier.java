// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import kvmlab.kernel.Ktrace;
import kvmlab.mm.Hva;
import kvmlab.mm.MmuNotifierOps;
import kvmlab.mm.MmuNotifierRange;
import kvmlab.mm.Pte;
import org.jspecify.annotations.Nullable;

/// How the host calls a VM: each call is traced, told to the observer, and passed to its piece.
///
/// What comes under the page-table lock goes through [HandleKvmHvaRange] at once; a design may know
/// beforehand that it comes to nothing.
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
      state.notified(false);
      // Faults that are under way may still install; whoever releases lets none come later.
      int index = kvm.srcu.readLock();
      kvm.archFlushShadowAll();
      kvm.srcu.readUnlock(index);
    }
  }

  // ---- under the page-table lock: nothing below may sleep

  @Override
  public boolean clearFlushYoung(Hva start, Hva end) {
    try (var _ = Ktrace.call(() -> "clear_flush_young(" + start + ".." + end + ")")) {
      state.callback("clear_flush_young()");
      // Flushed, or what a TLB knows would be used without a mark.
      return kvm.handleHvaRange(handling(start, end, kvm.mmu::ageGfn, null, true));
    }
  }

  @Override
  public boolean clearYoung(Hva start, Hva end) {
    try (var _ = Ktrace.call(() -> "clear_young(" + start + ".." + end + ")")) {
      state.callback("clear_young()");
      return kvm.handleHvaRange(handling(start, end, kvm.mmu::ageGfn, null, false));
    }
  }

  @Override
  public boolean testYoung(Hva address) {
    try (var _ = Ktrace.call(() -> "test_young(" + address + ")")) {
      state.callback("test_young()");
      return kvm.handleHvaRange(
          handling(address, address.plus(1), kvm.mmu::testAgeGfn, null, false));
    }
  }

  @Override
  public void changePte(Hva address, Pte pte) {
    try (var _ = Ktrace.call(() -> "change_pte(" + address + ", " + pte + ")")) {
      state.callback("change_pte()");
      if (piece.skipsChangePte()) {
        return;
      }
      // A look-up from before found another frame, whoever sends a start and an end around this.
      KvmHvaRange.OnLock bump =
          (_, _) -> kvm.mmuNotifierSeq.writeOnce(kvm.mmuNotifierSeq.get() + 1);
      kvm.handleHvaRange(
          handling(address, address.plus(1), range -> kvm.mmu.setSpteGfn(range, pte), bump, true));
    }
  }

  @Override
  public boolean hasInvalidateRange() {
    return kvm.piece(SetApicAccessPageAddr.class) != null;
  }

  @Override
  public void invalidateRange(Hva start, Hva end) {
    state.callback("invalidate_range()");
    SetApicAccessPageAddr apic = kvm.piece(SetApicAccessPageAddr.class);
    if (apic != null) {
      int index = kvm.srcu.readLock();
      apic.invalidateRange(start, end);
      kvm.srcu.readUnlock(index);
    }
  }

  private static KvmHvaRange handling(
      Hva start, Hva end, HvaHandler handler, KvmHvaRange.@Nullable OnLock onLock, boolean flush) {
    return new KvmHvaRange(start, end, handler, onLock, false, flush, false);
  }
}
