// SPDX-License-Identifier: MIT
package kvmlab.grade.selfcheck;

import com.github.difflib.UnifiedDiffUtils;
import com.github.difflib.patch.PatchFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
/// @param file the patched file, relative to the solution's folder
/// @param diff the lines of the unified diff
public record Mutant(
    String name, String subject, List<String> killedBy, String file, List<String> diff) {

  private static final Pattern FILE = Pattern.compile("(?m)^--- a/\\S*?(src/main/java/\\S+).*$");

  public Mutant {
    killedBy = List.copyOf(killedBy);
    diff = List.copyOf(diff);
  }

  /// Reads a patch.
  ///
  /// @throws Malformed if a part of the header or the diff is missing
  static Mutant read(Path patch) throws IOException, Malformed {
    String name = patch.getFileName().toString().replaceFirst("\\.patch$", "");
    String text = Files.readString(patch);
    Matcher file = FILE.matcher(text);
    if (!file.find()) {
      throw new Malformed(name + " has no line '--- a/...'");
    }
    String header = text.substring(0, file.start());
    String diff = text.substring(file.start());
    return new Mutant(
        name,
        field(name, header, "Subject"),
        Arrays.stream(field(name, header, "Killed-by").split("[,\\s]+")).toList(),
        file.group(1),
        diff.lines().takeWhile(line -> !line.equals("-- ")).toList());
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
  /// @throws Malformed if the patch does not apply exactly
  Map<String, String> applyTo(String slug, Map<String, String> sources) throws Malformed {
    String path = slug + "/" + file;
    String text = sources.get(path);
    if (text == null) {
      throw new Malformed(name + " patches " + file + ", which the solution does not have");
    }
    try {
      List<String> patched = UnifiedDiffUtils.parseUnifiedDiff(diff).applyTo(text.lines().toList());
      Map<String, String> mutated = new TreeMap<>(sources);
      mutated.put(path, String.join("\n", patched) + "\n");
      return mutated;
    } catch (PatchFailedException | RuntimeException e) {
      throw new Malformed(name + " does not apply: " + e.getMessage());
    }
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
