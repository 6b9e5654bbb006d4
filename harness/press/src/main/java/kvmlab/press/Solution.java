// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The folder of a worked answer, found by name: it and its mutants are known at run time only.
///
/// @param folder for example `solutions/ex02-retry`, compiled, its checks too
record Solution(Path folder) {

  /// Finds the solution of an exercise.
  ///
  /// @param exercise the name of the folder, `ex02-retry`, or its number alone, `ex02`
  static Solution find(Path course, String exercise) throws IOException {
    try (Stream<Path> folders = Files.list(course.resolve("solutions"))) {
      return folders
          .filter(folder -> named(folder.getFileName().toString(), exercise))
          .filter(folder -> Files.exists(folder.resolve("pom.xml")))
          .findFirst()
          .map(Solution::new)
          .orElseThrow(() -> new IOException("there is no solution " + exercise));
    }
  }

  private static boolean named(String folder, String exercise) {
    return folder.equals(exercise) || folder.startsWith(exercise + "-");
  }

  private Path checks() {
    return folder.resolve("target/test-classes");
  }

  /// The names of the classes that hold the checks.
  List<String> checkClasses() throws IOException {
    try (Stream<Path> files = Files.walk(checks())) {
      return files
          .map(file -> checks().relativize(file).toString())
          .filter(name -> name.endsWith(".class"))
          .map(name -> name.replaceFirst("\\.class$", "").replace('/', '.').replace('\\', '.'))
          .sorted()
          .toList();
    }
  }

  /// Loads the checks with the answer, or with a mutant of it, apart from everything else.
  ///
  /// @param work a folder for the mutant's classes; those that are there are used again
  URLClassLoader load(@Nullable String mutant, Path work) throws IOException {
    Path answer = mutant == null ? folder.resolve("target/classes") : mutant(mutant, work);
    URL[] urls = {answer.toUri().toURL(), checks().toUri().toURL()};
    return new URLClassLoader(urls, Solution.class.getClassLoader());
  }

  private Path mutant(String name, Path work) throws IOException {
    Path own = work.resolve(folder.getFileName()).resolve(name);
    if (Files.exists(own)) {
      return own.resolve("classes");
    }
    Path patch = folder.resolve("mutants").resolve(name + ".patch");
    if (!Files.exists(patch)) {
      throw new IOException("there is no mutant " + name + " of " + folder.getFileName());
    }
    return Mutant.compile(folder, patch, own);
  }
}
