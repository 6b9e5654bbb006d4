// SPDX-License-Identifier: MIT
package kvmlab.grade.worker;

import kvmlab.grade.admit.Printable;

/// A throwable that ended a check, in words; never runs code of the submission.
///
/// @param session tells the submission's classes from the course's
record Thrown(Session session, Throwable throwable) {

  private static final int MESSAGE_MAX = 4000;

  /// What happened and where, for whoever wrote the submission.
  String sentence() {
    Class<?> type = throwable.getClass();
    if (session.submission().contains(type.getName())) {
      // Its getMessage() would be code of the submission.
      return "threw its own " + type.getSimpleName() + place();
    }
    String message = throwable.getMessage() == null ? "" : throwable.getMessage();
    return switch (throwable) {
      case AssertionError _ -> clip(message.isEmpty() ? "an assertion failed" + place() : message);
      case StackOverflowError _ -> "calls itself without an end" + place();
      case OutOfMemoryError _ -> "takes all memory there is" + place();
      case LinkageError _ ->
          "does not fit its checks: " + clip(message) + "; give it back the signatures of the stub";
      default ->
          "threw "
              + type.getSimpleName()
              + (message.isEmpty() ? "" : ": " + clip(message))
              + place();
    };
  }

  private String place() {
    String place = session.placeIn(throwable.getStackTrace());
    return place.isEmpty() ? "" : " at " + place;
  }

  private static String clip(String message) {
    return Printable.clip(message, MESSAGE_MAX);
  }
}
