// SPDX-License-Identifier: MIT
package kvmlab.grade;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import kvmlab.grade.admit.Digest;

/// Every check there is, by task and in the order of the source: what verdicts and points are
/// counted against, whatever a worker says.
///
/// @param checks never empty
public record Manifest(List<CheckSpec> checks) {

  public Manifest {
    checks = List.copyOf(checks);
  }

  /// The sum of all points.
  public int max() {
    return checks.stream().mapToInt(CheckSpec::max).sum();
  }

  /// Identifies the manifest: two grades with the same digest were counted against the same checks.
  public String sha256() {
    String text =
        checks.stream()
            .map(
                c -> "%s\t%d\t%s\t%d\t%s".formatted(c.id(), c.task(), c.kind(), c.max(), c.title()))
            .collect(Collectors.joining("\n"));
    return Digest.sha256(text.getBytes(StandardCharsets.UTF_8));
  }
}
