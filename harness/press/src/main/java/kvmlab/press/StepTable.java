// SPDX-License-Identifier: MIT
package kvmlab.press;

import kvmlab.press.Run.Step;
import org.jsoup.nodes.Element;

/// The same run in words: a table with a row group for each turn of a task.
///
/// It is what a screen reader reads, and what a narrow page shows in place of the lanes.
final class StepTable {

  private StepTable() {}

  static Element of(Run run) {
    Element table = new Element("table").addClass("steps");
    Element head = table.appendElement("thead").appendElement("tr");
    head.appendElement("th").attr("scope", "col").text("Step");
    head.appendElement("th").attr("scope", "col").text("What happens");
    Element turn = table;
    Step before = null;
    for (int i = 0; i < run.steps().size(); i++) {
      Step step = run.steps().get(i);
      if (before == null || before.task() != step.task()) {
        turn = table.appendElement("tbody").addClass("lane" + step.task());
        Element task = turn.appendElement("tr").appendElement("th").attr("scope", "rowgroup");
        task.attr("colspan", "2").text(run.tasks().get(step.task()));
      }
      Element row = turn.appendElement("tr");
      row.appendElement("td").text(String.valueOf(i + 1));
      Element line = row.appendElement("td").attr("style", "--depth:" + step.depth());
      line.appendElement("code").text(step.line());
      before = step;
    }
    return table;
  }
}
