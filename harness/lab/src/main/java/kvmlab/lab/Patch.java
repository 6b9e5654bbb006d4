// SPDX-License-Identifier: MIT
package kvmlab.lab;

import com.github.difflib.UnifiedDiffUtils;
import com.github.difflib.patch.PatchFailedException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a mutant changes in a solution: a unified diff of one or more of its sources.
public final class Patch {
  private static final String SOURCES = "src/main/java/";

  private final Map<String, List<String>> diffs;

  private Patch(Map<String, List<String>> diffs) {
    this.diffs = diffs;
  }

  /// Reads the diffs among `lines`. What stands before the first is a message, and what follows a
  /// mail's signature mark is none of the patch.
  public static Patch of(List<String> lines) {
    Map<String, List<String>> diffs = new LinkedHashMap<>();
    List<String> diff = new ArrayList<>();
    for (int i = 0; i < lines.size() && !lines.get(i).equals("-- "); i++) {
      boolean begins =
          lines.get(i).startsWith("--- ")
              && i + 1 < lines.size()
              && lines.get(i + 1).startsWith("+++ ")
              && lines.get(i + 1).contains(SOURCES);
      if (begins) {
        diff = new ArrayList<>();
        diffs.put(file(lines.get(i + 1)), diff);
      }
      diff.add(lines.get(i));
    }
    return new Patch(diffs);
  }

  private static String file(String heading) {
    String name = heading.split("\t", 2)[0];
    return name.substring(name.indexOf(SOURCES)).strip();
  }

  /// Returns the patched files, relative to the solution's folder; empty when there is no diff.
  public Set<String> files() {
    return diffs.keySet();
  }

  /// Returns `lines`, which are those of `file`, with the patch applied.
  ///
  /// @throws IllegalArgumentException if the patch does not fit exactly
  public List<String> applyTo(String file, List<String> lines) {
    List<String> diff = diffs.get(file);
    if (diff == null) {
      return lines;
    }
    try {
      return UnifiedDiffUtils.parseUnifiedDiff(diff).applyTo(lines);
    } catch (PatchFailedException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("does not fit " + file + ": " + e.getMessage(), e);
    }
  }
}
