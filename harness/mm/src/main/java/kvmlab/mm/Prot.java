// SPDX-License-Identifier: MIT
package kvmlab.mm;

/// What a program may do with its memory.
///
/// Simplified: `PROT_NONE` and `PROT_EXEC` are left out.
///
/// @kernel include/uapi/asm-generic/mman-common.h PROT_READ, PROT_WRITE
public enum Prot {
  READ,
  READ_WRITE
}
