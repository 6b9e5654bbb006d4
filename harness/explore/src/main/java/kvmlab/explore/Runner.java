// SPDX-License-Identifier: MIT
package kvmlab.explore;

import kvmlab.machine.Program;
import org.jspecify.annotations.Nullable;

/// Runs a program, once for each call. Serves one thread.
///
/// @param shared what the executions share
record Runner(Program program, MemoryModel model, Coroutine.Factory coroutines, Shared shared) {

  /// Runs the program once under `strategy`.
  Execution run(Strategy strategy) {
    return run(strategy, null);
  }

  /// Runs the program once under `strategy`, and records what happens if there is a recorder.
  Execution run(Strategy strategy, @Nullable TraceRecorder recorder) {
    Execution execution = new Execution(strategy, model, coroutines, shared, recorder);
    execution.run(program);
    return execution;
  }
}
