// SPDX-License-Identifier: MIT
package kvmlab.grade.report;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import kvmlab.grade.GradeRecord;

/// One way to write a grade down: `course grade --format NAME`.
///
/// A format is a pure function of the record. A new one is one file: implement this interface,
/// annotate the class with `@AutoService(ReportFormat.class)`, and add a golden file.
public interface ReportFormat {

  /// The name after `--format`.
  String name();

  /// The whole report, ending in a line's end.
  String render(GradeRecord grade);

  /// Every format on the class path, by name.
  static List<ReportFormat> all() {
    return ServiceLoader.load(ReportFormat.class).stream()
        .map(ServiceLoader.Provider::get)
        .sorted(Comparator.comparing(ReportFormat::name))
        .toList();
  }

  /// The format called `name`.
  static Optional<ReportFormat> named(String name) {
    return all().stream().filter(format -> format.name().equals(name)).findFirst();
  }
}
