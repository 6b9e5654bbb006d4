// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kvmlab.lab.Check;
import kvmlab.lab.Essentials;
import kvmlab.lab.Exploration;
import kvmlab.lab.Finding;
import kvmlab.lab.Lab;
import kvmlab.lab.Scenario;
import kvmlab.lab.Stars;

/// Performs the runs that the chapters ask for, before they are converted.
///
/// Each run explores a scenario of an exercise, with its solution or with a mutant of it. A
/// solution must pass and a mutant must be caught: a book that shows a race which is none is
/// refused.
public final class Traces {

  private static final Pattern MINUTES = Pattern.compile("(?m)^:minutes: *(\\d+)$");

  private final Path course;
  private final Path out;

  Traces(Path course, Path out) {
    this.course = course;
    this.out = out;
  }

  /// Writes a file for each run and exercise that the chapters name, and compares the reports that
  /// README.adoc prints.
  ///
  /// A run that fails is written down, too, and is for its macro to report: that one knows the
  /// place in the text.
  ///
  /// @param args the root of the project, and the folder to write to
  public static void main(String[] args) throws IOException {
    List<String> failures = new Traces(Path.of(args[0]), Path.of(args[1])).perform();
    failures.forEach(failure -> System.err.println("[ERROR] " + failure));
    if (!failures.isEmpty()) {
      System.exit(1);
    }
  }

  /// Performs every run, and returns what is wrong with README.adoc.
  List<String> perform() throws IOException {
    clear();
    Wanted wanted = Wanted.in(course.resolve("chapters"));
    for (String run : wanted.runs()) {
      attempt(run, name -> told(explore(name)).json());
    }
    for (String exercise : wanted.exercises()) {
      attempt(exercise, this::describe);
    }
    for (String designs : wanted.designs()) {
      attempt(designs, name -> Designs.sheet().json());
    }
    List<String> failures = new ArrayList<>();
    for (Reprint reprint : Reprint.in(course.resolve("README.adoc"))) {
      compare(reprint, failures);
    }
    return failures;
  }

  private void compare(Reprint reprint, List<String> failures) throws IOException {
    try {
      String now = explore(reprint.run()).explain();
      if (!now.equals(reprint.report())) {
        failures.add(reprint.run() + ": README.adoc prints another report than\n" + now);
      }
    } catch (ReflectiveOperationException | LinkageError e) {
      failures.add(reprint.run() + ": cannot be loaded: " + e);
    }
  }

  /// What makes the text of a file, given its name.
  private interface Maker {
    String make(String name) throws IOException, ReflectiveOperationException;
  }

  private void attempt(String name, Maker maker) throws IOException {
    try {
      Files.writeString(out.resolve(name + ".json"), maker.make(name));
    } catch (IOException e) {
      fail(name, String.valueOf(e.getMessage()));
    } catch (ReflectiveOperationException | LinkageError e) {
      fail(name, "cannot be loaded: " + e);
    }
  }

  private void fail(String name, String why) throws IOException {
    Files.writeString(out.resolve(name + Runs.FAILED), why);
  }

  /// Forgets earlier builds: what this one does not perform must not be printed.
  private void clear() throws IOException {
    Files.createDirectories(out);
    try (Stream<Path> files = Files.walk(out)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        if (!file.equals(out)) {
          Files.delete(file);
        }
      }
    }
  }

  private Exploration explore(String run) throws IOException, ReflectiveOperationException {
    String[] names = run.split("\\+", 2);
    String mutant = names.length == 2 ? names[1] : null;
    Solution solution = Solution.find(course, names[0].replaceFirst("\\..*", ""));
    Exploration found;
    try (URLClassLoader loader = solution.load(mutant, out.resolve("mutants"))) {
      Class<?> scenario = loader.loadClass(names[0]);
      found = Lab.explore((Scenario) scenario.getDeclaredConstructor().newInstance());
    }
    if (mutant == null && found.finding().isPresent()) {
      throw new IOException("the solution breaks its own scenario\n" + found.explain());
    }
    if (mutant != null && found.finding().isEmpty()) {
      throw new IOException("the mutant survives this scenario: " + found.bound());
    }
    return found;
  }

  private static Run told(Exploration found) {
    Run.Explored explored = new Run.Explored(found.schedules(), found.exhausted(), found.bound());
    return found
        .finding()
        .map(finding -> told(found, finding, explored))
        .orElseGet(() -> Run.passed(found.scenario(), found.verdict(), explored));
  }

  private static Run told(Exploration found, Finding finding, Run.Explored explored) {
    return new Run(
        Run.SCHEMA,
        found.scenario(),
        finding.token().toString(),
        found.verdict(),
        finding.violation().invariant(),
        finding.violation().expected(),
        finding.violation().seen(),
        finding.likelyCause().orElse(null),
        finding.trace().tasks(),
        Essentials.of(finding.trace()).stream()
            .map(event ->
                new Run.Step(
                    event.task(),
                    event.kind().name(),
                    event.depth(),
                    event.text(),
                    event.object(),
                    event.value(),
                    event.stale()))
            .toList(),
        explored);
  }

  /// The checks of an exercise, ordered by task.
  private String describe(String exercise) throws IOException, ReflectiveOperationException {
    Solution solution = Solution.find(course, exercise);
    List<Exercise.Check> checks = new ArrayList<>();
    try (URLClassLoader loader = solution.load(null, out)) {
      for (String name : solution.checkClasses()) {
        for (Method method : loader.loadClass(name).getDeclaredMethods()) {
          Check check = method.getAnnotation(Check.class);
          if (check != null) {
            int points = Stars.points(check.stars());
            checks.add(new Exercise.Check(check.task(), check.stars(), points, check.title()));
          }
        }
      }
    }
    if (checks.isEmpty()) {
      throw new IOException("the exercise has no checks");
    }
    checks.sort(Comparator.comparing(Exercise.Check::task).thenComparing(Exercise.Check::title));
    return new Exercise(exercise, minutes(exercise), checks).json();
  }

  private int minutes(String exercise) throws IOException {
    Path readme = course.resolve("exercises").resolve(exercise).resolve("README.adoc");
    Matcher minutes = MINUTES.matcher(Files.readString(readme));
    if (!minutes.find()) {
      throw new IOException(readme + " declares no :minutes:");
    }
    return Integer.parseInt(minutes.group(1));
  }
}
