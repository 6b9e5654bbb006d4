// SPDX-License-Identifier: MIT
package kvmlab.grade;

import org.jspecify.annotations.Nullable;

/// What became of one check of the manifest.
///
/// @param check the line of the manifest
/// @param status how it ended
/// @param verdict the word for it in a text report
/// @param message one sentence for whoever wrote the submission; empty for a pass
/// @param detail the full report with the interleaving; empty if the message says it all
/// @param replay the token that replays the failure
/// @param invariant the id of the invariant that broke
/// @param explored how far it looked; null if it explores nothing or did not run
/// @param output what the submission printed meanwhile, clipped
public record TestResult(
    CheckSpec check,
    Status status,
    Verdict verdict,
    String message,
    String detail,
    @Nullable String replay,
    @Nullable String invariant,
    @Nullable Explored explored,
    String output) {

  /// A check that has not run, and why.
  public static TestResult notRun(CheckSpec check, Status status, Verdict verdict, String why) {
    return new TestResult(check, status, verdict, why, "", null, null, null, "");
  }

  /// The points it earned: all or none.
  public int points() {
    return status == Status.PASS ? check.max() : 0;
  }
}
