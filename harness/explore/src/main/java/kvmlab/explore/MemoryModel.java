// SPDX-License-Identifier: MIT
package kvmlab.explore;

/// What a read may return.
public enum MemoryModel {
  /// Sequential consistency: the newest value.
  SC("sc"),
  /// The Linux kernel's memory model, as a machine of views: any value that the barriers, locks and
  /// earlier accesses of the reader do not rule out. Reads are never exchanged with later writes of
  /// the same task, so load buffering is not seen.
  LKMM("lkmm");

  private final String word;

  MemoryModel(String word) {
    this.word = word;
  }

  /// Returns the name in tokens and reports.
  public String word() {
    return word;
  }
}
