// SPDX-License-Identifier: MIT
package kvmlab.grade.selfcheck;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kvmlab.grade.Exercise;
import kvmlab.grade.Stubs;

/// Keeps the stubs of an exercise what the markers of its solution say.
public final class StubWriter {

  private static final String EXERCISES = "exercises/";

  private StubWriter() {}

  /// Writes every stub that differs, and returns the paths of those, from the course's root.
  public static List<String> write(Exercise exercise) throws IOException {
    List<String> stale = stale(exercise);
    Map<String, String> stubs = Stubs.of(exercise);
    for (String path : stale) {
      Path file = exercise.course().resolve(path);
      Files.createDirectories(file.resolveSibling("."));
      Files.writeString(file, stubs.get(path.substring(EXERCISES.length())));
    }
    return stale;
  }

  /// The stubs on disk that are not what the markers say.
  static List<String> stale(Exercise exercise) throws IOException {
    List<String> stale = new ArrayList<>();
    for (Map.Entry<String, String> stub : Stubs.of(exercise).entrySet()) {
      Path file = exercise.course().resolve(EXERCISES + stub.getKey());
      if (!Files.isRegularFile(file) || !Files.readString(file).equals(stub.getValue())) {
        stale.add(EXERCISES + stub.getKey());
      }
    }
    return stale;
  }
}
