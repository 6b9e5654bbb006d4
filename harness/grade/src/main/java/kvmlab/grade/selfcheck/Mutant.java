// SPDX-License-Identifier: MIT
package kvmlab.grade.selfcheck;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kvmlab.lab.Patch;

/// One defect: a patch against the solution, with a header like a commit message.
///
/// ```
/// Subject: Read the sequence after the host lookup
///
/// Why it is wrong, in a sentence or two.
///
/// Killed-by: ex02.fault-races-unmap
/// Seen-in: a commit, or where else it really happened
///
/// --- a/src/main/java/ex02/PageFault.java
/// +++ b/src/main/java/ex02/PageFault.java
/// ```
///
/// @param name the file's name without `.patch`
/// @param subject what the patch does
/// @param killedBy ids of the checks that must fail; never empty
/// @param patch what it changes
public record Mutant(String name, String subject, List<String> killedBy, Patch patch) {

  public Mutant {
    killedBy = List.copyOf(killedBy);
  }

  /// Reads a patch.
  ///
  /// @throws Malformed if a part of the header or the diff is missing
  static Mutant read(Path patch) throws IOException, Malformed {
    String name = patch.getFileName().toString().replaceFirst("\\.patch$", "");
    String text = Files.readString(patch);
    Patch diff = Patch.of(text.lines().toList());
    if (diff.files().isEmpty()) {
      throw new Malformed(name + " has no line '+++ b/src/main/java/...'");
    }
    return new Mutant(
        name,
        field(name, text, "Subject"),
        Arrays.stream(field(name, text, "Killed-by").split("[,\\s]+")).toList(),
        diff);
  }

  private static String field(String name, String header, String field) throws Malformed {
    Matcher line = Pattern.compile("(?m)^" + field + ": *(\\S.*)$").matcher(header);
    if (!line.find()) {
      throw new Malformed(name + " has no line '" + field + ": ...'");
    }
    return line.group(1).strip();
  }

  /// `sources` with this defect; paths are relative to the folder that holds all exercises.
  ///
  /// @throws Malformed if the patch does not fit exactly
  Map<String, String> applyTo(String slug, Map<String, String> sources) throws Malformed {
    Map<String, String> mutated = new TreeMap<>(sources);
    for (String file : patch.files()) {
      String path = slug + "/" + file;
      String text = sources.get(path);
      if (text == null) {
        throw new Malformed(name + " patches " + file + ", which the solution does not have");
      }
      try {
        List<String> patched = patch.applyTo(file, text.lines().toList());
        mutated.put(path, String.join("\n", patched) + "\n");
      } catch (IllegalArgumentException e) {
        throw new Malformed(name + " " + e.getMessage());
      }
    }
    return mutated;
  }

  /// A patch that is no mutant.
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message);
    }

    @Override
    public String getMessage() {
      return String.valueOf(super.getMessage());
    }
  }
}
