// SPDX-License-Identifier: MIT
package kvmlab.explore.stress;

import java.util.List;

/// A task that did not come to its end.
///
/// @param task the name of the task
/// @param where what it does instead: `waits in spin_lock(l), held by A`, or `runs on`
/// @param frames its stack, innermost first, without the engine
public record Stuck(String task, String where, List<StackTraceElement> frames) {

  public Stuck {
    frames = List.copyOf(frames);
  }

  /// Returns task and place in one sentence.
  public String sentence() {
    return task + " " + where;
  }
}
