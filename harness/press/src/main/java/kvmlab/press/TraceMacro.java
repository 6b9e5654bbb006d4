// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.asciidoctor.ast.StructuralNode;
import org.asciidoctor.extension.BlockMacroProcessor;
import org.asciidoctor.extension.Name;
import org.asciidoctor.log.LogRecord;
import org.asciidoctor.log.Severity;
import org.jsoup.nodes.Element;

/// `trace::ex02.FaultRacesUnmap[mutant=no-retry-check]`: the race as the explorer found it.
///
/// `cells="seq count"` chooses the cells whose values are shown, by the end of their names; left
/// out, the first two that one task writes and another looks at are.
@Name("trace")
public final class TraceMacro extends BlockMacroProcessor {

  @Override
  public StructuralNode process(
      StructuralNode parent, String target, Map<String, Object> attributes) {
    StructuralNode figure = createBlock(parent, "open", (String) null, attributes);
    figure.addRole("trace");
    try {
      Run run = Runs.find(parent, target, (String) attributes.get("mutant"));
      if (run.steps().isEmpty()) {
        throw new IOException("the explorer found nothing to show, only " + run.verdict());
      }
      String wanted = (String) attributes.getOrDefault("cells", "");
      figure.append(createBlock(figure, "pass", figure(run, Cells.of(run, wanted))));
    } catch (IOException | IllegalArgumentException e) {
      String message = "trace::" + target + "[]: " + e.getMessage();
      log(new LogRecord(Severity.ERROR, parent.getSourceLocation(), message));
    }
    return figure;
  }

  private static String figure(Run run, List<String> cells) {
    Element box = new Element("div");
    box.appendElement("div").addClass("lanes").append(new SwimLanes(run, cells).svg());
    box.appendElement("p").addClass("key").text(SwimLanes.KEY);
    box.appendChild(StepTable.of(run));
    Element verdict = box.appendElement("p").addClass("verdict");
    verdict.appendElement("b").text(run.verdict());
    String rule = Objects.requireNonNullElse(run.statement(), "");
    verdict.appendText(" " + (run.invariant() == null ? "" : run.invariant() + ": ") + rule);
    if (run.seen() != null) {
      verdict.appendElement("span").addClass("seen").text(run.seen());
    }
    if (run.likelyCause() != null) {
      verdict.appendElement("span").addClass("seen").text("Likely cause: " + run.likelyCause());
    }
    Element found = box.appendElement("p").addClass("found");
    found.appendText(
        "Found in schedule %,d of the explorer when this page was built, then simplified. "
            .formatted(run.explored().schedules()));
    if (run.token() != null) {
      found.appendElement("code").text("./course replay " + run.token());
    }
    return box.html();
  }
}
