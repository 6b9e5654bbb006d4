// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.List;

/// How much of the tree of all interleavings is left out, without leaving out any behaviour.
public enum Reduction {
  /// Nothing: every interleaving.
  NONE,
  /// Sleep sets: every complete execution once per class of equivalent ones, but partial executions
  /// too.
  SLEEP_SETS,
  /// Source sets and sleep sets: besides, only orders that a race calls for.
  SOURCE_SETS,
  /// States: every state once, whatever way leads to it, with persistent sets and sleep sets. For
  /// spaces with fewer states than classes of executions, under sequential consistency only: what a
  /// memory that keeps older values may still do is no state that is told here.
  STATES;

  /// Returns those that are sound under `model`.
  public static List<Reduction> under(MemoryModel model) {
    return model == MemoryModel.SC ? List.of(values()) : List.of(NONE, SLEEP_SETS, SOURCE_SETS);
  }
}
