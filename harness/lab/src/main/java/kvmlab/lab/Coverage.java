// SPDX-License-Identifier: MIT
package kvmlab.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import kvmlab.explore.Explored;
import kvmlab.explore.MemoryModel;
import kvmlab.explore.Sampled;

/// Says what an exploration covered, and claims no more.
///
/// @param explored the exhaustive part
/// @param samples the random runs after it
record Coverage(Explored explored, List<Sampled> samples) {

  Coverage {
    samples = List.copyOf(samples);
  }

  long executions() {
    return explored.executions() + samples.stream().mapToLong(Sampled::runs).sum();
  }

  boolean isWrong() {
    return explored.counterexample() != null
        || samples.stream().anyMatch(sampled -> sampled.counterexample() != null);
  }

  String bound(MemoryModel model) {
    if (explored.exhausted()) {
      return "every interleaving"
          + (model == MemoryModel.SC ? "" : " and every value of weak memory")
          + within();
    }
    if (isWrong()) {
      return "up to the first wrong execution";
    }
    List<String> parts = new ArrayList<>();
    parts.add("the first " + explored.executions() + " executions" + covered());
    for (Sampled sampled : samples) {
      parts.add(sampled.runs() + " random ones by " + sampled.sampling() + guarantee(sampled));
    }
    return "not exhausted: " + String.join(", ", parts) + within() + "; nothing claimed beyond";
  }

  /// Names the bounds that were hit.
  private String within() {
    return explored.bounds().isEmpty() ? "" : ", with " + String.join(", ", explored.bounds());
  }

  /// What share of random walks would have met nothing new.
  private String covered() {
    return explored.covered() < 0.001
        ? ""
        : String.format(
            Locale.ROOT, " (at least %.1f%% of a random walk's)", 100 * explored.covered());
  }

  private static String guarantee(Sampled sampled) {
    Sampled.Guarantee guarantee = sampled.guarantee();
    return guarantee == null
        ? ""
        : String.format(
            Locale.ROOT,
            " (a bug of depth %d within %d events is missed with probability %.1g at most)",
            guarantee.depth(),
            guarantee.events(),
            guarantee.missed());
  }
}
