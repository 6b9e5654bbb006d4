// SPDX-License-Identifier: MIT
package kvmlab.press;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchmarkTest {
  private static final String RUN =
      """
      {"schema": "kvmlab/bench/v1",
       "machine": {"date": "2026-01-02", "processor": "Abacus", "processors": 2, "system": "Linux",
         "java": "JVM 25", "load": 0.25},
       "rows": [
         {"tool": "fray-pos", "scenario": "S2 2x1", "measure": "speed", "missing": "not here"},
         {"tool": "fray-pos", "scenario": "S5 2x1", "measure": "speed", "missing": "not here"},
         {"tool": "fray-pct", "scenario": "S2 2x1", "measure": "speed", "missing": "not here"},
         {"tool": "ours-exhaustive", "scenario": "S2 2x1", "measure": "speed", "model": "sc",
          "executionsPerSecond": 200000.4, "executionsPerCpuSecond": 210000, "peakMemoryKb": 2048},
         {"tool": "ours-exhaustive", "scenario": "S2 2x1", "measure": "speed", "model": "lkmm",
          "executionsPerSecond": 1000, "executionsPerCpuSecond": 1000, "peakMemoryKb": 2048},
         {"tool": "plain", "scenario": "S1", "measure": "first_bug", "reached": true,
          "outcome": "clean", "executions": 7, "seconds": 1},
         {"tool": "spin", "scenario": "S5 3x1", "measure": "exhaust", "reached": false,
          "seconds": 3, "executions": 1234}]}
      """;

  @TempDir private Path folder;

  @Test
  void figuresAreRoundedAndGrouped() throws IOException {
    assertThat(cells("speed", 0))
        .containsExactly("S2 2x1", "ours-exhaustive", "200,000", "210,000", "2");
    assertThat(cells("speed", 1)).contains("ours-exhaustive, lkmm");
  }

  @Test
  void whatIsMissingSaysWhy() throws IOException {
    assertThat(cells("speed", 2)).containsExactly("none", "fray-pos, fray-pct", "not here");
    assertThat(cells("first_bug", 0)).endsWith("nothing was found");
    assertThat(cells("exhaust", 0)).endsWith("not within 3 s, 1,234 executions");
  }

  @Test
  void captionSaysWhereAndWhen() throws IOException {
    assertThat(read(RUN).table("speed").select("caption").text())
        .isEqualTo("Recorded on 2026-01-02: Abacus, 2 processors, load 0.3, Linux, JVM 25.");
  }

  @Test
  void nothingElseIsTaken() {
    assertThatThrownBy(() -> read(RUN).table("beauty"))
        .hasMessage("no benchmark measures 'beauty'");
    assertThatThrownBy(() -> read("{}")).hasMessageContaining("is not of schema kvmlab/bench/v1");
  }

  private List<String> cells(String measure, int row) throws IOException {
    Element table = read(RUN).table(measure);
    return table.select("tbody tr").get(row).select("td").eachText();
  }

  private Benchmark read(String json) throws IOException {
    return Benchmark.read(Files.writeString(folder.resolve("run.json"), json));
  }
}
