// SPDX-License-Identifier: MIT
package kvmlab.grade;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/// A course with two tiny exercises, one on numbers and one on a race, copied from the test
/// resources and compiled once.
public final class ToyCourse {

  /// Tests run in the folder of their module.
  private static final Path SOURCES = Path.of("..", "grade", "src", "test", "resources", "toy");

  private static final Path COMPILED = Path.of("target", "toy");

  private static boolean compiled;

  private ToyCourse() {}

  /// A fresh toy course below `folder`.
  public static Course in(Path folder) throws IOException {
    compileOnce();
    Path root = folder.resolve("toy");
    copy(COMPILED, root);
    return new Course(root.toRealPath());
  }

  /// The file that `exercise` asks for.
  public static Path file(Course course, String exercise) throws NoSuchExercise {
    String path = course.exercise(exercise).files().getFirst();
    return course.root().resolve("exercises").resolve(path);
  }

  /// The solution's text of that file.
  public static String solution(Course course, String exercise) throws IOException, NoSuchExercise {
    String path = course.exercise(exercise).files().getFirst();
    return Files.readString(course.root().resolve("solutions").resolve(path));
  }

  /// Copies the folder `from` to `to`.
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

  private static synchronized void compileOnce() throws IOException {
    if (compiled) {
      return;
    }
    delete(COMPILED);
    copy(SOURCES, COMPILED);
    for (Exercise exercise : new Course(COMPILED.toAbsolutePath()).exercises()) {
      Path main = Files.createDirectories(exercise.solution().resolve("target/classes"));
      Path test = Files.createDirectories(exercise.solution().resolve("target/test-classes"));
      compile(main, exercise.solution().resolve(Exercise.MAIN), classPath());
      compile(
          test,
          exercise.folder().resolve("src/test/java"),
          classPath() + File.pathSeparator + main);
    }
    compiled = true;
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  private static void compile(Path out, Path sources, String classPath) {
    List<String> arguments =
        new ArrayList<>(List.of("-proc:none", "-d", out.toString(), "-cp", classPath));
    for (String file : Exercise.sources(sources)) {
      arguments.add(sources.resolve(file).toString());
    }
    int code =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    if (code != 0) {
      throw new IllegalStateException("the toy course does not compile");
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
