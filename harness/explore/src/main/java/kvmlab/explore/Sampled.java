// SPDX-License-Identifier: MIT
package kvmlab.explore;

import org.jspecify.annotations.Nullable;

/// What random runs did and found.
///
/// @param sampling how they were drawn
/// @param runs how many were made; run i has the seed i, counted from 0
/// @param events the events of all runs
/// @param longest the events of the longest
/// @param guarantee what follows from having found nothing, or null where nothing does
/// @param wrong the number of the first wrong run, or -1
/// @param counterexample that run, or null
public record Sampled(
    Sampling sampling,
    long runs,
    long events,
    int longest,
    @Nullable Guarantee guarantee,
    long wrong,
    @Nullable Counterexample counterexample) {

  Sampled with(Counterexample other) {
    return new Sampled(sampling, runs, events, longest, guarantee, wrong, other);
  }

  /// A bug of this depth that happens within the first events of an execution would have been
  /// found, but for a small probability.
  ///
  /// @param depth how many constraints on the order of events make the bug happen
  /// @param events within how many events
  /// @param missed that probability, at most
  public record Guarantee(int depth, int events, double missed) {}
}
