// SPDX-License-Identifier: MIT
package kvmlab.machine;

/// Something to run: builds its objects and tasks afresh for each execution.
@FunctionalInterface
public interface Program {

  /// Builds the program. What happens here happens before every task.
  void build(Setup setup);
}
