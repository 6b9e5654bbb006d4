// SPDX-License-Identifier: MIT
package kvmlab.grade;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/// Someone asked for an exercise that the course does not have.
public final class NoSuchExercise extends Exception {

  private static final long serialVersionUID = 1L;
  private static final int NEAREST_MAX = 3;

  private NoSuchExercise(String message) {
    super(message);
  }

  static NoSuchExercise near(String name, List<Exercise> all) {
    if (all.isEmpty()) {
      return new NoSuchExercise("there is no exercise '" + name + "': exercises/ holds none");
    }
    String nearest =
        all.stream()
            .sorted(Comparator.comparingInt(exercise -> distance(name, exercise)))
            .limit(NEAREST_MAX)
            .map(Exercise::slug)
            .collect(Collectors.joining(", "));
    return new NoSuchExercise(
        "there is no exercise '" + name + "'; nearest: " + nearest + " (all of them: course list)");
  }

  private static int distance(String name, Exercise exercise) {
    String word = exercise.slug().substring(exercise.id().length() + 1);
    int parts = Math.min(edits(name, exercise.id()), edits(name, word));
    return Math.min(parts, edits(name, exercise.slug()));
  }

  /// The Levenshtein distance of two words.
  private static int edits(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replace, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
