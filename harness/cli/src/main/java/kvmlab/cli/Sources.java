// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import kvmlab.grade.Exercise;

/// Finds the files behind the places of a trace.
///
/// @param exercise whose code ran
/// @param here the folder that paths are shown from
record Sources(Exercise exercise, Path here) {
  private static final List<String> FOLDERS = List.of(Exercise.MAIN, "src/test/java");

  /// Returns the file of a place, `ex02/RetryingFault.java:41`; empty if there is none.
  Optional<Path> file(String place) {
    String name = place.substring(0, place.lastIndexOf(':'));
    return FOLDERS.stream()
        .map(folder -> exercise.folder().resolve(folder).resolve(name))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  /// Returns the place with a path that leads there from here, as editors and terminals take it.
  String show(String place) {
    String path = relative(place, here).orElse(place.substring(0, place.lastIndexOf(':')));
    String shown = path.startsWith("..") ? file(place).map(Path::toString).orElse(path) : path;
    return shown + line(place);
  }

  /// Returns where a place leads from `folder`, with slashes.
  Optional<String> relative(String place, Path folder) {
    return file(place)
        .map(file -> folder.toAbsolutePath().normalize().relativize(file.toAbsolutePath()))
        .map(path -> path.toString().replace('\\', '/'));
  }

  private static String line(String place) {
    return place.substring(place.lastIndexOf(':'));
  }
}
