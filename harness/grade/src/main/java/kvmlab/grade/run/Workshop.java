// SPDX-License-Identifier: MIT
package kvmlab.grade.run;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import kvmlab.grade.CheckSpec;
import kvmlab.grade.GraderFault;
import kvmlab.grade.Status;
import kvmlab.grade.TestResult;
import kvmlab.grade.Verdict;
import org.jspecify.annotations.Nullable;

/// Runs the checks of one job after another in a worker JVM, replaced whenever it hangs or dies.
///
/// The worker starts with [#open], so that it warms up while the submission is compiled. Not
/// thread-safe.
public final class Workshop implements AutoCloseable {

  private final WorkerCommand command;
  private final Limits limits;
  private @Nullable WorkerProcess worker;
  private boolean ready;
  private @Nullable Job loaded;
  private @Nullable Job hung;

  private Workshop(WorkerCommand command, Limits limits) {
    this.command = command;
    this.limits = limits;
  }

  /// A workshop whose first worker is on its way.
  ///
  /// @throws GraderFault if no process can be started
  public static Workshop open(WorkerCommand command, Limits limits) throws GraderFault {
    Workshop workshop = new Workshop(command, limits);
    workshop.worker = workshop.start();
    return workshop;
  }

  /// Lets the worker load what checks of `engine` need, before they are asked for.
  ///
  /// @throws GraderFault if there is no worker
  public void warm(CheckSpec.Engine engine) throws GraderFault {
    try {
      if (worker != null) {
        worker.send(Message.of("warm").with("engine", engine.name()));
      }
    } catch (WorkerDied e) {
      throw GraderFault.infrastructure("a worker did not start: " + e.getMessage());
    }
  }

  /// Runs one check of `job`.
  ///
  /// @throws GraderFault if no verdict can be given, and the submission is not to blame
  public TestResult check(Job job, CheckSpec check) throws GraderFault {
    Message request =
        Message.of("check")
            .with("class", check.className())
            .with("method", check.method())
            .with("engine", check.engine().name());
    try {
      return Answers.result(check, ask(job, request));
    } catch (WorkerTimeout e) {
      String where = e.place().isEmpty() ? "" : " at " + e.place();
      return TestResult.notRun(
          check,
          Status.TIMEOUT,
          Verdict.STUCK,
          "does not come to an end"
              + where
              + ": stopped after "
              + e.cpu().toMillis() / 1000.0
              + " s of processor time");
    } catch (WorkerDied e) {
      requireSubmissionToBlame(e);
      return TestResult.notRun(check, Status.FAIL, Verdict.FORBIDDEN, e.sentence());
    }
  }

  /// Replays `token` in the scenario class `scenario`, and returns the worker's answer.
  ///
  /// @throws GraderFault if the replay does not come to an end
  public Message replay(Job job, String scenario, String token) throws GraderFault {
    try {
      return ask(job, Message.of("replay").with("scenario", scenario).with("token", token));
    } catch (WorkerTimeout e) {
      throw GraderFault.infrastructure("the replay of " + token + " does not come to an end");
    } catch (WorkerDied e) {
      throw GraderFault.infrastructure("the replay of " + token + " " + e.sentence());
    }
  }

  /// Runs a scenario on real threads as `request` says, and returns the worker's last answer.
  ///
  /// @param progress told every other answer
  /// @throws GraderFault if it does not come to an end
  public Message stress(Job job, Message request, Consumer<Message> progress) throws GraderFault {
    String scenario = request.get("scenario");
    try {
      Message answer = ask(job, request);
      while (answer.type().equals("progress")) {
        progress.accept(answer);
        answer = receive(job);
      }
      if (!answer.get("outcome").equals("pass")) {
        throw GraderFault.integrity(scenario + " did not run: " + answer.get("message"));
      }
      return answer;
    } catch (WorkerTimeout e) {
      throw GraderFault.infrastructure(
          scenario + " does not come to an end" + (e.place().isEmpty() ? "" : " at " + e.place()));
    } catch (WorkerDied e) {
      throw GraderFault.infrastructure(scenario + " " + e.sentence());
    }
  }

  private Message ask(Job job, Message request) throws GraderFault, WorkerDied, WorkerTimeout {
    WorkerProcess ready = loaded(job);
    try {
      ready.send(request);
    } catch (WorkerDied e) {
      discard();
      throw e;
    }
    return receive(job);
  }

  /// The next answer of the worker that has loaded `job`.
  private Message receive(Job job) throws WorkerDied, WorkerTimeout {
    WorkerProcess ready = Objects.requireNonNull(worker);
    try {
      Duration cpu = job == hung ? limits.hungCpu() : limits.checkCpu();
      Message answer = ready.receive(cpu, Limits.wall(cpu));
      if (answer.find("spoiled") != null) {
        discard();
      }
      return answer;
    } catch (WorkerTimeout e) {
      hung = job;
      discard();
      throw e;
    } catch (WorkerDied e) {
      discard();
      throw e;
    }
  }

  /// A worker that has loaded `job`.
  private WorkerProcess loaded(Job job) throws GraderFault {
    try {
      WorkerProcess ready = ready();
      if (loaded != job) {
        ready.send(job.load());
        Message answer = ready.receive(limits.start(), limits.start());
        if (!answer.type().equals("loaded")) {
          throw GraderFault.infrastructure("a worker could not load: " + answer.get("message"));
        }
        loaded = job;
      }
      return ready;
    } catch (WorkerDied | WorkerTimeout e) {
      discard();
      throw GraderFault.infrastructure("a worker did not load its job: " + e.getMessage());
    }
  }

  private WorkerProcess ready() throws GraderFault, WorkerDied, WorkerTimeout {
    WorkerProcess process = worker == null ? start() : worker;
    worker = process;
    if (!ready) {
      Message answer = process.receive(limits.start(), limits.start());
      if (!answer.type().equals("ready")) {
        throw GraderFault.infrastructure("a worker did not start: " + answer.line());
      }
      ready = true;
    }
    return process;
  }

  private WorkerProcess start() throws GraderFault {
    try {
      return new WorkerProcess(command);
    } catch (IOException e) {
      throw GraderFault.infrastructure("cannot start a worker: " + e.getMessage());
    }
  }

  private static void requireSubmissionToBlame(WorkerDied death) throws GraderFault {
    if (death.isInfrastructure()) {
      throw GraderFault.infrastructure("a worker was killed; try again: " + death.getMessage());
    }
  }

  private void discard() {
    if (worker != null) {
      worker.close();
      worker = null;
    }
    ready = false;
    loaded = null;
  }

  @Override
  public void close() {
    discard();
  }
}
