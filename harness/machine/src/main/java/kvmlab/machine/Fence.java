// SPDX-License-Identifier: MIT
package kvmlab.machine;

/// A memory barrier.
public enum Fence {
  /// `smp_rmb()`: earlier reads before later reads.
  READ("smp_rmb"),
  /// `smp_wmb()`: earlier writes before later writes.
  WRITE("smp_wmb"),
  /// `smp_mb()`: everything earlier before everything later.
  FULL("smp_mb");

  private final String word;

  Fence(String word) {
    this.word = word;
  }

  /// Returns the kernel's word for the barrier.
  public String word() {
    return word;
  }
}
