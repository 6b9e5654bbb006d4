// SPDX-License-Identifier: MIT
package kvmlab.grade.worker;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import kvmlab.grade.CheckSpec.Engine;
import kvmlab.grade.run.Message;

/// The main class of a worker JVM: reads one message a line from its input, answers one a line on
/// its original output.
///
/// | message | answer |
/// |---|---|
/// | `warm` engine | none, or `broken` with a reason |
/// | `load` checks, `class:NAME`... | `loaded`, or `broken` with a reason |
/// | `check` class, method, engine | `done` with what became of it |
/// | `replay` scenario, token | `done` with what became of it |
/// | `stress` scenario, seed, millis | `progress` now and then, `done` at the end |
/// | `where` while a check runs | `at` with the place in the submission |
///
/// The submission never sees the original output: `System.out` and `System.err` are captured before
/// it is loaded.
public final class Worker {

  private final PrintStream answers;
  private final Capture capture;
  private final CheckRunner runner = new CheckRunner();
  private volatile Thread checkThread = Thread.currentThread();
  private Session session = Session.NONE;

  private Worker(PrintStream answers, Capture capture) {
    this.answers = answers;
    this.capture = capture;
  }

  public static void main(String[] args) throws IOException {
    InputStream in = System.in;
    OutputStream out = new FileOutputStream(FileDescriptor.out);
    Capture capture = new Capture();
    PrintStream captured = new PrintStream(capture, true, StandardCharsets.UTF_8);
    System.setIn(InputStream.nullInputStream());
    System.setOut(captured);
    System.setErr(captured);
    PrintStream answers = new PrintStream(out, false, StandardCharsets.UTF_8);
    new Worker(answers, capture).serve(new InputStreamReader(in, StandardCharsets.UTF_8));
    // Threads that a check left behind do not keep the JVM.
    Runtime.getRuntime().halt(0);
  }

  private void serve(InputStreamReader in) throws IOException {
    answer(warmUp(Engine.JUPITER));
    BufferedReader lines = new BufferedReader(in);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Message message = Message.parse(line);
      switch (message.type()) {
        case "warm" -> {
          Message warm = warmUp(Engine.valueOf(message.get("engine")));
          if (!warm.type().equals("ready")) {
            answer(warm);
          }
        }
        case "load" -> answer(load(message));
        case "check" -> start(() -> runner.check(session, message));
        case "replay" -> start(() -> Replayer.replay(session, message));
        case "stress" -> start(() -> Stresser.stress(session, message, this::answer));
        case "where" -> answer(Message.of("at").with("place", session.placeOf(checkThread)));
        default -> answer(Message.of("unknown").with("message", message.type()));
      }
    }
  }

  private Message warmUp(Engine engine) {
    try {
      runner.warmUp(engine);
      return Message.of("ready");
    } catch (IllegalStateException e) {
      return Message.of("broken").with("message", e.getMessage() + ": " + e.getCause());
    }
  }

  private Message load(Message message) {
    try {
      session = Session.of(message);
      return Message.of("loaded");
    } catch (IOException e) {
      return Message.of("broken").with("message", String.valueOf(e.getMessage()));
    }
  }

  /// Runs a job beside the thread that reads messages, so that `where` is answered meanwhile.
  private void start(Supplier<Message> job) {
    capture.take();
    Runnable body =
        () -> {
          Message result;
          try {
            result = job.get();
          } catch (Throwable t) {
            // Also OutOfMemoryError: the grader replaces a worker that reports `spoiled`.
            result = Message.of("done").with("outcome", "fail").with("spoiled", "true");
            result.with("message", new Thrown(session, t).sentence());
          }
          answer(result.with("output", capture.take()));
        };
    checkThread = Thread.ofPlatform().name("check").daemon().start(body);
  }

  private synchronized void answer(Message message) {
    answers.println(message.line());
    answers.flush();
  }
}
