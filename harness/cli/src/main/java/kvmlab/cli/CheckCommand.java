// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.util.concurrent.Callable;
import kvmlab.grade.Course;
import kvmlab.grade.Exercise;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `course check [EX]`: the verdict on one exercise.
@Command(
    name = "check",
    description = "Check one exercise where you work on it; without EX, the one you are at.")
final class CheckCommand implements Callable<Integer> {

  private final Desk desk;

  @Parameters(arity = "0..1", paramLabel = "EX", description = "ex02, ex02-retry or 2")
  private @Nullable String exercise;

  @Option(
      names = "--twice",
      description =
          "First run each scenario twice along the same schedules, and say where it does not do"
              + " the same again.")
  private boolean twice;

  CheckCommand(Desk desk) {
    this.desk = desk;
  }

  @Override
  public Integer call() throws Exception {
    if (exercise == null) {
      return new Current(desk).check(twice);
    }
    Course home = desk.course();
    Exercise asked = home.exercise(exercise);
    return new Checking(desk, home).check(asked, twice).exitCode();
  }
}
