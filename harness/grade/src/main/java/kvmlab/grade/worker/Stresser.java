// SPDX-License-Identifier: MIT
package kvmlab.grade.worker;

import java.time.Duration;
import java.util.function.Consumer;
import kvmlab.grade.run.Message;
import kvmlab.lab.Lab;
import kvmlab.lab.Scenario;
import kvmlab.lab.StressRun;

/// Runs one scenario on real threads.
final class Stresser {
  private static final String SEPARATOR = "\n\n";

  private Stresser() {}

  /// Answers `progress` now and then, and at the end `done`: with the figures and, in `examples`,
  /// what went wrong.
  static Message stress(Session session, Message message, Consumer<Message> progress) {
    try {
      Scenario scenario = Replayer.scenario(session, message.get("scenario"));
      StressRun run =
          Lab.stress(
              scenario,
              Long.parseLong(message.get("seed")),
              Duration.ofMillis(Long.parseLong(message.get("millis"))),
              soFar -> progress.accept(figures("progress", soFar)));
      return figures("done", run)
          .with("outcome", "pass")
          .with("abandoned", Boolean.toString(run.abandoned()))
          .with("watchers", StressRun.watchers())
          .with("examples", String.join(SEPARATOR, run.examples()));
    } catch (ReflectiveOperationException e) {
      return Message.of("done")
          .with("outcome", "missing")
          .with("message", "there is no scenario " + message.get("scenario"));
    }
  }

  private static Message figures(String type, StressRun run) {
    return Message.of(type)
        .with("threads", Integer.toString(run.threads()))
        .with("rounds", Long.toString(run.rounds()))
        .with("events", Long.toString(run.events()))
        .with("nanos", Long.toString(run.nanos()))
        .with("wrong", Long.toString(run.wrong()));
  }
}
