// SPDX-License-Identifier: MIT
package kvmlab.lab.instrument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.ToolProvider;
import kvmlab.lab.Exploration;
import kvmlab.lab.Lab;
import kvmlab.lab.Scenario;
import kvmlab.machine.Violation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An exercise on a class path of its own, as an IDE or Maven has it: answer in one folder, checks
/// in another.
class WatchedTest {
  private static final String COUNTER =
      """
      package ex77;
      class Counter {
        private long count;
        void increment() {
          count++;
        }
      }
      """;
  private static final String SCENARIO =
      """
      package ex77;
      public final class TwoIncrements implements kvmlab.lab.Scenario {
        private int times;
        @Override public void build(kvmlab.lab.World world) {
          Counter counter = new Counter();
          world.task("A", () -> { times++; counter.increment(); });
          world.task("B", () -> { times++; counter.increment(); });
        }
      }
      """;

  @TempDir Path folder;

  @Test
  void raceIsSeenWithoutGraderOrAgent() throws Exception {
    try (URLClassLoader loader = exercise(SCENARIO)) {
      Exploration exploration =
          Lab.explore(
              (Scenario) loader.loadClass("ex77.TwoIncrements").getConstructor().newInstance());

      Violation violation = exploration.finding().orElseThrow().violation();
      assertThat(violation.kind()).isEqualTo(Violation.Kind.DATA_RACE);
      // Not TwoIncrements.times: what lies beside the scenario are the checks.
      assertThat(violation.expected()).contains("Counter.count");
      assertThat(violation.seen()).contains("by A at Counter.java:5 in increment");
    }
  }

  @Test
  void scenarioThatCannotBeMadeAgainIsRefused() throws Exception {
    try (URLClassLoader loader =
        exercise(
            SCENARIO.replace(
                "private int times;", "private int times; public TwoIncrements(int times) {}"))) {
      Scenario scenario =
          (Scenario)
              loader.loadClass("ex77.TwoIncrements").getConstructor(int.class).newInstance(1);

      assertThatThrownBy(() -> Lab.explore(scenario))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("ex77.TwoIncrements needs a constructor without parameters: see Scenario");
    }
  }

  private URLClassLoader exercise(String scenario) throws Exception {
    Path main = compile("Counter", COUNTER, "main");
    Path checks = compile("TwoIncrements", scenario, "checks");
    URL[] urls = {main.toUri().toURL(), checks.toUri().toURL()};
    return new URLClassLoader(urls, WatchedTest.class.getClassLoader());
  }

  private Path compile(String name, String text, String where) throws Exception {
    Path source = Files.writeString(folder.resolve(name + ".java"), text);
    Path out = Files.createDirectories(folder.resolve(where));
    String classPath =
        System.getProperty("java.class.path") + java.io.File.pathSeparator + folder.resolve("main");
    List<String> arguments =
        List.of("-proc:none", "-d", out.toString(), "-cp", classPath, source.toString());
    int code =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    assertThat(code).isZero();
    return out;
  }
}
