// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import kvmlab.lab.Rule;
import kvmlab.lab.design.DesignTable;

/// Puts every design to every trial, for the table that the book prints.
final class Designs {
  private Designs() {}

  static DesignSheet sheet() {
    DesignTable table = DesignTable.compute();
    Map<String, String> statements =
        Rule.all().stream().collect(Collectors.toMap(Rule::id, Rule::statement));
    List<DesignSheet.Row> rows = new ArrayList<>();
    table
        .cells()
        .forEach((invariant, row) -> {
          String statement = Objects.requireNonNull(statements.get(invariant));
          rows.add(
              new DesignSheet.Row(
                  invariant, statement, row.values().stream().map(Designs::cell).toList()));
        });
    return new DesignSheet(DesignSheet.SCHEMA, DesignTable.titles(), rows);
  }

  private static DesignSheet.Cell cell(DesignTable.Cell cell) {
    if (cell instanceof DesignTable.Broken broken) {
      return new DesignSheet.Cell("broken", broken.trial(), broken.seen());
    }
    return cell instanceof DesignTable.Untested untested
        ? new DesignSheet.Cell(untested.why(), null, null)
        : DesignSheet.Cell.HOLDS;
  }
}
