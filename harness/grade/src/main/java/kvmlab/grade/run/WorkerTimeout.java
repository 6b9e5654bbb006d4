// SPDX-License-Identifier: MIT
package kvmlab.grade.run;

import java.time.Duration;

/// A worker did not answer in time.
final class WorkerTimeout extends Exception {

  private static final long serialVersionUID = 1L;
  private final String place;
  private final transient Duration cpu;

  WorkerTimeout(String place, Duration cpu) {
    super("no answer in time");
    this.place = place;
    this.cpu = cpu;
  }

  /// The processor time it was given.
  Duration cpu() {
    return cpu;
  }

  /// Where the submission stood, empty if unknown.
  String place() {
    return place;
  }
}
