// SPDX-License-Identifier: MIT
package kvmlab.grade.selfcheck;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kvmlab.grade.Exercise;

/// What may lie in the folders of an exercise and of its solution.
final class Folders {

  /// Built or kept by tools, and ignored by git.
  private static final Pattern IGNORED =
      Pattern.compile("target/.*|(.*/)?\\.[^/]+(/.*)?|[^/]+\\.iml");

  private Folders() {}

  /// The files that have no business there, as paths from the course's root.
  static List<String> unexpected(Exercise exercise) throws IOException {
    String java = "java/" + exercise.id() + "/.+\\.java";
    Pattern own =
        Pattern.compile(
            "pom\\.xml|README\\.adoc|hints\\.adoc|src/(main|test)/"
                + java
                + "|src/test/resources/junit-platform\\.properties");
    Pattern staff =
        Pattern.compile(
            "pom\\.xml|README\\.adoc|src/main/"
                + java
                + "|variants/[a-z0-9-]+/src/main/"
                + java
                + "|mutants/[a-z0-9-]+\\.patch");
    List<String> unexpected = new ArrayList<>();
    collect(exercise, exercise.folder(), own, unexpected);
    collect(exercise, exercise.solution(), staff, unexpected);
    return unexpected;
  }

  /// The folders of the variants, by name.
  static List<Path> variants(Exercise exercise) throws IOException {
    return list(exercise.solution().resolve("variants"));
  }

  static List<Path> mutants(Exercise exercise) throws IOException {
    return list(exercise.solution().resolve("mutants")).stream()
        .filter(file -> file.toString().endsWith(".patch"))
        .toList();
  }

  private static List<Path> list(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    }
  }

  private static void collect(
      Exercise exercise, Path folder, Pattern expected, List<String> unexpected)
      throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files.sorted()::iterator) {
        String name = folder.relativize(file).toString().replace('\\', '/');
        if (!Files.isDirectory(file)
            && !IGNORED.matcher(name).matches()
            && !expected.matcher(name).matches()) {
          unexpected.add(exercise.course().relativize(file).toString());
        }
      }
    }
  }
}
