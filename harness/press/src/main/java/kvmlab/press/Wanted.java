// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What the chapters ask to be run, found where they ask for it: there is no list to keep.
///
/// @param runs names of runs, `ex02.FaultRacesUnmap` or `ex02.FaultRacesUnmap+no-retry-check`
/// @param exercises folders of exercises, `ex02-retry`
/// @param designs whether the table of designs is asked for; one name or none
record Wanted(SortedSet<String> runs, SortedSet<String> exercises, SortedSet<String> designs) {

  /// The name under which the table of designs is kept.
  static final String DESIGNS = "designs";

  private static final Pattern RUN = Pattern.compile("\\b(?:trace::|count:)([\\w.]+)\\[([^\\]]*)]");
  private static final Pattern MUTANT = Pattern.compile("\\bmutant=\"?([\\w.-]+)");
  private static final Pattern EXERCISE =
      Pattern.compile("\\b(?:exercise::|count:)(\\w+-[\\w-]+)\\[");
  private static final Pattern TABLE = Pattern.compile("^designs::\\w*\\[");
  private static final String COMMENT = "////";

  /// Reads every chapter in a folder.
  static Wanted in(Path chapters) throws IOException {
    Wanted wanted = new Wanted(new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
    try (Stream<Path> files = Files.list(chapters)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".adoc")).toList()) {
        wanted.read(Files.readAllLines(file));
      }
    }
    return wanted;
  }

  void read(List<String> lines) {
    boolean comment = false;
    for (String line : lines) {
      if (line.startsWith(COMMENT)) {
        comment = !comment;
      } else if (!comment && !line.startsWith("//")) {
        read(line);
      }
    }
  }

  private void read(String line) {
    for (Matcher run = RUN.matcher(line); run.find(); ) {
      Matcher mutant = MUTANT.matcher(run.group(2));
      runs.add(Runs.name(run.group(1), mutant.find() ? mutant.group(1) : null));
    }
    for (Matcher exercise = EXERCISE.matcher(line); exercise.find(); ) {
      exercises.add(exercise.group(1));
    }
    if (TABLE.matcher(line).find()) {
      designs.add(DESIGNS);
    }
  }
}
