// SPDX-License-Identifier: MIT
package kvmlab.grade;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import kvmlab.grade.admit.Refused;
import kvmlab.grade.admit.Submission;
import kvmlab.grade.run.Limits;
import kvmlab.grade.run.WorkerCommand;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GraderTest {

  @TempDir Path folder;
  private Course course;

  @BeforeEach
  void copyCourse() throws IOException {
    course = ToyCourse.in(folder);
  }

  @Test
  void solutionGetsFullMarks() throws IOException, GraderFault, Refused {
    GradeRecord grade = grade(ToyCourse.solution(course));

    assertThat(grade.outcome()).isEqualTo(Outcome.GRADED);
    assertThat(grade.points()).isEqualTo(6);
    assertThat(grade.max()).isEqualTo(6);
    assertThat(grade.exitCode()).isZero();
    assertThat(grade.exercises().getFirst().verdict()).isEqualTo(Verdict.PASS);
  }

  @Test
  void stubIsTodoAndGetsNothing() throws IOException, GraderFault, Refused {
    GradeRecord grade = grade(null);

    assertThat(grade.points()).isZero();
    assertThat(grade.exitCode()).isEqualTo(1);
    assertThat(grade.exercises().getFirst().verdict()).isEqualTo(Verdict.TODO);
    assertThat(grade.tests()).extracting(TestResult::status).containsOnly(Status.FAIL);
  }

  @Test
  void endlessLoopCostsOnlyItsOwnCheck() throws IOException, GraderFault, Refused {
    GradeRecord grade =
        grade(ToyCourse.solution(course).replace("return x % 2 == 0;", "while (true) {}"));

    assertThat(grade.tests())
        .extracting(TestResult::status)
        .containsExactly(Status.PASS, Status.PASS, Status.TIMEOUT);
    assertThat(grade.points()).isEqualTo(5);
    assertThat(grade.exercises().getFirst().verdict()).isEqualTo(Verdict.STUCK);
    assertThat(grade.tests().get(2).message()).contains("Halve.java:25 in isEven");
  }

  private GradeRecord grade(@Nullable String source) throws IOException, GraderFault, Refused {
    if (source != null) {
      ToyCourse.write(course, source);
    }
    List<Exercise> exercises = course.exercises();
    try (Grader grader =
        Grader.open(course, WorkerCommand.standard(), Limits.ofCpu(Duration.ofSeconds(1)))) {
      return grader.grade(Submission.inPlace(course, exercises), exercises, Progress.NONE);
    }
  }
}
