// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.io.IOException;
import java.util.List;
import kvmlab.grade.Course;
import kvmlab.grade.Exercise;
import kvmlab.grade.GradeRecord;
import kvmlab.grade.Grader;
import kvmlab.grade.GraderFault;
import kvmlab.grade.Verdict;
import kvmlab.grade.admit.Refused;
import kvmlab.grade.admit.Submission;
import kvmlab.grade.report.TextReport;

/// Checks one exercise where the learner works on it, and writes the verdict into the notebook.
///
/// @param desk where to write
/// @param course where the exercise is
record Checking(Desk desk, Course course) {

  /// @param twice whether scenarios are run twice along the same schedules first
  GradeRecord check(Exercise exercise, boolean twice) throws GraderFault, Refused {
    GradeRecord grade;
    try (Grader grader = twice ? Grader.openTwice(course) : Grader.open(course)) {
      List<Exercise> one = List.of(exercise);
      grade = grader.grade(Submission.inPlace(course, one), one, desk.progress());
    } finally {
      desk.show("");
    }
    desk.print(new TextReport().render(grade));
    Notebook notebook = new Notebook(course);
    try {
      notebook.write(exercise, grade);
    } catch (IOException e) {
      desk.say("this verdict is not remembered: cannot write .course/notebook");
    }
    if (grade.exercises().getFirst().verdict() == Verdict.PASS) {
      desk.print(next(notebook));
    }
    return grade;
  }

  private String next(Notebook notebook) {
    return course.exercises().stream()
        .filter(exercise -> !notebook.isSolved(exercise))
        .findFirst()
        .map(exercise -> "next: %s, %s%n".formatted(exercise.slug(), exercise.title()))
        .orElse("next: that was the last exercise; all are solved\n");
  }
}
