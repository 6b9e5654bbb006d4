// SPDX-License-Identifier: MIT
package kvmlab.grade;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// The stubs of an exercise as they are handed out, whatever a learner has made of them since.
public final class Stubs {

  private Stubs() {}

  /// Text of every stub, by its path below `exercises/`.
  ///
  /// Generated from the solution by its markers. In a handout, which has no solution, the
  /// exercise's own folder is all there is.
  public static Map<String, String> of(Exercise exercise) {
    Map<String, String> stubs = new LinkedHashMap<>();
    for (String file : exercise.files()) {
      Path solution = exercise.course().resolve("solutions").resolve(file);
      Path own = exercise.course().resolve("exercises").resolve(file);
      if (Files.isRegularFile(solution)) {
        stubs.put(file, Markers.stub(read(solution)));
      } else if (Files.isRegularFile(own)) {
        stubs.put(file, read(own));
      }
    }
    return stubs;
  }

  /// Whether `sources` are the stubs, every one unchanged. Unknown in a handout: then false.
  static boolean isUntouched(Exercise exercise, Map<String, String> sources) {
    return Files.isDirectory(exercise.solution().resolve(Exercise.MAIN))
        && of(exercise).equals(sources);
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
