// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/// A generated program: what each task does, step by step. Prints as one line a task, and shrinks
/// to fewer tasks, fewer steps and simpler ones.
///
/// @param <S> a step
public record Generated<S>(List<List<S>> tasks) {

  /// Returns programs of two tasks, or of three shorter ones.
  public static <S> Arbitrary<Generated<S>> programs(Arbitrary<S> steps, int stepsMax) {
    Arbitrary<List<S>> one = steps.list().ofMinSize(1).ofMaxSize(stepsMax);
    Arbitrary<List<S>> another = steps.list().ofMinSize(1).ofMaxSize(stepsMax);
    Arbitrary<List<S>> third = steps.list().ofMaxSize(stepsMax / 2);
    return Combinators.combine(one, another, third)
        .as((a, b, c) -> {
          int most = c.isEmpty() ? stepsMax : stepsMax / 2 + 1;
          return new Generated<>(
              Stream.of(a, b, c)
                  .filter(task -> !task.isEmpty())
                  .map(task -> task.subList(0, Math.min(most, task.size())))
                  .toList());
        });
  }

  @Override
  public String toString() {
    return IntStream.range(0, tasks.size())
        .mapToObj(i -> "\n  t" + i + ": " + steps(tasks.get(i)))
        .collect(Collectors.joining());
  }

  private static String steps(List<?> steps) {
    return steps.stream().map(String::valueOf).collect(Collectors.joining("; "));
  }
}
