// SPDX-License-Identifier: MIT
package kvmlab.grade;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.reflect.AccessFlag;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import kvmlab.grade.admit.Printable;
import kvmlab.grade.admit.Submission;
import kvmlab.grade.compile.Problem;
import kvmlab.grade.compile.SourceCompiler;
import kvmlab.grade.run.Limits;
import kvmlab.grade.run.Message;
import kvmlab.grade.run.WorkerCommand;
import kvmlab.grade.run.Workshop;

/// Runs the scenarios of an exercise on real threads. No points hang on it.
public final class Stressing {

  private static final String SCENARIO = "kvmlab/lab/Scenario";
  private static final int EXAMPLES_MAX = 20_000;

  private Stressing() {}

  /// What became of one scenario.
  ///
  /// @param scenario the simple name of its class
  /// @param threads how many tasks ran at the same time
  /// @param rounds how often the scenario ran
  /// @param events the events of all rounds
  /// @param nanos how long that took
  /// @param wrong how many rounds went wrong
  /// @param examples the first round of each way to go wrong, in paragraphs
  public record Row(
      String scenario,
      int threads,
      long rounds,
      long events,
      long nanos,
      long wrong,
      String examples) {}

  /// What became of all scenarios.
  ///
  /// @param rows one for each scenario, in alphabetical order; empty if none could run
  /// @param watchers which invariants watched
  /// @param refusal why none could run; empty if they did
  /// @param exitCode 0 if nothing wrong was seen, 1 if something was, else as for a grade
  public record Stress(List<Row> rows, String watchers, String refusal, int exitCode) {
    public Stress {
      rows = List.copyOf(rows);
    }
  }

  /// Runs every scenario of `exercise` on `submission`.
  ///
  /// @param time for all of them
  /// @param show told now and then what is going on
  /// @throws GraderFault if nothing can be run, and the submission is not to blame
  public static Stress stress(
      Submission submission, Exercise exercise, long seed, Duration time, Consumer<String> show)
      throws GraderFault {
    List<String> scenarios = scenarios(exercise);
    Map<String, String> sources = new TreeMap<>(Stubs.of(exercise));
    for (String file : exercise.files()) {
      if (submission.files().containsKey(file)) {
        sources.put(file, submission.text(file));
      }
    }
    Build build = Build.of(new SourceCompiler(), exercise, sources, submission::shown);
    if (!build.compiled().ok()) {
      return refusal(Verdict.DOES_NOT_COMPILE, Outcome.COMPILE_ERROR, build.compiled().problems());
    }
    if (!build.refused().isEmpty()) {
      return refusal(Verdict.FORBIDDEN, Outcome.REFUSED, build.refused());
    }
    List<Row> rows = new ArrayList<>();
    String watchers = "";
    try (Workshop workshop = Workshop.open(WorkerCommand.parallel(), Limits.DEFAULT)) {
      for (String scenario : scenarios) {
        String name = scenario.substring(scenario.lastIndexOf('.') + 1);
        Message request =
            Message.of("stress")
                .with("scenario", scenario)
                .with("seed", Long.toString(seed))
                .with("millis", Long.toString(time.toMillis() / scenarios.size()));
        show.accept(name);
        Message answer =
            workshop.stress(build.job(), request, soFar -> show.accept(progress(name, soFar)));
        rows.add(row(name, answer));
        watchers = answer.get("watchers");
      }
    }
    boolean wrong = rows.stream().anyMatch(row -> row.wrong() > 0);
    return new Stress(rows, watchers, "", wrong ? 1 : 0);
  }

  private static Stress refusal(Verdict verdict, Outcome outcome, List<Problem> problems) {
    String reason = verdict.word() + "\n\n" + problems.getFirst().render();
    return new Stress(List.of(), "", reason, outcome.exitCode());
  }

  /// The scenario classes among the checks, by their class files.
  private static List<String> scenarios(Exercise exercise) throws GraderFault {
    List<String> scenarios = new ArrayList<>();
    ManifestReader.classFiles(exercise.checkClasses())
        .forEach((name, bytes) -> {
          ClassModel model = ClassFile.of().parse(bytes);
          boolean isScenario =
              model.interfaces().stream().anyMatch(i -> i.asInternalName().equals(SCENARIO));
          if (isScenario && !model.flags().has(AccessFlag.ABSTRACT)) {
            scenarios.add(name);
          }
        });
    if (scenarios.isEmpty()) {
      throw GraderFault.integrity(exercise.slug() + " has no scenario to run");
    }
    return scenarios;
  }

  private static String progress(String scenario, Message soFar) {
    long wrong = number(soFar, "wrong");
    return "%s: %,d rounds, %s"
        .formatted(
            scenario,
            number(soFar, "rounds"),
            wrong == 0 ? "nothing wrong" : "%,d of them wrong".formatted(wrong));
  }

  private static Row row(String scenario, Message answer) {
    return new Row(
        scenario,
        (int) number(answer, "threads"),
        number(answer, "rounds"),
        number(answer, "events"),
        number(answer, "nanos"),
        number(answer, "wrong"),
        Printable.clip(answer.get("examples"), EXAMPLES_MAX));
  }

  private static long number(Message message, String field) {
    try {
      return Long.parseLong(message.get(field));
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
