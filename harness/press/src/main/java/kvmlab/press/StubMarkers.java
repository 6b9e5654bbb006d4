// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.asciidoctor.ast.Block;
import org.asciidoctor.ast.Document;
import org.asciidoctor.ast.StructuralNode;
import org.asciidoctor.extension.Treeprocessor;

/// Leaves out of the listings what only the generator of stubs reads.
///
/// A solution marks what the learner writes: `// begin TODO 2:` with its goal, which may go on in
/// the comment lines directly below, `// stub:` lines, and `// end TODO 2`.
public final class StubMarkers extends Treeprocessor {

  private static final Pattern BEGIN = Pattern.compile("\\s*// begin TODO \\d+:.*");
  private static final Pattern OTHER = Pattern.compile("\\s*// (?:stub:.*|end TODO \\d+)");
  private static final Pattern COMMENT = Pattern.compile("\\s*// .*");

  @Override
  public Document process(Document document) {
    for (StructuralNode node : document.findBy(Map.of("context", ":listing"))) {
      if (node instanceof Block block) {
        block.setLines(without(block.getLines()));
      }
    }
    return document;
  }

  private static List<String> without(List<String> lines) {
    List<String> kept = new ArrayList<>();
    boolean goal = false;
    for (String line : lines) {
      goal = BEGIN.matcher(line).matches() || goal && COMMENT.matcher(line).matches();
      if (!goal && !OTHER.matcher(line).matches()) {
        kept.add(line);
      }
    }
    return kept;
  }
}
