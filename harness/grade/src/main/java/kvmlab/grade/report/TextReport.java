// SPDX-License-Identifier: MIT
package kvmlab.grade.report;

import com.google.auto.service.AutoService;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kvmlab.grade.ExerciseResult;
import kvmlab.grade.Explored;
import kvmlab.grade.GradeRecord;
import kvmlab.grade.Outcome;
import kvmlab.grade.Status;
import kvmlab.grade.TestResult;
import kvmlab.grade.Verdict;
import kvmlab.grade.compile.Problem;

/// What a learner reads: the verdict first, then the points of every task, the first failure in
/// full, and what to do next.
@AutoService(ReportFormat.class)
public final class TextReport implements ReportFormat {

  private static final int PROBLEMS_SHOWN = 5;
  private static final int OUTPUT_SHOWN = 10;

  @Override
  public String name() {
    return "text";
  }

  @Override
  public String render(GradeRecord grade) {
    StringBuilder out = new StringBuilder();
    for (ExerciseResult exercise : grade.exercises()) {
      if (!out.isEmpty()) {
        out.append('\n');
      }
      render(out, grade, exercise);
    }
    for (String note : grade.notes()) {
      out.append("note: ").append(note).append('\n');
    }
    if (grade.exercises().size() > 1) {
      out.append("total: %d of %d points%n".formatted(grade.points(), grade.max()));
    }
    return out.toString();
  }

  private static void render(StringBuilder out, GradeRecord grade, ExerciseResult exercise) {
    out.append(exercise.verdict().word()).append("  ").append(exercise.slug()).append("  ");
    out.append(exercise.title()).append("\n\n");
    List<TestResult> tests = exercise.tests();
    if (exercise.problems().isEmpty()) {
      renderTasks(out, exercise);
      if (exercise.verdict() != Verdict.TODO) {
        List<TestResult> failures =
            tests.stream().filter(test -> test.status() != Status.PASS).toList();
        renderFailures(out, failures);
      }
      if (exercise.verdict() == Verdict.PASS) {
        renderCoverage(out, tests);
      }
    } else {
      renderProblems(out, exercise.problems());
    }
    out.append("%d of %d points%n".formatted(exercise.points(), exercise.max()));
    out.append(next(grade, exercise));
  }

  private static void renderTasks(StringBuilder out, ExerciseResult exercise) {
    boolean todo = exercise.verdict() == Verdict.TODO;
    TreeMap<Integer, List<TestResult>> tasks =
        exercise.tests().stream()
            .collect(
                Collectors.groupingBy(
                    test -> test.check().task(), TreeMap::new, Collectors.toList()));
    tasks.forEach((task, its) -> {
      int points = its.stream().mapToInt(TestResult::points).sum();
      int max = its.stream().mapToInt(test -> test.check().max()).sum();
      out.append("  task %d: %d of %d%n".formatted(task, points, max));
      for (TestResult test : its) {
        out.append("    %-10s %s%n".formatted(word(test, todo), test.check().title()));
      }
    });
    out.append('\n');
  }

  private static String word(TestResult test, boolean todo) {
    return switch (test.status()) {
      case PASS -> "pass";
      case NOT_RUN -> "not run";
      default -> todo ? "todo" : test.verdict().word().toLowerCase(Locale.ROOT);
    };
  }

  /// The first failure in full, the others in a line each.
  private static void renderFailures(StringBuilder out, List<TestResult> failures) {
    if (failures.isEmpty()) {
      return;
    }
    renderFailure(out, failures.getFirst());
    List<TestResult> others = failures.stream().skip(1).filter(TextReport::hasRun).toList();
    for (TestResult test : others) {
      out.append("also ").append(test.verdict().word()).append("  ").append(brief(test));
      out.append('\n');
    }
    out.append(others.isEmpty() ? "" : "\n");
  }

  /// A failure in one line: how to see it, or else what it says.
  private static String brief(TestResult test) {
    if (test.replay() == null) {
      return test.message().lines().findFirst().orElse("");
    }
    String invariant = test.invariant() == null ? "" : "(" + test.invariant() + ")";
    return "%-5s ./course replay %s".formatted(invariant, test.replay());
  }

  private static boolean hasRun(TestResult test) {
    return test.status() != Status.NOT_RUN;
  }

  private static void renderFailure(StringBuilder out, TestResult test) {
    if (test.detail().isEmpty()) {
      out.append(test.verdict().word()).append("  ").append(test.check().title()).append('\n');
      out.append(test.message().strip().indent(2));
    } else {
      out.append(test.detail().stripTrailing()).append('\n');
    }
    if (!test.output().isBlank()) {
      renderOutput(out, test.output().stripTrailing().lines().toList());
    }
    out.append('\n');
  }

  private static void renderOutput(StringBuilder out, List<String> lines) {
    out.append("\nprinted meanwhile:\n");
    lines.stream().limit(OUTPUT_SHOWN).forEach(line -> out.append(line.indent(2)));
    out.append(lines.size() > OUTPUT_SHOWN ? "  ...\n" : "");
  }

  private static void renderProblems(StringBuilder out, List<Problem> problems) {
    for (Problem problem : problems.subList(0, Math.min(PROBLEMS_SHOWN, problems.size()))) {
      out.append(problem.render()).append("\n\n");
    }
    if (problems.size() > PROBLEMS_SHOWN) {
      out.append("and %d more%n%n".formatted(problems.size() - PROBLEMS_SHOWN));
    }
  }

  /// What a pass means, and what it does not.
  private static void renderCoverage(StringBuilder out, List<TestResult> tests) {
    List<Explored> all =
        tests.stream().flatMap(test -> Stream.ofNullable(test.explored())).toList();
    if (all.isEmpty()) {
      return;
    }
    long schedules = all.stream().mapToLong(Explored::schedules).sum();
    boolean exhausted = all.stream().allMatch(Explored::exhausted);
    out.append("explored ").append(schedules).append(" schedules, ");
    out.append(exhausted ? "every one there is:\n" : "not every one there is:\n");
    all.stream()
        .map(Explored::bound)
        .distinct()
        .forEach(bound -> out.append("  ").append(bound).append('\n'));
    out.append("not covered: more tasks, more steps or other starts than the scenarios have,\n");
    out.append("  and what real hardware does beyond the model of memory\n\n");
  }

  private static String next(GradeRecord grade, ExerciseResult exercise) {
    if (grade.outcome() == Outcome.INFRASTRUCTURE || grade.outcome() == Outcome.INTEGRITY) {
      return "next: this is no grade; try again, and ./course doctor if it stays\n";
    }
    String file = exercise.files().isEmpty() ? exercise.slug() : exercise.files().getFirst();
    String id = exercise.id();
    return switch (exercise.verdict()) {
      case TODO -> "next: open %s and do TODO 1, then ./course check %s%n".formatted(file, id);
      case DOES_NOT_COMPILE -> "next: mend the line above, then ./course check %s%n".formatted(id);
      case FORBIDDEN, STUCK ->
          "next: mend %s, then ./course check %s (stuck? ./course hint %s)%n"
              .formatted(file, id, id);
      case PASS -> "";
      case NOT_GRADED -> "next: hand in %s%n".formatted(file);
    };
  }
}
