// SPDX-License-Identifier: MIT
package kvmlab.grade.admit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kvmlab.grade.Course;
import kvmlab.grade.Exercise;

/// A submission in memory: only files that the exercises have as stubs.
///
/// @param name what the record calls it
/// @param sha256 digest of the files taken
/// @param files text of each file taken, by its path below `exercises/`
/// @param notText files that are no UTF-8 text, and why
/// @param shown how a reader types the path of a file, by its path below `exercises/`
/// @param notes what was ignored
public record Submission(
    String name,
    String sha256,
    Map<String, String> files,
    Map<String, String> notText,
    Map<String, String> shown,
    List<String> notes) {

  public Submission {
    files = Map.copyOf(files);
    notText = Map.copyOf(notText);
    shown = Map.copyOf(shown);
    notes = List.copyOf(notes);
  }

  /// The learner's own working folder, `exercises/`.
  ///
  /// @throws Refused if a file is a link or too large
  public static Submission inPlace(Course course, List<Exercise> exercises) throws Refused {
    return of(course, course.root().resolve("exercises"), exercises);
  }

  /// The folder or zip archive `path`, laid out like `exercises/`.
  ///
  /// @throws Refused if `path` is neither, or is not to be trusted
  public static Submission of(Course course, Path path, List<Exercise> exercises) throws Refused {
    try (Shelf shelf = shelf(course, path)) {
      return new Admission(course, shelf, exercises).admit(name(course, path));
    } catch (IOException e) {
      throw Refused.usage("cannot read " + path + ": " + e.getMessage());
    }
  }

  /// The text of `file`, which must be one of [#files()].
  public String text(String file) {
    String text = files.get(file);
    if (text == null) {
      throw new IllegalArgumentException("not taken: " + file);
    }
    return text;
  }

  /// How a reader types `file`; the path below `exercises/` if it was not handed in.
  public String shown(String file) {
    return shown.getOrDefault(file, "exercises/" + file);
  }

  private static Shelf shelf(Course course, Path path) throws IOException, Refused {
    if (Files.isDirectory(path)) {
      return new Folder(path, course.display(path));
    }
    if (Files.isRegularFile(path) && path.toString().endsWith(".zip")) {
      return new Archive(path, course.display(path));
    }
    throw Refused.usage(
        Files.exists(path)
            ? path
                + " is no directory and no .zip file; hand over a folder laid out like exercises/"
            : path + " does not exist; hand over a folder or a .zip file laid out like exercises/");
  }

  private static String name(Course course, Path path) {
    Path file = path.toAbsolutePath().normalize().getFileName();
    if (file == null || path.toAbsolutePath().normalize().startsWith(course.root())) {
      return course.display(path);
    }
    return file.toString().replaceFirst("\\.zip$", "");
  }
}
