// SPDX-License-Identifier: MIT
package kvmlab.kernel;

/// Error numbers, for static import. A protocol returns them negated, as in C.
///
/// @kernel include/uapi/asm-generic/errno-base.h
public final class Errno {
  /// No such file or directory.
  public static final int ENOENT = 2;

  /// I/O error.
  public static final int EIO = 5;

  /// Try again.
  public static final int EAGAIN = 11;

  /// Out of memory.
  public static final int ENOMEM = 12;

  /// Bad address.
  public static final int EFAULT = 14;

  /// File exists.
  public static final int EEXIST = 17;

  /// Invalid argument.
  public static final int EINVAL = 22;

  private Errno() {}
}
