// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import kvmlab.mm.Hva;
import org.jspecify.annotations.Nullable;

/// What to do with a range of host addresses, and how: the argument of [HandleKvmHvaRange].
///
/// @param start the first address
/// @param end the address behind the last
/// @param handler what to do with the guest pages that the range covers; null when `onLock` is all
///   that is wanted (`kvm_null_fn`)
/// @param onLock what to do once, right after `mmu_lock` was taken; null for nothing
/// @param mustLock whether to take `mmu_lock` and call `onLock` even if no memslot is hit
/// @param flushOnRet whether to flush the TLBs, before `mmu_lock` is released, when the handler
///   returned true
/// @param mayBlock whether the caller may sleep
/// @kernel virt/kvm/kvm_main.c struct kvm_hva_range
public record KvmHvaRange(
    Hva start,
    Hva end,
    @Nullable HvaHandler handler,
    @Nullable OnLock onLock,
    boolean mustLock,
    boolean flushOnRet,
    boolean mayBlock) {

  /// What to do under `mmu_lock` before any guest page is looked at.
  ///
  /// @kernel virt/kvm/kvm_main.c on_lock_fn_t
  @FunctionalInterface
  public interface OnLock {
    /// Called once, with `mmu_lock` held for writing.
    void onLock(Hva start, Hva end);
  }
}
