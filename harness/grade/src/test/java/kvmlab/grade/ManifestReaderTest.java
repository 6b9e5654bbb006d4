// SPDX-License-Identifier: MIT
package kvmlab.grade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import kvmlab.lab.Check;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestReaderTest {

  @TempDir Path folder;

  @Test
  void readsEveryCheckFromItsClassFile() throws Exception {
    Course course = ToyCourse.in(folder);

    assertThat(ManifestReader.read(course.exercise("ex01")).checks())
        .containsExactly(
            new CheckSpec(
                "ex01.twice-the-half",
                "ex01",
                1,
                "property",
                "Twice the half is the number again",
                2,
                "ex01.HalveProperties",
                "twiceTheHalf",
                CheckSpec.Engine.JQWIK),
            new CheckSpec(
                "ex01.half-of-six-is-three",
                "ex01",
                1,
                "example",
                "Half of six is three",
                3,
                "ex01.HalveTest",
                "halfOfSixIsThree",
                CheckSpec.Engine.JUPITER),
            new CheckSpec(
                "ex01.six-is-even",
                "ex01",
                2,
                "example",
                "Six is even, seven is not",
                1,
                "ex01.HalveTest",
                "sixIsEven",
                CheckSpec.Engine.JUPITER));
  }

  @Test
  void defaultsAreTheAnnotations() throws Exception {
    // The class file of a check leaves out what it does not say.
    assertThat(Check.class.getMethod("kind").getDefaultValue()).isEqualTo(Check.Kind.SCHEDULE);
    assertThat(Check.class.getMethod("stars").getDefaultValue()).isEqualTo(1);
    assertThat(ManifestReader.read(ToyCourse.in(folder).exercise("ex02")).checks())
        .extracting(CheckSpec::kind)
        .containsExactly("schedule");
  }

  @Test
  void exerciseWithoutChecksIsAnError() throws Exception {
    Course course = ToyCourse.in(folder);
    Path checks = course.exercise("ex02").checkClasses().resolve("ex02");
    Files.delete(checks.resolve("CounterTest.class"));

    assertThatThrownBy(() -> ManifestReader.read(course.exercise("ex02")))
        .hasMessageContaining("ex02-count has no check")
        .extracting(fault -> ((GraderFault) fault).outcome())
        .isEqualTo(Outcome.INTEGRITY);
  }

  @Test
  void checksThatAreNotBuiltAreNamed() throws Exception {
    Course course = new Course(folder);
    Exercise exercise = new Exercise(course.root(), "ex07-gone");

    assertThatThrownBy(() -> ManifestReader.read(exercise))
        .hasMessageContaining("ex07-gone are not built; next: ./mvnw")
        .extracting(fault -> ((GraderFault) fault).outcome())
        .isEqualTo(Outcome.INFRASTRUCTURE);
  }

  @Test
  void idsAreKebab() {
    assertThat(ManifestReader.kebab("faultRacesUnmap")).isEqualTo("fault-races-unmap");
    assertThat(ManifestReader.kebab("twoVcpus2")).isEqualTo("two-vcpus2");
  }
}
