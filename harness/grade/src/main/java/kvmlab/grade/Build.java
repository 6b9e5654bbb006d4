// SPDX-License-Identifier: MIT
package kvmlab.grade;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import kvmlab.grade.compile.Compiled;
import kvmlab.grade.compile.Problem;
import kvmlab.grade.compile.SourceCompiler;
import kvmlab.grade.compile.Visible;
import kvmlab.grade.gate.Gate;
import kvmlab.grade.gate.Signatures;
import kvmlab.grade.run.Job;
import kvmlab.lab.instrument.Instrumenter;

/// One answer to one exercise, compiled and inspected.
///
/// @param compiled what javac said, and whether the checks still find what they use
/// @param refused what the gate refused; empty if there are no classes
/// @param job what a worker needs, the classes instrumented; worth running only if both are fine
public record Build(Compiled compiled, List<Problem> refused, Job job) {

  private static final String TOO_LARGE =
      "has a method that is too large to be watched, which is refused: split it";

  /// Compiles and inspects `sources`, by their path below `exercises/`.
  ///
  /// @param shown from such a path to what a reader would type
  /// @throws GraderFault if the checks cannot be read
  public static Build of(
      SourceCompiler compiler,
      Exercise exercise,
      Map<String, String> sources,
      UnaryOperator<String> shown)
      throws GraderFault {
    Visible visible = Visible.of(Stubs.of(exercise).values());
    Map<String, String> byShownName = new TreeMap<>();
    sources.forEach((file, text) -> byShownName.put(shown.apply(file), text));
    Map<String, byte[]> checks = ManifestReader.classFiles(exercise.checkClasses());

    Compiled compiled = compiler.compile(byShownName, visible);
    UnaryOperator<String> bySimpleName = name -> shown.apply(find(sources, name));
    List<Problem> refused =
        Gate.inspect(
            exercise.id(),
            compiled.classes(),
            visible.packages().contains("kvmlab.lab"),
            checks.keySet(),
            bySimpleName);
    if (compiled.ok() && refused.isEmpty()) {
      compiled = requireSignatures(exercise, compiled, checks, bySimpleName);
    }
    Map<String, byte[]> classes = Map.of();
    if (compiled.ok() && refused.isEmpty()) {
      try {
        classes = Instrumenter.instrument(compiled.classes());
      } catch (IllegalArgumentException e) {
        refused = List.of(Problem.at(byShownName.keySet().iterator().next(), 0, TOO_LARGE));
      }
    }
    return new Build(compiled, refused, new Job(exercise.checkClasses(), classes));
  }

  private static Compiled requireSignatures(
      Exercise exercise,
      Compiled compiled,
      Map<String, byte[]> checks,
      UnaryOperator<String> shown) {
    Set<Signatures.Missing> missing = Signatures.missing(exercise.id(), compiled.classes(), checks);
    if (missing.isEmpty()) {
      return compiled;
    }
    List<Problem> problems =
        missing.stream()
            .map(gone ->
                Problem.at(
                    shown.apply(gone.file()),
                    0,
                    "error: the checks use "
                        + gone.what()
                        + ", which is gone: give it back as the stub has it"))
            .toList();
    return new Compiled(Map.of(), problems);
  }

  /// The path that ends in the simple file name `name`.
  private static String find(Map<String, String> sources, String name) {
    return sources.keySet().stream()
        .filter(file -> file.endsWith("/" + name))
        .findFirst()
        .orElse(name);
  }
}
