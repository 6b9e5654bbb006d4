// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kvmlab.lab.Rule;
import kvmlab.lab.design.DesignTable;

/// Puts every design to every trial, for the table that the book prints.
final class Designs {
  /// What deadlocks break: no judge states them.
  private static final Map<String, String> OF_DEADLOCKS =
      Map.of(
          "I31", "an update of the memslots completes once no invalidation is under way",
          "I33", "an invalidation never waits for an update of the memslots",
          "I34", "nested invalidations complete beside an update of the memslots");

  private Designs() {}

  static DesignSheet sheet() {
    DesignTable table = DesignTable.compute();
    Map<String, String> statements = new HashMap<>(OF_DEADLOCKS);
    Rule.all().forEach(rule -> statements.put(rule.id(), rule.statement()));
    Set<String> designs = new LinkedHashSet<>();
    List<DesignSheet.Row> rows = new ArrayList<>();
    table
        .cells()
        .forEach((invariant, row) -> {
          row.keySet().forEach(design -> designs.add(design.title()));
          String statement = statements.getOrDefault(invariant, "");
          rows.add(
              new DesignSheet.Row(
                  invariant, statement, row.values().stream().map(Designs::cell).toList()));
        });
    return new DesignSheet(DesignSheet.SCHEMA, List.copyOf(designs), rows);
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
