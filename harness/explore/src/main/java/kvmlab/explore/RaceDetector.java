// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.Arrays;
import kvmlab.machine.Violation;

/// Finds conflicting accesses to one location of which at least one is plain and which nothing
/// orders: a plain access may be torn, repeated or moved by the compiler.
///
/// Vector clocks with one epoch per task and kind of access. Complete for each explored order of
/// events, because plain accesses are no events themselves.
///
/// @source C. Flanagan and S. Freund, "FastTrack", PLDI 2009
final class RaceDetector {
  private final String name;
  private int[] plainReads = Clock.ZERO;
  private int[] plainWrites = Clock.ZERO;
  private int[] markedReads = Clock.ZERO;
  private int[] markedWrites = Clock.ZERO;

  RaceDetector(String name) {
    this.name = name;
  }

  void plainRead(Execution execution, ExploredTask task) {
    check(execution, task, "plain read", plainWrites, "plain write");
    check(execution, task, "plain read", markedWrites, "marked write");
    plainReads = record(plainReads, task);
  }

  void plainWrite(Execution execution, ExploredTask task) {
    check(execution, task, "plain write", plainWrites, "plain write");
    check(execution, task, "plain write", plainReads, "plain read");
    check(execution, task, "plain write", markedWrites, "marked write");
    check(execution, task, "plain write", markedReads, "marked read");
    plainWrites = record(plainWrites, task);
  }

  void markedRead(Execution execution, ExploredTask task) {
    check(execution, task, "marked read", plainWrites, "plain write");
    markedReads = record(markedReads, task);
  }

  void markedWrite(Execution execution, ExploredTask task) {
    check(execution, task, "marked write", plainWrites, "plain write");
    check(execution, task, "marked write", plainReads, "plain read");
    markedWrites = record(markedWrites, task);
  }

  private void check(
      Execution execution, ExploredTask task, String access, int[] earlier, String other) {
    for (int i = 0; i < earlier.length; i++) {
      if (i != task.id() && earlier[i] > Clock.at(task.synced, i)) {
        execution.fail(
            Violation.of(
                Violation.Kind.DATA_RACE,
                null,
                "conflicting accesses to " + name + " are marked, or ordered by a lock",
                access + " by " + task + ", " + other + " by " + execution.taskName(i)));
      }
    }
  }

  private static int[] record(int[] epochs, ExploredTask task) {
    int[] result = task.id() < epochs.length ? epochs : Arrays.copyOf(epochs, task.synced.length);
    result[task.id()] = task.synced[task.id()];
    return result;
  }
}
