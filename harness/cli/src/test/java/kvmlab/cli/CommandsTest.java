// SPDX-License-Identifier: MIT
package kvmlab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kvmlab.grade.Course;
import kvmlab.grade.ToyCourse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {

  @TempDir Path folder;
  private Course course;
  private Shell shell;

  @BeforeEach
  void copyCourse() throws Exception {
    course = ToyCourse.in(folder);
    shell = new Shell(course);
  }

  @Test
  void courseAloneLeadsFromExerciseToExercise() throws Exception {
    Shell.Result first = shell.run();
    assertThat(first.out()).startsWith("exercise 1 of 2, 0 solved\n\nTODO  ex01-halve");
    assertThat(first.out()).contains("next: open exercises/ex01-halve/").contains("do TODO 1");
    assertThat(first.code()).isEqualTo(1);

    solve("ex01");
    assertThat(shell.run().out())
        .contains("PASS  ex01-halve")
        .endsWith("next: ex02-count, A counter for two\n");
    assertThat(shell.run().out()).startsWith("exercise 2 of 2, 1 solved\n\nTODO  ex02-count");

    solve("ex02");
    Shell.Result second = shell.run();
    assertThat(second.out())
        .contains("PASS  ex02-count", "explored 2 schedules, every one there is");
    assertThat(second.code()).isZero();
    assertThat(shell.run().out()).startsWith("all 2 exercises solved");
  }

  @Test
  void listSaysHowEachExerciseStands() throws Exception {
    assertThat(shell.run("list").out())
        .isEqualTo(
            """
            todo               ex01-halve     Half of a number
            todo               ex02-count     A counter for two
            """);
    solve("ex02");
    shell.run("check", "2");
    assertThat(shell.run("list").out()).contains("solved 6/6         ex02-count");
    Files.writeString(ToyCourse.file(course, "ex02"), "// gone");
    assertThat(shell.run("list").out()).contains("changed since      ex02-count");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ex02", "ex02-count", "2", "02"})
  void exerciseHasThreeNames(String name) {
    assertThat(shell.run("check", name).out()).startsWith("TODO  ex02-count");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          check ex03       | there is no exercise 'ex03'; nearest: ex0
          check count      | nearest: ex02-count
          watch            | there is no command 'watch'; course --help lists those there are
          grade --format x | there is no format 'x'; there are json, junit, text
          grade --out      | Missing required parameter for option '--out'
          replay           | Missing required parameter: 'TOKEN'
          replay ex02      | 'ex02' is no replay token; a verdict prints one
          replay ex02:TwoIncrements:v1:x | is cut off or mistyped
          replay ex02:TwoIncrements:v2:x-0011 | is a token of version v2, and this course reads v1
          replay ex02:Gone:v1:-0011      | there is no scenario behind ex02:Gone:v1:-0011
          hint             | Missing required parameter: 'EX'
          stress           | Missing required parameter: 'EX'
          stress ex02 --seconds 0 | --seconds takes 1 or more, not 0
          --nonsense       | Unknown option: '--nonsense'
          """)
  void mistakesAreAnsweredByOneSentence(String command, String sentence) {
    Shell.Result result = shell.run(command.split(" "));

    assertThat(result.out() + result.err()).contains(sentence).doesNotContain("\tat ");
    assertThat(result.code()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "list",
        "check",
        "hint",
        "replay",
        "stress",
        "book",
        "grade",
        "selfcheck",
        "bench",
        "doctor"
      })
  void everyCommandHasHelp(String command) {
    Shell.Result result = shell.run((command + " --help").strip().split(" "));

    assertThat(result.out()).contains("Usage: course").contains("--help");
    assertThat(result.code()).isZero();
    assertThat(result.err()).isEmpty();
  }

  @Test
  void outsideTheCourseASentenceSaysSo() {
    StringWriter err = new StringWriter();
    int code =
        Main.run(
            folder.getRoot(),
            new PrintWriter(new StringWriter()),
            new PrintWriter(err),
            Terminal.PLAIN,
            "list");

    assertThat(err.toString()).contains("is not inside the course");
    assertThat(code).isEqualTo(2);
  }

  @Test
  void hintsComeOneByOne() {
    assertThat(shell.run("hint", "ex01").out())
        .startsWith("hint 1 of 3: Where to look")
        .doesNotContain("Divide")
        .endsWith("one more: ./course hint ex01 --more\n");
    assertThat(shell.run("hint", "ex01", "--more").out()).contains("  Divide by two.");
    assertThat(shell.run("hint", "ex01").out()).contains("hint 1 of 3", "hint 2 of 3");
    assertThat(shell.run("hint", "ex01", "--more").out()).contains("      return x / 2;");
    assertThat(shell.run("hint", "ex01", "--more").out()).contains("there are no more hints");
  }

  @Test
  void hintsByTaskAreGatheredByTier() {
    assertThat(
            Hints.parse(
                """
                // SPDX-License-Identifier: CC-BY-4.0
                = Hints

                == Task 1

                === Nudge

                Look at `seq`.

                === Nearly there

                a \\<= b

                == Task 2

                === Nudge

                Look again.
                """))
        .containsExactly(
            new Hints.Tier("Nudge", "Task 1:\n\nLook at seq.\n\nTask 2:\n\nLook again."),
            new Hints.Tier("Nearly there", "Task 1:\n\na <= b"));
  }

  @Test
  void scenariosThatDoTheSameAgainPassTwice() throws Exception {
    solve("ex02");
    Shell.Result twice = shell.run("check", "ex02", "--twice");
    assertThat(twice.out()).isEqualTo(shell.run("check", "ex02").out());
    assertThat(twice.code()).isZero();
  }

  @Test
  void raceIsShownAndReplayed() throws Exception {
    Path file = ToyCourse.file(course, "ex02");
    Files.writeString(file, ToyCourse.solution(course, "ex02").replace("lock.unlock();", ""));

    String report = shell.run("check", "ex02").out();

    assertThat(report)
        .contains("FORBIDDEN  ex02 TwoIncrements: a task releases all that it holds before it ends")
        .contains("CPU 0", "CPU 1", "spin_lock(counter->lock)", "replay: ./course replay ex02:");
    String token = report.replaceFirst("(?s).*\\./course replay (ex02:\\S+).*", "$1");
    Shell.Result replay = shell.run("replay", token);
    assertThat(replay.out()).contains("FORBIDDEN  ex02 TwoIncrements");
    assertThat(replay.code()).isEqualTo(1);

    Shell.Result walked = shell.run("replay", token, "--step");
    assertThat(walked.out())
        .contains("start\n", "* counter->count  1", "FORBIDDEN  I26 broken: ", "WARNING: lock held")
        .containsPattern("ex02-count/src/main/java/ex02/Counter\\.java:\\d+");
    assertThat(walked.code()).isEqualTo(1);

    Path page = folder.resolve("replay.html");
    Path log = folder.resolve("replay.sarif");
    assertThat(
            shell.run("replay", token, "--html", page.toString(), "--sarif", log.toString()).out())
        .isEqualTo("written: " + page + "\nwritten: " + log + "\n");
    String html = Files.readString(page);
    assertThat(html).contains("<svg", "TwoIncrements", "./course replay " + token);
    assertThat(html.replaceAll("http://www.w3.org/[a-zA-Z0-9/]*", "")).doesNotContain("http");
    assertThat(html.length()).isLessThan(300_000);
    sarifIsShapedAsItsReadersExpect(log, token);

    solve("ex02");
    Shell.Result mended = shell.run("replay", token);
    assertThat(mended.out()).contains("PASS  ex02 TwoIncrements: 1 execution, the one schedule");
    assertThat(mended.code()).isZero();
  }

  private static void sarifIsShapedAsItsReadersExpect(Path log, String token) throws Exception {
    var sarif = JsonParser.parseString(Files.readString(log)).getAsJsonObject();
    assertThat(sarif.get("version").getAsString()).isEqualTo("2.1.0");
    var run = sarif.getAsJsonArray("runs").get(0).getAsJsonObject();
    var result = run.getAsJsonArray("results").get(0).getAsJsonObject();
    var rules = run.getAsJsonObject("tool").getAsJsonObject("driver").getAsJsonArray("rules");
    assertThat(rules.get(result.get("ruleIndex").getAsInt()).getAsJsonObject().get("id"))
        .isEqualTo(result.get("ruleId"));
    assertThat(result.getAsJsonObject("partialFingerprints").get("replayToken/v1").getAsString())
        .isEqualTo(token);
    var flow = result.getAsJsonArray("codeFlows").get(0).getAsJsonObject();
    List<Integer> orders = new ArrayList<>();
    for (var thread : flow.getAsJsonArray("threadFlows")) {
      assertThat(thread.getAsJsonObject().get("id").getAsString()).startsWith("CPU ");
      for (var step : thread.getAsJsonObject().getAsJsonArray("locations")) {
        orders.add(step.getAsJsonObject().get("executionOrder").getAsInt());
        var location = step.getAsJsonObject().getAsJsonObject("location");
        assertThat(location.getAsJsonObject("message").get("text").getAsString()).isNotEmpty();
      }
    }
    assertThat(orders).doesNotHaveDuplicates().contains(1, orders.size());
    var place = result.getAsJsonArray("locations").get(0).getAsJsonObject();
    var physical = place.getAsJsonObject("physicalLocation");
    assertThat(physical.getAsJsonObject("artifactLocation").get("uri").getAsString())
        .isEqualTo("exercises/ex02-count/src/main/java/ex02/Counter.java");
    assertThat(physical.getAsJsonObject("region").get("startLine").getAsInt()).isPositive();
  }

  @Test
  void stressShowsWhatRealThreadsDid() throws Exception {
    String solution = ToyCourse.solution(course, "ex02");
    Files.writeString(ToyCourse.file(course, "ex02"), solution);
    Shell.Result quiet = shell.run("stress", "ex02", "--seconds", "1", "--seed", "7");
    assertThat(quiet.out())
        .startsWith("ex02-count on real threads: ")
        .contains(", seed 7\n", "TwoIncrements", "watched at every moment: I1 ")
        .contains("./course check ex02");
    assertThat(quiet.code()).isZero();

    // Both tasks end up waiting, whatever the schedule.
    Files.writeString(
        ToyCourse.file(course, "ex02"),
        solution.replace("lock.unlock();", "count.smpCondLoadAcquire(c -> c < 0);"));
    Shell.Result stuck = shell.run("stress", "ex02", "--seconds", "1");
    assertThat(stuck.out())
        .contains("STUCK  every task comes to its end", "first in round 0")
        .contains("waits in spin_lock(counter->lock)", "increment(Counter.java:14)")
        .contains(
            "waits in smp_cond_load(counter->count)", "at ex02.Counter.increment(Counter.java:16)");
    assertThat(stuck.code()).isEqualTo(1);

    Files.writeString(ToyCourse.file(course, "ex02"), solution.replace("lock.unlock();", "lock"));
    Shell.Result broken = shell.run("stress", "ex02", "--seconds", "1");
    assertThat(broken.out()).startsWith("DOES-NOT-COMPILE");
    assertThat(broken.code()).isEqualTo(3);
  }

  @Test
  void gradeWritesTheWholeRecord() throws Exception {
    solve("ex01");
    Path out = folder.resolve("grade.json");

    Shell.Result result = shell.run("grade", "--format", "json", "--out", out.toString());

    assertThat(result.out()).isEqualTo("6 of 12 points, report in " + out + "\n");
    assertThat(result.code()).isEqualTo(1);
    var json = JsonParser.parseString(Files.readString(out)).getAsJsonObject();
    assertThat(json.get("outcome").getAsString()).isEqualTo("graded");
    assertThat(json.getAsJsonArray("tests")).hasSize(4);
  }

  @Test
  void reportThatCannotBeWrittenIsASentence() {
    Shell.Result result = shell.run("grade", "--out", folder.resolve("no/such/file").toString());

    assertThat(result.err()).contains("there is no folder for ").contains("make it first");
    assertThat(result.code()).isEqualTo(2);
  }

  @Test
  void selfcheckOfTheToyCoursePasses() {
    Shell.Result result = shell.run("selfcheck", "ex02");

    assertThat(result.out()).contains("every law holds");
    assertThat(result.code()).isZero();
  }

  @Test
  void doctorLooksAtEverything() {
    Shell.Result result = shell.run("doctor");

    assertThat(result.out())
        .contains("JDK", "engine", "worker", "build", "Maven", "disk", "browser", "/dev/kvm")
        .contains("./mvnw is missing");
    assertThat(result.code()).isEqualTo(4);
  }

  @Test
  void colourIsForTerminalsThatWantIt() {
    assertThat(Terminal.of(Map.of("TERM", "xterm"))).isEqualTo(Terminal.PLAIN);
    assertThat(new Terminal(true, true).paint("PASS  x\nnext: y\n"))
        .isEqualTo("\033[32mPASS\033[0m  x\n\033[1mnext:\033[0m y\n");
    assertThat(Terminal.PLAIN.paint("PASS  x\n")).isEqualTo("PASS  x\n");
  }

  private void solve(String exercise) throws Exception {
    Files.writeString(ToyCourse.file(course, exercise), ToyCourse.solution(course, exercise));
  }
}
