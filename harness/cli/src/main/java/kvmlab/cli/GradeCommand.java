// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import kvmlab.grade.Course;
import kvmlab.grade.Exercise;
import kvmlab.grade.GradeRecord;
import kvmlab.grade.Grader;
import kvmlab.grade.GraderFault;
import kvmlab.grade.NoSuchExercise;
import kvmlab.grade.Progress;
import kvmlab.grade.TestResult;
import kvmlab.grade.admit.Submission;
import kvmlab.grade.report.RecordFile;
import kvmlab.grade.report.ReportFormat;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `course grade`: a graded submission, in the format that a platform reads.
@Command(name = "grade", description = "Grade a submission; without EX, on every exercise.")
final class GradeCommand implements Callable<Integer> {

  private final Desk desk;

  @Parameters(arity = "0..*", paramLabel = "EX", description = "ex02, ex02-retry or 2")
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--submission",
      paramLabel = "DIR|ZIP",
      description = "A folder or zip laid out like exercises/; default: exercises/ itself.")
  private @Nullable Path path;

  @Option(
      names = "--format",
      paramLabel = "NAME",
      defaultValue = "text",
      description = "text (default), json or junit.")
  private String format = "text";

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write the report there, anew after each check, and a summary to the terminal.")
  private @Nullable Path out;

  GradeCommand(Desk desk) {
    this.desk = desk;
  }

  @Override
  public Integer call() throws Exception {
    Course home = desk.course();
    List<Exercise> exercises = exercises(home);
    ReportFormat report = report();
    requireFolderOf(out);
    Submission submission =
        path == null ? Submission.inPlace(home, exercises) : Submission.of(home, path, exercises);
    GradeRecord grade = grade(home, submission, exercises, report);
    if (out == null) {
      desk.print(report.render(grade));
    } else {
      new RecordFile(out, report).write(grade);
      desk.print("%d of %d points, report in %s%n".formatted(grade.points(), grade.max(), out));
    }
    explain(grade);
    return grade.exitCode();
  }

  private List<Exercise> exercises(Course home) throws NoSuchExercise {
    if (names.isEmpty()) {
      return home.exercises();
    }
    List<Exercise> exercises = new ArrayList<>();
    for (String name : names) {
      exercises.add(home.exercise(name));
    }
    return exercises.stream().distinct().sorted().toList();
  }

  private static void requireFolderOf(@Nullable Path file) throws UsageError {
    if (file != null && !Files.isDirectory(file.toAbsolutePath().resolveSibling("."))) {
      throw new UsageError("there is no folder for " + file + "; make it first");
    }
  }

  private ReportFormat report() throws UsageError {
    return ReportFormat.named(format)
        .orElseThrow(() ->
            new UsageError(
                "there is no format '"
                    + format
                    + "'; there are "
                    + ReportFormat.all().stream()
                        .map(ReportFormat::name)
                        .collect(Collectors.joining(", "))));
  }

  private GradeRecord grade(
      Course home, Submission submission, List<Exercise> exercises, ReportFormat report)
      throws GraderFault {
    Progress shown = desk.progress();
    Progress progress =
        new Progress() {
          @Override
          public void starting(String what) {
            shown.starting(what);
          }

          @Override
          public void checked(GradeRecord soFar, TestResult last) {
            writeOut(soFar, report);
          }
        };
    try (Grader grader = Grader.open(home)) {
      return grader.grade(submission, exercises, progress);
    } finally {
      desk.show("");
    }
  }

  private void writeOut(GradeRecord soFar, ReportFormat report) {
    if (out != null) {
      try {
        new RecordFile(out, report).write(soFar);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /// Says on the error stream why there is no grade, whatever the format of the report.
  private void explain(GradeRecord grade) {
    switch (grade.outcome()) {
      case NOTHING_SUBMITTED ->
          desk.say(
              grade.submission()
                  + " holds nothing to grade; expected "
                  + String.join(", ", grade.exercises().getFirst().files()));
      case INFRASTRUCTURE -> desk.say("this is no grade: " + grade.notes().getLast());
      case INTEGRITY -> desk.say("this is no grade: " + grade.notes().getLast());
      default -> {}
    }
  }
}
