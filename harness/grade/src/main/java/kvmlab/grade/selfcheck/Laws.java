// SPDX-License-Identifier: MIT
package kvmlab.grade.selfcheck;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import kvmlab.grade.CheckSpec;
import kvmlab.grade.Exercise;
import kvmlab.grade.Explored;
import kvmlab.grade.Manifest;
import kvmlab.grade.Status;
import kvmlab.grade.TestResult;
import kvmlab.grade.compile.Problem;

/// The laws of the course, each a list of what offends against it.
final class Laws {

  private Laws() {}

  /// Law 1, the stub: it compiles, and scores nothing.
  static List<String> stub(Trial stub) {
    List<String> offences = problems(stub);
    for (TestResult test : stub.results()) {
      if (test.status() == Status.PASS) {
        offences.add("the stub passes " + test.check().id());
      } else if (test.status() != Status.FAIL) {
        offences.add("the stub ends in " + test.status().word() + ": " + test.check().id());
      }
    }
    return offences;
  }

  /// Law 1, the solution and each variant: full marks, and nothing within the bound left out.
  static List<String> correct(Trial answer) {
    List<String> offences = problems(answer);
    for (TestResult test : answer.results()) {
      Explored explored = test.explored();
      if (test.status() != Status.PASS) {
        offences.add(answer.name() + " fails " + test.check().id() + ": " + firstLine(test));
      } else if (explored != null && !explored.exhausted()) {
        offences.add(answer.name() + " is not explored to the end by " + test.check().id());
      }
    }
    return offences;
  }

  /// Law 2: the mutant compiles, and the checks that its header names fail.
  static List<String> killed(Mutant mutant, Trial trial) {
    List<String> offences = problems(trial);
    Set<String> killers = killers(trial);
    for (String named : mutant.killedBy()) {
      if (trial.problems().isEmpty() && !killers.contains(named)) {
        String others = killers.isEmpty() ? "nothing" : String.join(", ", killers);
        offences.add(mutant.name() + " survives " + named + "; killed by " + others);
      }
    }
    return offences;
  }

  /// The checks that fail on a trial. A timeout kills nothing: time decides no law.
  static Set<String> killers(Trial trial) {
    return trial.results().stream()
        .filter(test -> test.status() == Status.FAIL)
        .map(test -> test.check().id())
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /// Law 2: every check kills at least one mutant.
  static List<String> useful(Manifest manifest, List<Trial> mutants) {
    Set<String> killers = new TreeSet<>();
    mutants.forEach(mutant -> killers.addAll(killers(mutant)));
    return manifest.checks().stream()
        .map(CheckSpec::id)
        .filter(id -> !killers.contains(id))
        .map(id -> id + " kills no mutant")
        .toList();
  }

  /// Law 3: every printed token replays to the same trace.
  static List<String> faithful(List<Trial> trials) {
    List<String> offences = new ArrayList<>();
    for (Trial trial : trials) {
      for (String token : trial.unfaithful()) {
        offences.add(trial.name() + ": the replay of " + token + " differs");
      }
    }
    return offences;
  }

  /// Law 3: the same grade again, from another worker.
  static List<String> same(Trial first, Trial second, String how) {
    List<String> offences = new ArrayList<>();
    for (int i = 0; i < first.results().size(); i++) {
      TestResult one = first.results().get(i);
      TestResult other = i < second.results().size() ? second.results().get(i) : null;
      if (!one.equals(other)) {
        offences.add(first.name() + " is graded otherwise " + how + ": " + one.check().id());
      }
    }
    return offences;
  }

  /// Law 4: stub and solution differ only inside the marked regions.
  static List<String> marked(Exercise exercise) throws IOException {
    return StubWriter.stale(exercise).stream()
        .map(file -> file + " is not what the markers say; next: ./course selfcheck --write-stubs")
        .toList();
  }

  /// Law 4: nothing unexpected lies in either folder.
  static List<String> tidy(Exercise exercise) throws IOException {
    return Folders.unexpected(exercise).stream().map(file -> file + " is unexpected").toList();
  }

  /// Law 5: as many checks ran as the manifest has.
  static List<String> complete(Manifest manifest, List<Trial> trials) {
    Set<String> all =
        manifest.checks().stream()
            .map(CheckSpec::id)
            .collect(Collectors.toCollection(TreeSet::new));
    List<String> offences = new ArrayList<>();
    for (Trial trial : trials) {
      Set<String> ran =
          trial.results().stream()
              .map(test -> test.check().id())
              .collect(Collectors.toCollection(TreeSet::new));
      if (trial.problems().isEmpty() && !ran.equals(all)) {
        offences.add(trial.name() + ": " + ran.size() + " of " + all.size() + " checks ran");
      }
    }
    return offences;
  }

  private static List<String> problems(Trial trial) {
    return trial.problems().stream()
        .map(Problem::render)
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private static String firstLine(TestResult test) {
    return test.message().lines().findFirst().orElse(test.status().word());
  }
}
