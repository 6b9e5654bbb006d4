// SPDX-License-Identifier: MIT
package kvmlab.grade.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import kvmlab.grade.run.Message;
import kvmlab.machine.Trace;

/// One submission in this worker: its classes together with the checks, in a loader of their own.
///
/// @param submission binary names of the submission's classes
/// @param traces what each printed token stands for
record Session(SubmissionLoader loader, Set<String> submission, Map<String, Trace> traces) {

  static final String CLASS = "class:";
  static final Session NONE =
      new Session(new SubmissionLoader(Map.of(), Path.of("none")), Set.of(), new HashMap<>());

  static Session of(Message load) throws IOException {
    Map<String, byte[]> classes = new HashMap<>();
    load.fields()
        .forEach((name, value) -> {
          if (name.startsWith(CLASS)) {
            classes.put(name.substring(CLASS.length()), Base64.getDecoder().decode(value));
          }
        });
    Path checks = Path.of(load.get("checks"));
    return new Session(
        new SubmissionLoader(classes, checks), Set.copyOf(classes.keySet()), new HashMap<>());
  }

  /// Remembers the trace behind a token.
  void printed(String token, Trace trace) {
    traces.put(token, trace);
  }

  /// Whether `token` was printed by this session, for this trace.
  boolean hasPrinted(String token, Trace trace) {
    return trace.equals(traces.get(token));
  }

  /// `PageFault.java:41 in handle`: the innermost place in the submission that `thread` stands at;
  /// empty if there is none.
  String placeOf(Thread thread) {
    return placeIn(thread.getStackTrace());
  }

  String placeIn(StackTraceElement[] frames) {
    for (StackTraceElement frame : frames) {
      if (submission.contains(frame.getClassName()) && frame.getLineNumber() > 0) {
        return frame.getFileName() + ":" + frame.getLineNumber() + " in " + frame.getMethodName();
      }
    }
    return "";
  }
}
