// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.asciidoctor.ast.StructuralNode;
import org.asciidoctor.extension.BlockMacroProcessor;
import org.asciidoctor.extension.Name;
import org.asciidoctor.log.LogRecord;
import org.asciidoctor.log.Severity;

/// `bench::recorded/bench-explore.json[measure=speed]`: a table of figures that were measured once
/// and kept, because a build cannot measure them; it says when, where and with what.
///
/// `chart=lines` draws rates of designs above the table, by their logarithm unless `scale=linear`.
@Name("bench")
public final class BenchMacro extends BlockMacroProcessor {

  @Override
  public StructuralNode process(
      StructuralNode parent, String target, Map<String, Object> attributes) {
    String html = "";
    StructuralNode figure = createBlock(parent, "open", (String) null, attributes);
    boolean chart = attributes.containsKey("chart");
    try {
      Object here = parent.getDocument().getAttribute("docdir", ".");
      Benchmark recorded = Benchmark.read(Path.of(here.toString()).resolve(target));
      String measure = (String) attributes.getOrDefault("measure", "");
      html = recorded.table(measure).outerHtml();
      if (chart) {
        html = chart(recorded, measure, attributes) + behind(html);
      }
    } catch (IOException e) {
      String message = "bench::" + target + "[]: " + e.getMessage();
      log(new LogRecord(Severity.ERROR, parent.getSourceLocation(), message));
    }
    if (!chart) {
      return createBlock(parent, "pass", html);
    }
    figure.addRole("chart");
    figure.append(createBlock(figure, "pass", html));
    return figure;
  }

  private static String chart(Benchmark recorded, String measure, Map<String, Object> attributes)
      throws IOException {
    if (!"lines".equals(attributes.get("chart"))) {
      throw new IOException("a chart is of lines, not of '" + attributes.get("chart") + "'");
    }
    Object title = attributes.getOrDefault("title", "Chart");
    return recorded
        .rates(measure)
        .chart(!"linear".equals(attributes.get("scale")))
        .figure(title.toString())
        .html();
  }

  private static String behind(String table) {
    return "<details><summary>The figures</summary><div class='content'>"
        + table
        + "</div></details>";
  }
}
