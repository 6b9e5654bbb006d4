// SPDX-License-Identifier: MIT
package kvmlab.grade.report;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import kvmlab.grade.GradeRecord;

/// A report in a file, replaced as a whole each time: a reader never finds half of one, even if the
/// grader is killed.
///
/// @param file where the report goes
/// @param format how it is written
public record RecordFile(Path file, ReportFormat format) {

  /// Writes the report of `grade` in place of what is there.
  ///
  /// @throws IOException if the folder is missing or not writable
  public void write(GradeRecord grade) throws IOException {
    Path target = file.toAbsolutePath();
    Path half = target.resolveSibling("." + target.getFileName() + ".part");
    Files.writeString(half, format.render(grade));
    try {
      Files.move(half, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(half, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
