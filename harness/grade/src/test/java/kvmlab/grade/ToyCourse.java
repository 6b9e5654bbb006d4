// SPDX-License-Identifier: MIT
package kvmlab.grade;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/// A course with one tiny exercise, copied from the test resources and compiled.
public final class ToyCourse {

  private ToyCourse() {}

  /// A fresh toy course below `folder`.
  public static Course in(Path folder) throws IOException {
    Path root = Files.createDirectories(folder.resolve("toy"));
    copy(resources(), root);
    for (Exercise exercise : new Course(root).exercises()) {
      compileChecks(exercise);
    }
    return new Course(root);
  }

  /// Replaces the learner's file.
  public static void write(Course course, String text) throws IOException {
    Files.writeString(
        course.root().resolve("exercises/ex01-halve/src/main/java/ex01/Halve.java"), text);
  }

  /// The text of the solution.
  public static String solution(Course course) throws IOException {
    return Files.readString(
        course.root().resolve("solutions/ex01-halve/src/main/java/ex01/Halve.java"));
  }

  private static Path resources() {
    try {
      return Path.of(Objects.requireNonNull(ToyCourse.class.getResource("/toy")).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Copies the folder `from` into the folder `to`.
  public static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  private static void compileChecks(Exercise exercise) throws IOException {
    Path out = Files.createDirectories(exercise.solution().resolve("target/test-classes"));
    Path main = Files.createDirectories(exercise.solution().resolve("target/classes"));
    compile(main, exercise.solution().resolve(Exercise.MAIN), List.of());
    compile(out, exercise.folder().resolve("src/test/java"), List.of(main));
  }

  private static void compile(Path out, Path sources, List<Path> more) {
    List<String> arguments =
        new ArrayList<>(List.of("-proc:none", "-parameters", "-d", out.toString(), "-cp"));
    String own =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    arguments.add(more.isEmpty() ? own : own + java.io.File.pathSeparator + more.getFirst());
    Exercise.sources(sources).forEach(file -> arguments.add(sources.resolve(file).toString()));
    int code =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    if (code != 0) {
      throw new IllegalStateException("the toy course does not compile");
    }
  }
}
