// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import kvmlab.grade.Course;
import kvmlab.grade.Exercise;
import kvmlab.grade.GradeRecord;
import kvmlab.grade.Outcome;
import kvmlab.grade.admit.Digest;
import org.jspecify.annotations.Nullable;

/// What the learner's last checks came to, in `.course/notebook`. Losing it costs one check each.
final class Notebook {

  private static final String SEPARATOR = "\t";

  private final Course course;
  private final Path file;
  private final Map<String, Entry> entries = new TreeMap<>();

  /// One line: the verdict, the points, and the digest of what was checked.
  record Entry(String verdict, int points, int max, String digest) {}

  Notebook(Course course) {
    this.course = course;
    this.file = course.root().resolve(".course").resolve("notebook");
    try {
      Files.readAllLines(file).forEach(this::parse);
    } catch (IOException e) {
      entries.clear();
    }
  }

  private void parse(String line) {
    String[] parts = line.split(SEPARATOR, -1);
    if (parts.length == 5 && (parts[2] + parts[3]).matches("\\d+")) {
      int points = Integer.parseInt(parts[2]);
      entries.put(parts[0], new Entry(parts[1], points, Integer.parseInt(parts[3]), parts[4]));
    }
  }

  /// The last check of `exercise`, null if there was none.
  @Nullable Entry entry(Exercise exercise) {
    return entries.get(exercise.slug());
  }

  /// Whether the files of `exercise` are those of its last check.
  boolean isCurrent(Exercise exercise) {
    Entry entry = entry(exercise);
    return entry != null && entry.digest().equals(digest(exercise));
  }

  boolean isSolved(Exercise exercise) {
    Entry entry = entry(exercise);
    return entry != null && entry.verdict().equals("PASS") && isCurrent(exercise);
  }

  /// Notes what a check came to, unless it was no grade.
  void write(Exercise exercise, GradeRecord grade) throws IOException {
    if (grade.outcome() == Outcome.INFRASTRUCTURE || grade.outcome() == Outcome.INTEGRITY) {
      return;
    }
    String verdict = grade.exercises().getFirst().verdict().word();
    entries.put(exercise.slug(), new Entry(verdict, grade.points(), grade.max(), digest(exercise)));
    String text =
        entries.entrySet().stream()
            .map(line -> line(line.getKey(), line.getValue()))
            .collect(Collectors.joining());
    Files.createDirectories(course.root().resolve(".course"));
    Files.writeString(file, text);
  }

  private static String line(String slug, Entry entry) {
    return String.join(
            SEPARATOR,
            slug,
            entry.verdict(),
            Integer.toString(entry.points()),
            Integer.toString(entry.max()),
            entry.digest())
        + "\n";
  }

  private String digest(Exercise exercise) {
    StringBuilder all = new StringBuilder();
    for (String path : exercise.files()) {
      try {
        all.append(Files.readString(course.root().resolve("exercises").resolve(path)));
      } catch (IOException e) {
        all.append("(missing)");
      }
    }
    return Digest.sha256(all.toString().getBytes(StandardCharsets.UTF_8));
  }
}
