// SPDX-License-Identifier: MIT
package kvmlab.grade.admit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import kvmlab.grade.Course;
import kvmlab.grade.Exercise;

/// Takes from a [Shelf] the files that the exercises have as stubs, and notes the rest.
final class Admission {

  private static final int NOTES_MAX = 8;

  private final Path exercisesFolder;
  private final Shelf shelf;
  private final Set<String> wanted = new TreeSet<>();
  private final Set<String> known = new TreeSet<>();

  private final Map<String, String> files = new TreeMap<>();
  private final Map<String, String> notText = new TreeMap<>();
  private final Map<String, String> shown = new TreeMap<>();
  private final List<String> notes = new ArrayList<>();

  Admission(Course course, Shelf shelf, List<Exercise> exercises) {
    this.exercisesFolder = course.root().resolve("exercises");
    this.shelf = shelf;
    exercises.forEach(exercise -> wanted.addAll(exercise.files()));
    course.exercises().forEach(exercise -> known.addAll(exercise.files()));
  }

  Submission admit(String name) throws IOException, Refused {
    List<String> names = shelf.names();
    String prefix = prefix(names);
    if (!prefix.isEmpty()) {
      notes.add("graded what lies below " + Printable.of(prefix));
    }
    MessageDigest digest = Digest.algorithm();
    List<String> strays = new ArrayList<>();
    for (String path : names) {
      String file = path.startsWith(prefix) ? path.substring(prefix.length()) : path;
      if (wanted.contains(file) && path.startsWith(prefix)) {
        take(path, file, digest);
      } else if (isStray(file)) {
        strays.add(path);
      }
    }
    noteStrays(strays);
    return new Submission(
        name, HexFormat.of().formatHex(digest.digest()), files, notText, shown, notes);
  }

  /// The folder in front of the exercises, if someone packed the whole project: empty, `exercises/`
  /// or the only folder that will do.
  private String prefix(List<String> names) {
    Set<String> found = new TreeSet<>();
    for (String name : names) {
      for (String file : wanted) {
        if (name.equals(file)) {
          return "";
        }
        if (name.endsWith("/" + file)) {
          found.add(name.substring(0, name.length() - file.length()));
        }
      }
    }
    if (found.size() == 1) {
      return found.iterator().next();
    }
    List<String> exercises = found.stream().filter(p -> p.endsWith("exercises/")).toList();
    return exercises.size() == 1 ? exercises.getFirst() : "";
  }

  private void take(String path, String file, MessageDigest digest) throws IOException, Refused {
    byte[] bytes = shelf.read(path);
    digest.update((file + "\n" + bytes.length + "\n").getBytes(StandardCharsets.UTF_8));
    digest.update(bytes);
    shown.put(file, shelf.shown(path));
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (text.indexOf('\0') >= 0) {
        notText.put(file, "holds binary data, not Java source");
      } else {
        files.put(file, text.startsWith("\uFEFF") ? text.substring(1) : text);
      }
    } catch (CharacterCodingException e) {
      notText.put(file, "is not UTF-8 text");
    }
  }

  /// A source file that no stub has, or a file that the course itself does not have there.
  private boolean isStray(String file) {
    return !known.contains(file)
        && (file.contains("/" + Exercise.MAIN + "/")
            || !Files.exists(exercisesFolder.resolve(file)));
  }

  private void noteStrays(List<String> strays) {
    for (String stray : strays.subList(0, Math.min(NOTES_MAX, strays.size()))) {
      notes.add("ignored " + Printable.of(shelf.shown(stray)) + ": no exercise asked for has it");
    }
    if (strays.size() > NOTES_MAX) {
      notes.add("ignored " + (strays.size() - NOTES_MAX) + " more files");
    }
  }
}
