// SPDX-License-Identifier: MIT
package kvmlab.press;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs of a small course of one exercise, performed and written down.
class TracesTest {

  @TempDir Path course;

  @BeforeEach
  void writeTheCourse() throws IOException {
    write("solutions/ex98-lock/pom.xml", "<project/>");
    Path answer =
        write(
            "solutions/ex98-lock/src/main/java/ex98/Counter.java",
            """
            package ex98;

            import kvmlab.kernel.LongCell;
            import kvmlab.kernel.Mutex;

            public class Counter {
              private final Mutex lock = Mutex.define("lock");
              private final LongCell count = new LongCell("count", 0);

              public void add() {
                lock.lock();
                count.set(count.get() + 1);
                lock.unlock();
              }
            }
            """);
    write(
        "solutions/ex98-lock/mutants/no-lock.patch",
        """
        Subject: [PATCH] Count without the lock

        Killed-by: ex98.no-addition-is-lost
        ---
        --- a/src/main/java/ex98/Counter.java
        +++ b/src/main/java/ex98/Counter.java
        @@ -10,5 +10,3 @@
           public void add() {
        -    lock.lock();
             count.set(count.get() + 1);
        -    lock.unlock();
           }
        """);
    write(
        "solutions/ex98-lock/mutants/harmless.patch",
        """
        --- a/src/main/java/ex98/Counter.java
        +++ b/src/main/java/ex98/Counter.java
        @@ -11,3 +11,3 @@
             lock.lock();
        -    count.set(count.get() + 1);
        +    count.set(1 + count.get());
             lock.unlock();
        """);
    Path scenario =
        write(
            "checks/ex98/AddRacesAdd.java",
            """
            package ex98;

            public class AddRacesAdd implements kvmlab.lab.Scenario {
              @Override
              public void build(kvmlab.lab.World world) {
                Counter counter = new Counter();
                world.task("CPU 0 (one)", counter::add);
                world.task("CPU 1 (other)", counter::add);
              }

              @kvmlab.lab.Check(task = 1, stars = 3, title = "No addition is lost")
              void noAdditionIsLost() {}
            }
            """);
    String home = "solutions/ex98-lock/target/";
    compile(List.of(answer), home + "classes", "");
    compile(List.of(scenario), home + "test-classes", home + "classes");
  }

  @Test
  void writesWhatTheExplorerFound() throws IOException {
    chapter("trace::ex98.AddRacesAdd[mutant=no-lock]", "After count:ex98.AddRacesAdd[] schedules.");
    assertThat(perform()).isEmpty();
    assertThat(failures()).isEmpty();
    Run wrong = Run.read(course.resolve("out/ex98.AddRacesAdd+no-lock.json"));
    assertThat(wrong.verdict()).isEqualTo("FORBIDDEN");
    assertThat(wrong.tasks()).containsExactly("CPU 0 (one)", "CPU 1 (other)");
    assertThat(wrong.steps()).isNotEmpty();
    assertThat(wrong.token()).startsWith("ex98:AddRacesAdd:v1:");
    Run right = Run.read(course.resolve("out/ex98.AddRacesAdd.json"));
    assertThat(right.verdict()).isEqualTo("PASS");
    assertThat(right.explored().exhausted()).isTrue();
    assertThat(right.explored().schedules()).isPositive();
  }

  @Test
  void writesTheChecksOfAnExercise() throws IOException {
    write("exercises/ex98-lock/README.adoc", "= A lock\n:minutes: 20\n\nTake it.\n");
    chapter("exercise::ex98-lock[]");
    assertThat(perform()).isEmpty();
    assertThat(failures()).isEmpty();
    assertThat(Exercise.read(course.resolve("out/ex98-lock.json")))
        .isEqualTo(
            new Exercise(
                "ex98-lock", 20, List.of(new Exercise.Check(1, 3, 3, "No addition is lost"))));
  }

  @Test
  void refusesARaceThatIsNone() throws IOException {
    chapter("trace::ex98.AddRacesAdd[mutant=harmless]");
    perform();
    assertThat(failures())
        .hasEntrySatisfying(
            "ex98.AddRacesAdd+harmless",
            why -> assertThat(why).startsWith("the mutant survives this scenario: every"));
  }

  @Test
  void saysWhatIsNotThere() throws IOException {
    chapter(
        "trace::ex97.Race[mutant=x]",
        "trace::ex98.AddRacesAdd[mutant=nosuch]",
        "count:ex98.NoSuchRace[]",
        "exercise::ex97-none[]");
    perform();
    assertThat(failures())
        .containsEntry("ex97.Race+x", "there is no solution ex97")
        .containsEntry("ex98.AddRacesAdd+nosuch", "there is no mutant nosuch of ex98-lock")
        .containsEntry("ex97-none", "there is no solution ex97-none")
        .containsKey("ex98.NoSuchRace");
  }

  @Test
  void refusesAReportThatIsNotTheExplorers() throws IOException {
    chapter("No run.");
    readme("FORBIDDEN  something else");
    String complaint = perform().get(0);
    String first = "ex98.AddRacesAdd+no-lock: README.adoc prints another report than\n";
    assertThat(complaint).startsWith(first + "FORBIDDEN");
    readme(complaint.substring(first.length()));
    assertThat(perform()).isEmpty();
  }

  @Test
  void forgetsEarlierBuilds() throws IOException {
    write("out/ex98.Old.json", "{}");
    chapter("No run.");
    assertThat(perform()).isEmpty();
    assertThat(failures()).isEmpty();
    assertThat(course.resolve("out")).isEmptyDirectory();
  }

  private List<String> perform() throws IOException {
    return new Traces(course, course.resolve("out")).perform();
  }

  private Map<String, String> failures() throws IOException {
    Map<String, String> failures = new HashMap<>();
    try (Stream<Path> files = Files.list(course.resolve("out"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(Runs.FAILED)).toList()) {
        failures.put(
            file.getFileName().toString().replace(Runs.FAILED, ""), Files.readString(file));
      }
    }
    return failures;
  }

  private void chapter(String... lines) throws IOException {
    write("chapters/ch98.adoc", String.join("\n\n", lines));
  }

  private void readme(String report) throws IOException {
    write(
        "README.adoc",
        "// report: ex98.AddRacesAdd+no-lock\n[source,text]\n----\n%s\n----\n".formatted(report));
  }

  private Path write(String name, String text) throws IOException {
    Path file = course.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private void compile(List<Path> sources, String to, String with) throws IOException {
    Files.createDirectories(course.resolve(to));
    String path = System.getProperty("java.class.path");
    String more = with.isEmpty() ? "" : java.io.File.pathSeparator + course.resolve(with);
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("-d", course.resolve(to).toString(), "-cp", path + more));
    sources.forEach(source -> arguments.add(source.toString()));
    int code =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    assertThat(code).isZero();
  }
}
