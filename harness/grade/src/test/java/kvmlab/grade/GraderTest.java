// SPDX-License-Identifier: MIT
package kvmlab.grade;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import kvmlab.grade.admit.Submission;
import kvmlab.grade.report.JsonReport;
import kvmlab.grade.run.Limits;
import kvmlab.grade.run.WorkerCommand;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GraderTest {

  private static final Limits SHORT = Limits.ofCpu(Duration.ofSeconds(1));

  @TempDir Path folder;
  private Course course;

  @BeforeEach
  void copyCourse() throws Exception {
    course = ToyCourse.in(folder);
  }

  @Test
  void solutionGetsFullMarks() throws Exception {
    GradeRecord grade = grade("ex01", ToyCourse.solution(course, "ex01"));

    assertThat(grade.outcome()).isEqualTo(Outcome.GRADED);
    assertThat(grade.points()).isEqualTo(6);
    assertThat(grade.max()).isEqualTo(6);
    assertThat(grade.exitCode()).isZero();
    assertThat(grade.exercises().getFirst().verdict()).isEqualTo(Verdict.PASS);
  }

  @Test
  void stubIsTodoAndGetsNothing() throws Exception {
    GradeRecord grade = grade("ex01", Files.readString(ToyCourse.file(course, "ex01")));

    assertThat(grade.points()).isZero();
    assertThat(grade.exitCode()).isEqualTo(1);
    assertThat(grade.exercises().getFirst().verdict()).isEqualTo(Verdict.TODO);
    assertThat(grade.tests()).extracting(TestResult::status).containsOnly(Status.FAIL);
  }

  @Test
  void raceIsReportedWithItsReplay() throws Exception {
    GradeRecord grade =
        grade(
            "ex02",
            ToyCourse.solution(course, "ex02")
                .replace(
                    "lock.unlock();",
                    "count.smpCondLoadAcquire(value -> value == 3); lock.unlock();"));

    TestResult test = grade.tests().getFirst();
    assertThat(test.verdict()).isEqualTo(Verdict.STUCK);
    assertThat(test.detail()).startsWith("STUCK  ex02 TwoIncrements: ");
    Explored explored = Objects.requireNonNull(test.explored());
    assertThat(explored.schedules()).isPositive();
    String token = Objects.requireNonNull(test.replay());
    Exercise exercise = course.exercise("ex02");
    Submission submission = Submission.inPlace(course, List.of(exercise));
    Replaying.Replay replay = Replaying.replay(submission, exercise, token);
    assertThat(replay.report()).isEqualTo(test.detail());
    assertThat(replay.exitCode()).isEqualTo(1);
  }

  @Test
  void endlessLoopCostsOnlyItsOwnCheck() throws Exception {
    GradeRecord grade =
        grade(
            "ex01",
            ToyCourse.solution(course, "ex01").replace("return x % 2 == 0;", "while (true) {}"));

    assertThat(grade.tests())
        .extracting(TestResult::status)
        .containsExactly(Status.PASS, Status.PASS, Status.TIMEOUT);
    assertThat(grade.points()).isEqualTo(5);
    assertThat(grade.exercises().getFirst().verdict()).isEqualTo(Verdict.STUCK);
    assertThat(grade.tests().get(2).message()).contains("Halve.java:25 in isEven");
  }

  @Test
  void endlessLoopInsideAScheduleIsAnsweredAtOnce() throws Exception {
    GradeRecord grade =
        grade(
            "ex02",
            ToyCourse.solution(course, "ex02").replace("lock.unlock();", "while (true) {}"));

    assertThat(grade.tests().getFirst().status()).isEqualTo(Status.FAIL);
    assertThat(grade.tests().getFirst().verdict()).isEqualTo(Verdict.STUCK);
    assertThat(grade.tests().getFirst().message()).contains("Counter.java:16 in increment");
  }

  @Test
  void raceOnAFieldIsReportedByNameAndLine() throws Exception {
    String solution = ToyCourse.solution(course, "ex02");
    GradeRecord racy =
        grade(
            "ex02",
            solution
                .replace("private final Spinlock", "private int more; private final Spinlock")
                .replace("lock.unlock();", "lock.unlock(); more++;"));
    GradeRecord locked =
        grade(
            "ex02",
            solution
                .replace("private final Spinlock", "private int more; private final Spinlock")
                .replace("lock.unlock();", "more++; lock.unlock();"));

    assertThat(racy.tests().getFirst().verdict()).isEqualTo(Verdict.FORBIDDEN);
    assertThat(racy.tests().getFirst().message())
        .contains("Counter.more", " by CPU 0 at Counter.java:16 in increment", "by CPU 1 at ");
    assertThat(locked.tests().getFirst().status()).isEqualTo(Status.PASS);
  }

  @Test
  void swallowingEveryErrorDoesNotHelp() throws Exception {
    GradeRecord grade =
        grade(
            "ex02",
            ToyCourse.solution(course, "ex02")
                .replace("lock.lock();", "try {")
                .replace("lock.unlock();", "} catch (Throwable t) { }"));

    assertThat(grade.tests().getFirst().verdict()).isEqualTo(Verdict.FORBIDDEN);
    assertThat(grade.points()).isZero();
  }

  @Test
  void gatheringAllMemoryCostsOnlyItsOwnCheck() throws Exception {
    GradeRecord grade =
        grade(
            "ex01",
            ToyCourse.solution(course, "ex01")
                .replace(
                    "return x % 2 == 0;",
                    "var all = new java.util.ArrayList<int[]>();"
                        + " while (true) all.add(new int[1 << 20]);"),
            Limits.DEFAULT);

    assertThat(grade.outcome()).isEqualTo(Outcome.GRADED);
    assertThat(grade.points()).isEqualTo(5);
    assertThat(grade.tests().get(2).status()).isEqualTo(Status.FAIL);
    assertThat(grade.tests().get(2).message()).contains("memory");
  }

  @Test
  void recordGrowsCheckByCheck() throws Exception {
    Files.writeString(ToyCourse.file(course, "ex01"), ToyCourse.solution(course, "ex01"));
    List<Exercise> exercises = List.of(course.exercise("ex01"));
    List<GradeRecord> seen = new ArrayList<>();
    try (Grader grader = Grader.open(course)) {
      grader.grade(
          Submission.inPlace(course, exercises),
          exercises,
          new Progress() {
            @Override
            public void checked(GradeRecord soFar, TestResult last) {
              seen.add(soFar);
            }
          });
    }

    assertThat(seen).extracting(GradeRecord::points).containsExactly(2, 5, 6);
    assertThat(seen).extracting(GradeRecord::outcome).containsOnly(Outcome.INCOMPLETE);
    assertThat(seen.getFirst().tests()).hasSize(3);
    assertThat(seen.getFirst().exitCode()).isEqualTo(4);
  }

  @Test
  void workerThatCannotStartIsNoZero() throws Exception {
    List<Exercise> exercises = List.of(course.exercise("ex01"));
    WorkerCommand broken = new WorkerCommand(List.of("-XX:NoSuchFlag"));
    try (Grader grader = Grader.open(course, broken, SHORT)) {
      GradeRecord grade =
          grader.grade(Submission.inPlace(course, exercises), exercises, Progress.NONE);

      assertThat(grade.outcome()).isEqualTo(Outcome.INFRASTRUCTURE);
      assertThat(grade.exitCode()).isEqualTo(4);
      assertThat(grade.tests()).extracting(TestResult::status).containsOnly(Status.NOT_RUN);
      assertThat(grade.notes().getLast()).contains("NoSuchFlag");
    }
  }

  @Test
  void checkThatVanishesIsNoPass() throws Exception {
    // The class file loses its @Test, so JUnit finds nothing to run; the manifest still has it.
    Path check =
        course.exercise("ex02").checkClasses().resolve("ex02").resolve("CounterTest.class");
    byte[] bytes = Files.readAllBytes(check);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    Files.writeString(
        check,
        text.replace("Lorg/junit/jupiter/api/Test;", "Lorg/junit/jupiter/api/Tes_;"),
        StandardCharsets.ISO_8859_1);

    GradeRecord grade = grade("ex02", ToyCourse.solution(course, "ex02"));

    assertThat(grade.outcome()).isEqualTo(Outcome.INTEGRITY);
    assertThat(grade.points()).isZero();
    assertThat(grade.exitCode()).isEqualTo(5);
  }

  @Test
  void gradingTwiceGivesTheSameBytes() throws Exception {
    String wrong = ToyCourse.solution(course, "ex01").replace("x / 2", "x / 3");

    assertThat(new JsonReport().render(grade("ex01", wrong)))
        .isEqualTo(new JsonReport().render(grade("ex01", wrong)));
  }

  private GradeRecord grade(String name, String source) throws Exception {
    return grade(name, source, SHORT);
  }

  private GradeRecord grade(String name, String source, Limits limits) throws Exception {
    Files.writeString(ToyCourse.file(course, name), source);
    List<Exercise> exercises = List.of(course.exercise(name));
    try (Grader grader = Grader.open(course, WorkerCommand.standard(), limits)) {
      return grader.grade(Submission.inPlace(course, exercises), exercises, Progress.NONE);
    }
  }
}
