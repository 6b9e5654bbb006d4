// SPDX-License-Identifier: MIT
package kvmlab.kvm;

/// What to do with the guest pages that a range of host addresses covers.
///
/// @kernel virt/kvm/kvm_main.c hva_handler_t
@FunctionalInterface
public interface HvaHandler {

  /// Handles the pages of one memslot; returns whether the TLBs must be flushed for it.
  boolean handle(KvmGfnRange range);
}
