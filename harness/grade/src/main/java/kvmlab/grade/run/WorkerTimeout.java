// SPDX-License-Identifier: MIT
package kvmlab.grade.run;

/// A worker did not answer in time.
final class WorkerTimeout extends Exception {

  private static final long serialVersionUID = 1L;
  private final String place;

  WorkerTimeout(String place) {
    super("no answer in time");
    this.place = place;
  }

  /// Where the submission stood, empty if unknown.
  String place() {
    return place;
  }
}
