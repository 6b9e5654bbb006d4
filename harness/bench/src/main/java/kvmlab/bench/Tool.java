// SPDX-License-Identifier: MIT
package kvmlab.bench;

/// A checker under measurement, in a JVM of its own. Each implementation has a public constructor
/// without parameters.
public interface Tool {

  /// What a run came to.
  enum Outcome {
    /// Everything was seen, or as much as was asked for, and nothing was wrong.
    CLEAN,
    /// Something was wrong.
    BUG,
    /// Everything was seen.
    EXHAUSTED
  }

  /// Runs the tool once.
  ///
  /// @param scenario the name of a scenario, as {@link
  ///   kvmlab.bench.notifier.NotifierScenario#named} reads it
  /// @param seed what a tool that draws draws from
  /// @param executionsMax after how many executions to end; a tool may make some more
  /// @param progress told as the run goes on
  Outcome run(String scenario, long seed, long executionsMax, Progress progress) throws Exception;

  /// Returns how many seconds it takes before it begins to search: compiling a model.
  default double preparation() {
    return 0;
  }

  /// Returns the CPU seconds that programs which it has started have used so far.
  default double cpuElsewhere() {
    return 0;
  }

  /// Returns how many executions make one call of {@link #run} worth its own cost.
  default long batch() {
    return 20_000;
  }
}
