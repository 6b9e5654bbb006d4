// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.util.List;
import java.util.Optional;
import kvmlab.grade.Course;
import kvmlab.grade.Exercise;

/// The exercise the learner is at: the first that is not solved.
///
/// @param desk where to write
record Current(Desk desk) {

  /// Says where the learner is, checks that exercise, and returns the exit code.
  ///
  /// @param twice whether scenarios are run twice along the same schedules first
  int check(boolean twice) throws Exception {
    Course course = desk.course();
    List<Exercise> exercises = course.exercises();
    if (exercises.isEmpty()) {
      throw new UsageError("exercises/ holds no exercise");
    }
    Notebook notebook = new Notebook(course);
    long solved = exercises.stream().filter(notebook::isSolved).count();
    Optional<Exercise> first = exercises.stream().filter(e -> !notebook.isSolved(e)).findFirst();
    if (first.isEmpty()) {
      desk.print("all %d exercises solved%n".formatted(exercises.size()));
      desk.print("next: ./course book --open, or ./course grade for the whole record\n");
      return 0;
    }
    Exercise current = first.get();
    desk.print(
        "exercise %d of %d, %d solved%n%n"
            .formatted(exercises.indexOf(current) + 1, exercises.size(), solved));
    return new Checking(desk, course).check(current, twice).exitCode();
  }
}
