// SPDX-License-Identifier: MIT
package kvmlab.machine;

/// How a marked memory access is ordered, in the words of the kernel's memory model.
public enum Order {
  /// `READ_ONCE`, `WRITE_ONCE`, `*_relaxed`: coherent, otherwise unordered.
  RELAXED,
  /// `smp_load_acquire`, `*_acquire`: before every later access of the same task.
  ACQUIRE,
  /// `smp_store_release`, `*_release`: after every earlier access of the same task.
  RELEASE,
  /// A value-returning atomic without suffix: a full barrier before and after.
  FULL;

  /// Returns whether a read in this order acquires.
  public boolean acquires() {
    return this == ACQUIRE || this == FULL;
  }

  /// Returns whether a write in this order releases.
  public boolean releases() {
    return this == RELEASE || this == FULL;
  }
}
