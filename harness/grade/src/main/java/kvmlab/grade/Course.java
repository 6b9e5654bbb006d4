// SPDX-License-Identifier: MIT
package kvmlab.grade;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The folder that holds the course, and the exercises found in it.
///
/// Nothing is registered anywhere: a folder `exercises/exNN-slug` with a `pom.xml` is an exercise.
///
/// @param root absolute path of the folder that holds `exercises/`
public record Course(Path root) {

  private static final Pattern FOLDER = Pattern.compile("ex\\d\\d-[a-z0-9]+(-[a-z0-9]+)*");
  private static final Pattern VERSION =
      Pattern.compile("<artifactId>kvmlab</artifactId>\\s*<version>([^<]+)</version>");

  /// The course that holds `start`, looked for from there upwards.
  public static Optional<Course> around(Path start) {
    for (Path at = start.toAbsolutePath().normalize(); at != null; at = at.getParent()) {
      if (Files.isDirectory(at.resolve("exercises"))
          && Files.isRegularFile(at.resolve("pom.xml"))) {
        return Optional.of(new Course(at));
      }
    }
    return Optional.empty();
  }

  /// Every exercise, in the order of its number.
  public List<Exercise> exercises() {
    try (Stream<Path> folders = Files.list(root.resolve("exercises"))) {
      return folders
          .filter(folder -> FOLDER.matcher(folder.getFileName().toString()).matches())
          .filter(
              folder -> Files.isRegularFile(folder.resolve("pom.xml"), LinkOption.NOFOLLOW_LINKS))
          .map(folder -> new Exercise(root, folder.getFileName().toString()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The exercise called `name`: its id `ex02`, its folder `ex02-retry`, or its number `2`.
  ///
  /// @throws NoSuchExercise naming the nearest ones
  public Exercise exercise(String name) throws NoSuchExercise {
    List<Exercise> all = exercises();
    for (Exercise exercise : all) {
      if (exercise.isCalled(name)) {
        return exercise;
      }
    }
    throw NoSuchExercise.near(name, all);
  }

  /// The course's version, from the parent pom.
  public String version() {
    try {
      var matcher = VERSION.matcher(Files.readString(root.resolve("pom.xml")));
      return matcher.find() ? matcher.group(1) : "unknown";
    } catch (IOException e) {
      return "unknown";
    }
  }

  /// `path` as a reader types it: relative to the course when it lies inside.
  public String display(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    return absolute.startsWith(root) ? root.relativize(absolute).toString() : absolute.toString();
  }
}
