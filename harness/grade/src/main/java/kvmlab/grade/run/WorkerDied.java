// SPDX-License-Identifier: MIT
package kvmlab.grade.run;

import java.util.Set;

/// A worker JVM ended, or said something that is no answer.
final class WorkerDied extends Exception {

  private static final long serialVersionUID = 1L;

  /// What `-XX:+ExitOnOutOfMemoryError` exits with.
  private static final int OUT_OF_MEMORY = 3;

  // -1: it still lives, but talks nonsense. 128 + signal: the kernel's OOM killer, an abort of the
  // JVM, a bus error, a crash of the JVM.
  private static final Set<Integer> NOT_THE_SUBMISSION =
      Set.of(-1, 128 + 9, 128 + 6, 128 + 7, 128 + 11, 128 + 15);

  private final int exitCode;

  WorkerDied(int exitCode, String why) {
    super(why);
    this.exitCode = exitCode;
  }

  /// Whether the machine or the JVM is to blame: then there is no grade, rather than a zero.
  boolean isInfrastructure() {
    return NOT_THE_SUBMISSION.contains(exitCode);
  }

  /// One sentence for whoever wrote the submission.
  String sentence() {
    return exitCode == OUT_OF_MEMORY
        ? "takes all memory there is"
        : "ended the process that ran it (exit code " + exitCode + ")";
  }
}
