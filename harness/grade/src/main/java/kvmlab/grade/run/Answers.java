// SPDX-License-Identifier: MIT
package kvmlab.grade.run;

import kvmlab.grade.CheckSpec;
import kvmlab.grade.Explored;
import kvmlab.grade.GraderFault;
import kvmlab.grade.Status;
import kvmlab.grade.TestResult;
import kvmlab.grade.Verdict;
import kvmlab.grade.admit.Printable;
import org.jspecify.annotations.Nullable;

/// Turns what a worker says of a check into a result; what it cannot say, it cannot win.
final class Answers {

  private static final int MESSAGE_MAX = 4_000;
  private static final int DETAIL_MAX = 60_000;

  private Answers() {}

  static TestResult result(CheckSpec check, Message answer) throws GraderFault {
    Status status =
        switch (answer.get("outcome")) {
          case "pass" -> Status.PASS;
          case "fail" -> Status.FAIL;
          case "nondeterministic" ->
              throw GraderFault.integrity(
                  "the check " + check.id() + " gives no verdict: " + message(answer));
          default ->
              throw GraderFault.integrity(
                  "the check " + check.id() + " did not run: " + answer.get("message"));
        };
    Verdict verdict = status == Status.PASS ? Verdict.PASS : failure(answer.get("verdict"));
    return new TestResult(
        check,
        status,
        verdict,
        status == Status.PASS ? "" : message(answer),
        Printable.clip(answer.get("detail"), DETAIL_MAX),
        answer.find("replay"),
        answer.find("invariant"),
        explored(answer),
        Printable.clip(answer.get("output"), MESSAGE_MAX));
  }

  private static String message(Message answer) {
    return Printable.clip(answer.get("message"), MESSAGE_MAX);
  }

  private static Verdict failure(String word) {
    return Verdict.of(word) == Verdict.STUCK ? Verdict.STUCK : Verdict.FORBIDDEN;
  }

  private static @Nullable Explored explored(Message answer) throws GraderFault {
    String schedules = answer.find("schedules");
    if (schedules == null) {
      return null;
    }
    try {
      return new Explored(
          Long.parseLong(schedules),
          Boolean.parseBoolean(answer.get("exhausted")),
          answer.get("bound"));
    } catch (NumberFormatException e) {
      throw GraderFault.integrity("a worker counted schedules as '" + schedules + "'");
    }
  }
}
