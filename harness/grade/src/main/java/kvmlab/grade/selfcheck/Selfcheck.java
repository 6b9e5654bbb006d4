// SPDX-License-Identifier: MIT
package kvmlab.grade.selfcheck;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import kvmlab.grade.Course;
import kvmlab.grade.Exercise;
import kvmlab.grade.GraderFault;
import kvmlab.grade.Manifest;
import kvmlab.grade.ManifestReader;
import kvmlab.grade.run.WorkerCommand;

/// Proves laws 1 to 5 of the course on every exercise: one line per law and exercise, and at the
/// end a table of the mutants.
public final class Selfcheck {

  private final Exercise exercise;
  private final Manifest manifest;
  private final Consumer<String> print;
  private final Consumer<String> show;
  private int offences;

  private Selfcheck(
      Exercise exercise, Manifest manifest, Consumer<String> print, Consumer<String> show) {
    this.exercise = exercise;
    this.manifest = manifest;
    this.print = print;
    this.show = show;
  }

  /// Proves the laws on `exercises`; true if none is offended against.
  ///
  /// @param print takes the report, piece by piece
  /// @param show takes what is going on, empty for nothing
  /// @throws GraderFault if a worker cannot be had, or the checks are not built
  public static boolean of(
      Course course, List<Exercise> exercises, Consumer<String> print, Consumer<String> show)
      throws GraderFault, IOException {
    long start = System.nanoTime();
    int offences = exercises.isEmpty() ? 1 : 0;
    int checks = 0;
    try (Benches benches = new Benches(WorkerCommand.standard());
        Benches fallback = new Benches(WorkerCommand.fallback())) {
      for (Exercise exercise : exercises) {
        Selfcheck selfcheck = new Selfcheck(exercise, ManifestReader.read(exercise), print, show);
        selfcheck.run(benches, fallback);
        offences += selfcheck.offences;
        checks += selfcheck.manifest.checks().size();
      }
    }
    show.accept("");
    print.accept(
        "%n%d exercises, %d checks: %s in %.1f s%n"
            .formatted(
                exercises.size(),
                checks,
                offences == 0 ? "every law holds" : offences + " offences",
                (System.nanoTime() - start) / 1e9));
    return offences == 0;
  }

  private void run(Benches benches, Benches fallback) throws GraderFault, IOException {
    law(4, "the stub is what the markers of the solution say", Laws.marked(exercise));
    law(4, "nothing unexpected lies in the folders", Laws.tidy(exercise));

    Answers answers = Answers.of(exercise);
    law(2, answers.mutants().size() + " mutants apply", answers.malformed());
    List<Trial> trials = benches.run(exercise, manifest, answers.all(), show);
    Map<String, Trial> byName = new LinkedHashMap<>();
    trials.forEach(trial -> byName.put(trial.name(), trial));

    Trial stub = get(byName, Answers.STUB);
    law(1, "the stub compiles and scores 0 of " + manifest.max(), Laws.stub(stub));
    for (Trial trial : trials) {
      if (!trial.name().equals(Answers.STUB) && !trial.name().startsWith(Answers.MUTANT)) {
        law(
            1,
            trial.name()
                + " gets "
                + manifest.max()
                + " of "
                + manifest.max()
                + ", "
                + trial.schedules()
                + " schedules, all there are",
            Laws.correct(trial));
      }
    }
    List<Trial> mutants = new ArrayList<>();
    for (Mutant mutant : answers.mutants()) {
      Trial trial = get(byName, Answers.MUTANT + mutant.name());
      mutants.add(trial);
      law(2, "mutant " + mutant.name() + " is killed", Laws.killed(mutant, trial));
    }
    law(2, "every check kills a mutant", Laws.useful(manifest, mutants));
    int replayed = trials.stream().mapToInt(Trial::replayed).sum();
    law(3, replayed + " tokens replay to the same trace", Laws.faithful(trials));
    law(3, "the same grade on one core, on threads", again(fallback, answers, byName));
    law(
        5,
        manifest.checks().size() + " checks ran, as many as there are",
        Laws.complete(manifest, trials));
    print.accept(table(answers, byName));
  }

  /// Grades everything a second time, by the engine that stands in where continuations are missing.
  private List<String> again(Benches fallback, Answers answers, Map<String, Trial> first)
      throws GraderFault {
    List<String> offences = new ArrayList<>();
    for (Trial second : fallback.run(exercise, manifest, answers.all(), show)) {
      offences.addAll(Laws.same(get(first, second.name()), second, "on threads"));
    }
    return offences;
  }

  private void law(int number, String what, List<String> found) {
    show.accept("");
    offences += found.size();
    print.accept(
        "%-6s  law %d  %s  %s%n"
            .formatted(found.isEmpty() ? "ok" : "FAILED", number, exercise.id(), what));
    found.forEach(offence -> print.accept(offence.indent(8)));
  }

  /// Who kills whom: the check named by the header first, then how many besides.
  private static String table(Answers answers, Map<String, Trial> byName) {
    StringBuilder out = new StringBuilder();
    if (!answers.mutants().isEmpty()) {
      out.append("%n  %-32s %-52s %9s%n".formatted("mutant", "killed by", "schedules"));
    }
    for (Mutant mutant : answers.mutants()) {
      Trial trial = get(byName, Answers.MUTANT + mutant.name());
      Set<String> killers = Laws.killers(trial);
      int others = killers.size() - 1;
      String text =
          killers.isEmpty()
              ? "NOTHING"
              : mutant.killedBy().getFirst() + (others > 0 ? " +" + others : "");
      out.append("  %-32s %-52s %9d%n".formatted(mutant.name(), text, trial.schedules()));
    }
    return out.toString();
  }

  private static Trial get(Map<String, Trial> trials, String name) {
    Trial trial = trials.get(name);
    if (trial == null) {
      throw new IllegalStateException("no trial of " + name);
    }
    return trial;
  }
}
