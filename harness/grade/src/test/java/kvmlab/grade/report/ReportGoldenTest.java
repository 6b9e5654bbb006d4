// SPDX-License-Identifier: MIT
package kvmlab.grade.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import kvmlab.grade.CheckSpec;
import kvmlab.grade.ExerciseResult;
import kvmlab.grade.Explored;
import kvmlab.grade.GradeRecord;
import kvmlab.grade.Outcome;
import kvmlab.grade.Status;
import kvmlab.grade.TestResult;
import kvmlab.grade.Verdict;
import kvmlab.grade.compile.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xml.sax.InputSource;

/// Pins every format byte by byte. After a change that is meant, run with `-Dgolden.update=true`
/// and read the difference.
class ReportGoldenTest {

  private static final Path GOLDEN = Path.of("src", "test", "resources", "golden");

  @ParameterizedTest
  @ValueSource(strings = {"text", "json", "junit"})
  void formatIsAFunctionOfTheRecord(String name) throws Exception {
    String report = ReportFormat.named(name).orElseThrow().render(everything());

    Path golden = GOLDEN.resolve("everything." + name);
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(golden, report);
    }
    assertThat(report).isEqualTo(Files.readString(golden));
  }

  @Test
  void everyFormatIsFound() {
    assertThat(ReportFormat.all())
        .extracting(ReportFormat::name)
        .containsExactly("json", "junit", "text");
  }

  @Test
  void jsonListsTheWholeManifestWithTheFieldsOfTheContract() {
    var json = JsonParser.parseString(new JsonReport().render(everything())).getAsJsonObject();

    assertThat(json.get("schema").getAsString()).isEqualTo("kvmlab/grade/v1");
    assertThat(json.keySet())
        .contains("course", "submission", "grader", "outcome", "tests", "totals", "integrity");
    assertThat(json.getAsJsonArray("tests")).hasSize(6);
    assertThat(json.getAsJsonArray("tests").get(0).getAsJsonObject().keySet())
        .contains(
            "id",
            "exercise",
            "task",
            "kind",
            "title",
            "points",
            "max",
            "status",
            "message",
            "replay",
            "invariant",
            "explored",
            "visibility");
  }

  @Test
  void junitIsXmlWhateverASubmissionPrints() throws Exception {
    String xml = new JunitReport().render(everything());

    assertThat(
            DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(xml)))
                .getElementsByTagName("testcase")
                .getLength())
        .isEqualTo(6);
  }

  @Test
  void fileIsReplacedAsAWhole(@TempDir Path folder) throws Exception {
    RecordFile file = new RecordFile(folder.resolve("grade.json"), new JsonReport());
    file.write(everything());
    file.write(everything());

    assertThat(folder.resolve("grade.json")).hasContent(new JsonReport().render(everything()));
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(1);
    }
  }

  /// A record in which everything happens that can.
  private static GradeRecord everything() {
    ExerciseResult mixed =
        new ExerciseResult(
            "ex02",
            "ex02-retry",
            "The fault that must be willing to start over",
            Verdict.FORBIDDEN,
            List.of(
                new TestResult(
                    check("ex02.seq-before-lookup", 1, "schedule", "Snapshot comes first", 3),
                    Status.PASS,
                    Verdict.PASS,
                    "",
                    "",
                    null,
                    null,
                    new Explored(1412, true, "FaultRacesUnmap: every interleaving"),
                    ""),
                new TestResult(
                    check("ex02.fault-races-unmap", 2, "schedule", "No SPTE maps a freed page", 6),
                    Status.FAIL,
                    Verdict.FORBIDDEN,
                    "no SPTE maps a freed page: gfn 1 maps pfn 7, which is free",
                    """
                    FORBIDDEN  ex02 FaultRacesUnmap: no SPTE maps a freed page (I2)
                    gfn 1 maps pfn 7, which is free

                      CPU 0             CPU 1
                      1  start <&>
                                        2  end "x"

                    replay: ./course replay ex02:FaultRacesUnmap:v1:0a2b-11c0\
                    """,
                    "ex02:FaultRacesUnmap:v1:0a2b-11c0",
                    "I2",
                    new Explored(78, false, "FaultRacesUnmap: up to the first wrong execution"),
                    "seen 1\n"),
                new TestResult(
                    check("ex02.comes-to-an-end", 2, "property", "The fault comes to an end", 1),
                    Status.TIMEOUT,
                    Verdict.STUCK,
                    "does not come to an end at PageFault.java:41 in handle",
                    "",
                    null,
                    null,
                    null,
                    ""),
                TestResult.notRun(
                    check("ex02.shape", 3, "structure", "The lock is taken once", 2),
                    Status.NOT_RUN,
                    Verdict.NOT_GRADED,
                    "the grader stopped before this check")),
            List.of(),
            List.of("exercises/ex02-retry/src/main/java/ex02/PageFault.java"));
    ExerciseResult broken =
        new ExerciseResult(
            "ex03",
            "ex03-count",
            "Start, end, and the count between them",
            Verdict.DOES_NOT_COMPILE,
            List.of(
                TestResult.notRun(
                    check("ex03.paired", 1, "schedule", "Start and end are paired", 3),
                    Status.COMPILE_ERROR,
                    Verdict.DOES_NOT_COMPILE,
                    "Count.java:3:10: error: ';' expected")),
            List.of(
                new Problem(
                    "exercises/ex03-count/src/main/java/ex03/Count.java",
                    3,
                    10,
                    "error: ';' expected",
                    "\treturn 1",
                    9)),
            List.of("exercises/ex03-count/src/main/java/ex03/Count.java"));
    ExerciseResult solved =
        new ExerciseResult(
            "ex04",
            "ex04-lock-on-hit",
            "Take the lock only when it matters",
            Verdict.PASS,
            List.of(
                new TestResult(
                    check("ex04.once", 1, "schedule", "The lock is taken once", 10),
                    Status.PASS,
                    Verdict.PASS,
                    "",
                    "",
                    null,
                    null,
                    new Explored(123_456, true, "Walk: every interleaving and every value"),
                    "")),
            List.of(),
            List.of("exercises/ex04-lock-on-hit/src/main/java/ex04/Walk.java"));
    return new GradeRecord(
        "0.1.0",
        "student-7",
        "00ff",
        "77d0",
        "25.0.3",
        Outcome.COMPILE_ERROR,
        List.of(mixed, broken, solved),
        List.of("ignored student-7/Notes.txt: no exercise asked for has it"));
  }

  private static CheckSpec check(String id, int task, String kind, String title, int max) {
    return new CheckSpec(
        id, id.substring(0, 4), task, kind, title, max, "X", "x", CheckSpec.Engine.JUPITER);
  }
}
