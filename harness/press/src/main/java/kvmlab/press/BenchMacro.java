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
@Name("bench")
public final class BenchMacro extends BlockMacroProcessor {

  @Override
  public StructuralNode process(
      StructuralNode parent, String target, Map<String, Object> attributes) {
    String html = "";
    try {
      Object here = parent.getDocument().getAttribute("docdir", ".");
      Benchmark recorded = Benchmark.read(Path.of(here.toString()).resolve(target));
      html = recorded.table((String) attributes.getOrDefault("measure", "")).outerHtml();
    } catch (IOException e) {
      String message = "bench::" + target + "[]: " + e.getMessage();
      log(new LogRecord(Severity.ERROR, parent.getSourceLocation(), message));
    }
    return createBlock(parent, "pass", html);
  }
}
