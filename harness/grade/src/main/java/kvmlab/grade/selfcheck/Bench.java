// SPDX-License-Identifier: MIT
package kvmlab.grade.selfcheck;

import java.util.ArrayList;
import java.util.List;
import kvmlab.grade.Build;
import kvmlab.grade.CheckSpec;
import kvmlab.grade.Exercise;
import kvmlab.grade.GraderFault;
import kvmlab.grade.Manifest;
import kvmlab.grade.Replaying;
import kvmlab.grade.TestResult;
import kvmlab.grade.compile.Problem;
import kvmlab.grade.compile.SourceCompiler;
import kvmlab.grade.run.Limits;
import kvmlab.grade.run.WorkerCommand;
import kvmlab.grade.run.Workshop;

/// A compiler and a worker that try one answer after another.
final class Bench implements AutoCloseable {

  private final SourceCompiler compiler = new SourceCompiler();
  private final Workshop workshop;

  Bench(WorkerCommand command) throws GraderFault {
    workshop = Workshop.open(command, Limits.PATIENT);
  }

  /// Compiles, inspects and runs `answer`, and replays every token that it gets printed.
  Trial run(Exercise exercise, Manifest manifest, Trial.Answer answer) throws GraderFault {
    Build build =
        Build.of(compiler, exercise, answer.sources(), file -> answer.name() + " " + file);
    List<Problem> problems = new ArrayList<>(build.compiled().problems());
    problems.addAll(build.refused());
    List<TestResult> results = new ArrayList<>();
    List<String> unfaithful = new ArrayList<>();
    int replayed = 0;
    for (CheckSpec check : problems.isEmpty() ? manifest.checks() : List.<CheckSpec>of()) {
      TestResult result = workshop.check(build.job(), check);
      results.add(result);
      String token = result.replay();
      if (token != null) {
        replayed++;
        if (!Replaying.isFaithful(workshop, build.job(), exercise, token)) {
          unfaithful.add(token);
        }
      }
    }
    return new Trial(answer.name(), problems, results, replayed, unfaithful);
  }

  @Override
  public void close() {
    workshop.close();
  }
}
