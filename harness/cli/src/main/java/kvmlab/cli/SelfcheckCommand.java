// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import kvmlab.grade.Course;
import kvmlab.grade.Exercise;
import kvmlab.grade.selfcheck.Selfcheck;
import kvmlab.grade.selfcheck.StubWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `course selfcheck`: the course proves its own laws.
@Command(
    name = "selfcheck",
    description = "Prove the laws of the course on its own stubs, solutions, variants and mutants.")
final class SelfcheckCommand implements Callable<Integer> {

  private final Desk desk;

  @Parameters(arity = "0..*", paramLabel = "EX", description = "ex02, ex02-retry or 2")
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--write-stubs",
      description = "Only write the stubs anew, from the markers in the solutions.")
  private boolean writeStubs;

  SelfcheckCommand(Desk desk) {
    this.desk = desk;
  }

  @Override
  public Integer call() throws Exception {
    Course home = desk.course();
    List<Exercise> exercises = new ArrayList<>();
    for (String name : names) {
      exercises.add(home.exercise(name));
    }
    if (exercises.isEmpty()) {
      exercises.addAll(home.exercises());
    }
    if (writeStubs) {
      for (Exercise exercise : exercises) {
        StubWriter.write(exercise).forEach(file -> desk.print("wrote " + file + "\n"));
      }
      return 0;
    }
    return Selfcheck.of(home, exercises, desk::print, desk::show) ? 0 : 1;
  }
}
