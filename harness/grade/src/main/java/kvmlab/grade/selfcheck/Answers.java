// SPDX-License-Identifier: MIT
package kvmlab.grade.selfcheck;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kvmlab.grade.Exercise;
import kvmlab.grade.Stubs;

/// Everything the staff has to say on one exercise, found by directory.
///
/// @param all stub, solution, variants and mutants, ready to be tried
/// @param mutants the mutants among them
/// @param malformed what keeps a patch from being a mutant
record Answers(List<Trial.Answer> all, List<Mutant> mutants, List<String> malformed) {

  static final String STUB = "stub";
  static final String SOLUTION = "solution";
  static final String VARIANT = "variant ";
  static final String MUTANT = "mutant ";

  static Answers of(Exercise exercise) throws IOException {
    List<Trial.Answer> all = new ArrayList<>();
    List<Mutant> mutants = new ArrayList<>();
    List<String> malformed = new ArrayList<>();
    Map<String, String> solution = sources(exercise, exercise.solution());
    all.add(new Trial.Answer(STUB, Stubs.of(exercise)));
    all.add(new Trial.Answer(SOLUTION, solution));
    for (Path folder : Folders.variants(exercise)) {
      // A variant holds the files that differ; the rest is the solution's.
      Map<String, String> sources = new TreeMap<>(solution);
      sources.putAll(sources(exercise, folder));
      all.add(new Trial.Answer(VARIANT + folder.getFileName(), sources));
    }
    for (Path patch : Folders.mutants(exercise)) {
      try {
        Mutant mutant = Mutant.read(patch);
        all.add(
            new Trial.Answer(MUTANT + mutant.name(), mutant.applyTo(exercise.slug(), solution)));
        mutants.add(mutant);
      } catch (Mutant.Malformed e) {
        malformed.add(e.getMessage());
      }
    }
    return new Answers(all, mutants, malformed);
  }

  private static Map<String, String> sources(Exercise exercise, Path folder) throws IOException {
    Map<String, String> sources = new TreeMap<>();
    Path main = folder.resolve(Exercise.MAIN);
    for (String file : Exercise.sources(main)) {
      sources.put(
          exercise.slug() + "/" + Exercise.MAIN + "/" + file, Files.readString(main.resolve(file)));
    }
    return sources;
  }
}
