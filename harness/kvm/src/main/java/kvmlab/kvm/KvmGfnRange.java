// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import kvmlab.mm.Hva;
import org.jspecify.annotations.Nullable;

/// Pages of one memslot, half-open.
///
/// @param slot the memslot
/// @param start the first page
/// @param end the page behind the last
/// @kernel include/linux/kvm_host.h struct kvm_gfn_range
public record KvmGfnRange(KvmMemorySlot slot, Gfn start, Gfn end) {

  // tag::covered[]
  /// Returns the pages of `slot` that have a byte of `start` to `end`, or null when none has.
  ///
  /// @kernel virt/kvm/kvm_main.c __kvm_handle_hva_range()
  public static @Nullable KvmGfnRange covered(KvmMemorySlot slot, Hva start, Hva end) {
    Hva from = max(start, slot.userspaceAddr());
    Hva to = min(end, slot.userspaceEnd());
    if (from.compareTo(to) >= 0) {
      return null;
    }
    // A page that has one byte in the range is in the range.
    Gfn behind = slot.hvaToGfn(to.plus(Hva.PAGE_SIZE - 1));
    return new KvmGfnRange(slot, slot.hvaToGfn(from), behind);
  }

  // end::covered[]

  private static Hva max(Hva one, Hva other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private static Hva min(Hva one, Hva other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  @Override
  public String toString() {
    return start + ".." + end;
  }
}
