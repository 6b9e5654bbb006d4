// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.io.IOException;
import java.util.Map;
import org.asciidoctor.ast.StructuralNode;
import org.asciidoctor.extension.BlockMacroProcessor;
import org.asciidoctor.extension.Name;
import org.asciidoctor.log.LogRecord;
import org.asciidoctor.log.Severity;

/// `designs::all[]`: which design of the protocol keeps which invariant, as the explorer found it
/// in this build.
@Name("designs")
public final class DesignsMacro extends BlockMacroProcessor {

  @Override
  public StructuralNode process(
      StructuralNode parent, String target, Map<String, Object> attributes) {
    StructuralNode figure = createBlock(parent, "open", (String) null, attributes);
    figure.addRole("designs");
    try {
      DesignSheet sheet = DesignSheet.read(Runs.file(parent, Wanted.DESIGNS));
      String label = attributes.getOrDefault("title", "Designs and invariants").toString();
      figure.append(createBlock(figure, "pass", sheet.table(label).html()));
    } catch (IOException e) {
      String message = "designs::" + target + "[]: " + e.getMessage();
      log(new LogRecord(Severity.ERROR, parent.getSourceLocation(), message));
    }
    return figure;
  }
}
