// SPDX-License-Identifier: MIT
package kvmlab.kernel;

/// Error numbers, for static import. A protocol returns them negated, as in C.
///
/// @kernel include/uapi/asm-generic/errno-base.h
public final class Errno {
  /// Try again.
  public static final int EAGAIN = 11;

  /// Bad address.
  public static final int EFAULT = 14;

  private Errno() {}
}
