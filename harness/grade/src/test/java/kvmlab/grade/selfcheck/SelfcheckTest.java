// SPDX-License-Identifier: MIT
package kvmlab.grade.selfcheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kvmlab.grade.Course;
import kvmlab.grade.Exercise;
import kvmlab.grade.GraderFault;
import kvmlab.grade.ToyCourse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelfcheckTest {

  @TempDir Path folder;
  private Course course;
  private final StringBuilder report = new StringBuilder();

  @BeforeEach
  void copyCourse() throws IOException {
    course = ToyCourse.in(folder);
  }

  @Test
  void toyCourseObeysEveryLaw() throws Exception {
    assertThat(selfcheck(course.exercises())).as("%s", report).isTrue();
    assertThat(report.toString())
        .contains("3 tokens replay to the same trace")
        .contains("2 exercises, 4 checks: every law holds");
  }

  @Test
  void everyOffenceIsFound() throws Exception {
    Path exercise = course.root().resolve("exercises/ex02-count");
    Path solution = course.root().resolve("solutions/ex02-count");
    // A mutant that is none, one that no longer applies, one that the wrong check is said to kill.
    Path mutants = solution.resolve("mutants");
    String noUnlock = Files.readString(mutants.resolve("no-unlock.patch"));
    Files.writeString(
        mutants.resolve("harmless.patch"),
        noUnlock.replace(
            "-    lock.unlock();", "-    lock.unlock();\n+    lock.unlock(); // same"));
    Files.writeString(
        mutants.resolve("misplaced.patch"),
        noUnlock.replace("-    lock.unlock();", "-    gone();"));
    Files.writeString(
        mutants.resolve("no-unlock.patch"),
        noUnlock.replace("ex02.two-increments", "ex02.three-increments"));
    // A variant that is wrong, a stray file, a stub that somebody solved.
    Path variant = solution.resolve("variants/mutex/src/main/java/ex02/Counter.java");
    Files.writeString(variant, Files.readString(variant).replace("+ 1", "+ 1 / 0"));
    Files.writeString(exercise.resolve("notes.txt"), "mine");
    Files.writeString(ToyCourse.file(course, "ex02"), ToyCourse.solution(course, "ex02"));

    assertThat(selfcheck(List.of(course.exercise("ex02")))).isFalse();

    assertThat(report.toString())
        .contains("harmless survives ex02.two-increments; killed by nothing")
        .contains("misplaced does not fit")
        .contains("no-unlock survives ex02.three-increments; killed by ex02.two-increments")
        .contains("variant mutex fails ex02.two-increments")
        .contains("exercises/ex02-count/notes.txt is unexpected")
        .contains("Counter.java is not what the markers say");
  }

  @Test
  void checkThatKillsNothingIsFound() throws Exception {
    Files.delete(course.root().resolve("solutions/ex01-halve/mutants/never-even.patch"));

    assertThat(selfcheck(List.of(course.exercise("ex01")))).isFalse();

    assertThat(report.toString()).contains("ex01.six-is-even kills no mutant");
  }

  @Test
  void writtenStubsObeyTheLaw() throws Exception {
    Path stub = ToyCourse.file(course, "ex02");
    String before = Files.readString(stub);
    Files.writeString(stub, "gone");

    assertThat(StubWriter.write(course.exercise("ex02")))
        .containsExactly("exercises/ex02-count/src/main/java/ex02/Counter.java");
    assertThat(stub).hasContent(before);
    assertThat(StubWriter.write(course.exercise("ex02"))).isEmpty();
  }

  private boolean selfcheck(List<Exercise> exercises) throws GraderFault, IOException {
    return Selfcheck.of(course, exercises, report::append, what -> {});
  }
}
