// SPDX-License-Identifier: MIT
package kvmlab.kernel.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kvmlab.explore.MemoryModel;
import kvmlab.explore.Reduction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The litmus tests of the literature, with and without each kind of order: all that they do is
/// what `litmus.txt` declares, under each memory model and with each reduction; and the
/// transcription of the kernel's model declares the same.
class LitmusTest {

  /// A test, as declared.
  record Litmus(String name, LitmusProgram program, SortedSet<String> sc, SortedSet<String> lkmm) {

    /// Reads a test: its name, a line for each task, and what it may do.
    static Litmus parse(String text) {
      List<String> lines = text.lines().toList();
      int tasks = lines.size() - 3;
      SortedSet<String> outcomes = combinations(declared(lines, tasks, "outcomes"));
      return new Litmus(
          lines.getFirst(),
          LitmusProgram.parse(String.join("\n", lines.subList(1, tasks))),
          without(outcomes, declared(lines, tasks + 1, "sc")),
          without(outcomes, declared(lines, tasks + 2, "lkmm")));
    }

    private static String declared(List<String> lines, int line, String key) {
      String text = lines.get(line);
      if (!text.startsWith(key)) {
        throw new IllegalArgumentException("no " + key + ": " + text);
      }
      return text.substring(key.length()).strip();
    }

    /// Every choice of a digit from each word.
    private static SortedSet<String> combinations(String words) {
      SortedSet<String> all = new TreeSet<>(List.of(""));
      for (String word : words.split(" ")) {
        all =
            all.stream()
                .flatMap(start -> Arrays.stream(word.split("")).map(end -> start + " " + end))
                .map(String::strip)
                .collect(Collectors.toCollection(TreeSet::new));
      }
      return all;
    }

    private static SortedSet<String> without(SortedSet<String> all, String forbidden) {
      SortedSet<String> rest = new TreeSet<>(all);
      for (String outcome : forbidden.isEmpty() ? new String[0] : forbidden.split(", ")) {
        if (!rest.remove(outcome)) {
          throw new IllegalArgumentException("no outcome " + outcome + " among " + all);
        }
      }
      return rest;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Litmus> suite() throws IOException {
    try (InputStream file =
        Objects.requireNonNull(LitmusTest.class.getResourceAsStream("litmus.txt"))) {
      String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      return Arrays.stream(text.split("\n\n")).skip(1).map(Litmus::parse);
    }
  }

  @ParameterizedTest
  @MethodSource("suite")
  void doesWhatIsDeclared(Litmus litmus) {
    for (Reduction reduction : Reduction.under(MemoryModel.SC)) {
      assertThat(seen(litmus, MemoryModel.SC, reduction))
          .as("sequential consistency, %s", reduction)
          .isEqualTo(litmus.sc());
    }
    for (Reduction reduction : Reduction.under(MemoryModel.LKMM)) {
      assertThat(seen(litmus, MemoryModel.LKMM, reduction))
          .as("the kernel's model, %s", reduction)
          .isEqualTo(litmus.lkmm());
    }
    assertThat(stripped(CatOracle.outcomes(litmus.program()).strengthened()))
        .as("linux-kernel.cat")
        .isEqualTo(litmus.lkmm());
  }

  private static SortedSet<String> seen(Litmus litmus, MemoryModel model, Reduction reduction) {
    return stripped(Machine.outcomes(litmus.program(), model, reduction));
  }

  private static SortedSet<String> stripped(SortedSet<String> outcomes) {
    return outcomes.stream().map(String::strip).collect(Collectors.toCollection(TreeSet::new));
  }
}
