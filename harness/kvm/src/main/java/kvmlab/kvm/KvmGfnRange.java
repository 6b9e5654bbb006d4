// SPDX-License-Identifier: MIT
package kvmlab.kvm;

/// Pages of one memslot, half-open.
///
/// @param slot the memslot
/// @param start the first page
/// @param end the page behind the last
/// @kernel include/linux/kvm_host.h struct kvm_gfn_range
public record KvmGfnRange(KvmMemorySlot slot, Gfn start, Gfn end) {

  @Override
  public String toString() {
    return start + ".." + end;
  }
}
