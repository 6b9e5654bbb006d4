// SPDX-License-Identifier: MIT
package kvmlab.mm;

import kvmlab.kernel.Errno;

/// The number of a page frame, `f0`, or an error where a look-up found none.
///
/// @param number the frame number; negative for an error
/// @kernel include/linux/kvm_types.h kvm_pfn_t; include/linux/kvm_host.h is_error_pfn()
public record Pfn(long number) {
  /// The host maps nothing at the address.
  public static final Pfn ERR_FAULT = new Pfn(-Errno.EFAULT);

  /// `is_error_pfn(pfn)`: whether this is an error and not a frame.
  public boolean isError() {
    return number < 0;
  }

  @Override
  public String toString() {
    return isError() ? "-EFAULT" : "f" + number;
  }
}
