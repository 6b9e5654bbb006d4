// SPDX-License-Identifier: MIT
package kvmlab.grade.worker;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/// Counts the tests that ran, and keeps the first failure.
///
/// A skipped or aborted test has not run: the manifest promised that it would.
final class Listener implements TestExecutionListener {

  private final List<String> published = new ArrayList<>();
  private int ran;
  private String reason = "";
  private @Nullable Throwable failure;

  int ran() {
    return ran;
  }

  /// Why a test did not run; empty if none was left out.
  String reason() {
    return reason;
  }

  @Nullable Throwable failure() {
    return failure;
  }

  /// What the test published, such as the sample that falsified a property.
  List<String> published() {
    return published;
  }

  void failed(Throwable thrown) {
    if (failure == null) {
      failure = thrown;
    }
  }

  @Override
  public void executionSkipped(TestIdentifier test, String why) {
    reason = "skipped: " + why;
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    switch (result.getStatus()) {
      case SUCCESSFUL -> ran += test.isTest() ? 1 : 0;
      case ABORTED -> reason = "aborted";
      case FAILED -> {
        ran += test.isTest() ? 1 : 0;
        failed(
            result.getThrowable().orElseGet(() -> new AssertionError("failed without a reason")));
      }
    }
  }

  @Override
  public void reportingEntryPublished(TestIdentifier test, ReportEntry entry) {
    entry.getKeyValuePairs().values().forEach(published::add);
  }
}
