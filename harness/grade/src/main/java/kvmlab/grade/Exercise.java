// SPDX-License-Identifier: MIT
package kvmlab.grade;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// One exercise: the folder `exercises/exNN-slug` and its twin `solutions/exNN-slug`.
///
/// @param course absolute path of the course
/// @param slug the folder's name, `ex02-retry`
public record Exercise(Path course, String slug) implements Comparable<Exercise> {

  /// `src/main/java`, in the stub, the solution and every variant.
  public static final String MAIN = "src/main/java";

  /// The id `ex02`, which is also the package.
  public String id() {
    return slug.substring(0, slug.indexOf('-'));
  }

  /// The folder that the learner works in.
  public Path folder() {
    return course.resolve("exercises").resolve(slug);
  }

  /// The folder of the worked answer, its variants and mutants; absent in a handout.
  public Path solution() {
    return course.resolve("solutions").resolve(slug);
  }

  /// Paths of the files a learner hands in, relative to the folder that holds all exercises:
  /// `ex02-retry/src/main/java/ex02/PageFault.java`.
  ///
  /// The solution has a file for every stub, so it decides; a file that a learner deleted or added
  /// changes nothing. A handout has no solutions: there, the exercise's own folder decides.
  public List<String> files() {
    Path twin = solution().resolve(MAIN);
    Path main = Files.isDirectory(twin) ? twin : folder().resolve(MAIN);
    return sources(main).stream().map(file -> slug + "/" + MAIN + "/" + file).toList();
  }

  /// The folder with the compiled checks, built beside the solution or, in a handout, beside the
  /// stub.
  public Path checkClasses() {
    Path twin = solution().resolve("target/test-classes");
    return Files.isDirectory(twin) ? twin : folder().resolve("target/test-classes");
  }

  /// The title: the first heading of the exercise's README, or the slug.
  public String title() {
    try (Stream<String> lines = Files.lines(folder().resolve("README.adoc"))) {
      return lines
          .filter(line -> line.startsWith("= "))
          .findFirst()
          .map(line -> line.substring(2).strip())
          .orElse(slug);
    } catch (IOException | UncheckedIOException e) {
      return slug;
    }
  }

  boolean isCalled(String name) {
    return name.equals(id())
        || name.equals(slug)
        || (name.matches("\\d{1,2}")
            && Integer.parseInt(name) == Integer.parseInt(id().substring(2)));
  }

  /// The `.java` files below `main`, as sorted relative paths with slashes.
  public static List<String> sources(Path main) {
    if (!Files.isDirectory(main)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(main)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .map(file -> main.relativize(file).toString().replace('\\', '/'))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public int compareTo(Exercise other) {
    return slug.compareTo(other.slug);
  }
}
