// SPDX-License-Identifier: MIT
package kvmlab.grade.worker;

import kvmlab.grade.run.Message;
import kvmlab.lab.Exploration;
import kvmlab.lab.Lab;
import kvmlab.lab.Scenario;
import kvmlab.lab.Token;

/// Runs the one execution that a token names.
final class Replayer {

  private Replayer() {}

  /// Answers `done` with the outcome `pass` or `fail` and the report, or `stale` and why there is
  /// none.
  static Message replay(Session session, Message message) {
    String text = message.get("token");
    Message answer = Message.of("done");
    try {
      Token token = Token.parse(text);
      Exploration exploration = Lab.replay(scenario(session, message.get("scenario")), token);
      String outcome = exploration.finding().isPresent() ? "fail" : "pass";
      answer.with("outcome", outcome).with("message", exploration.explain());
      if (exploration.finding().isPresent()) {
        answer.with("trace", exploration.toJson());
      }
      boolean same =
          exploration
              .finding()
              .map(finding -> session.hasPrinted(text, finding.trace()))
              .orElse(false);
      answer.with("same", Boolean.toString(same));
    } catch (IllegalArgumentException e) {
      // No token, or one of other code; the lab says which.
      answer.with("outcome", "stale").with("message", String.valueOf(e.getMessage()));
    } catch (ReflectiveOperationException e) {
      answer.with("outcome", "stale").with("message", "there is no scenario behind " + text);
    }
    return answer;
  }

  /// Makes the scenario of class `name`.
  static Scenario scenario(Session session, String name) throws ReflectiveOperationException {
    var constructor = session.loader().loadClass(name).getDeclaredConstructor();
    constructor.setAccessible(true);
    return (Scenario) constructor.newInstance();
  }
}
