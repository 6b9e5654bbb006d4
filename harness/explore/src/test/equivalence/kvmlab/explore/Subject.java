// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.Set;
import kvmlab.machine.Program;

/// A program whose executions can be told apart by what they lead to.
public interface Subject extends Program {

  /// Returns what the execution that has just ended led to: all that its tasks have seen, and what
  /// they left behind.
  String outcome();

  /// Returns all that checks after each event have seen since this was made, in any execution.
  default Set<String> moments() {
    return Set.of();
  }
}
