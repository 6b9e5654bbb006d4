// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.asciidoctor.ast.Cursor;
import org.asciidoctor.ast.Document;
import org.asciidoctor.ast.StructuralNode;

/// Finds roles that no style sheet knows: `[.quizz]` would be printed as if it were nothing.
final class Roles {

  private static final Pattern CLASS = Pattern.compile("\\.([a-z][\\w-]*)");

  private Roles() {}

  /// @param css the style sheet whose classes are the roles there are
  static void check(Document document, String css, Consumer<String> complain) {
    Set<String> known =
        CLASS.matcher(css).results().map((MatchResult m) -> m.group(1)).collect(Collectors.toSet());
    for (StructuralNode block : document.findBy(Map.of())) {
      for (String role : block.getRoles()) {
        if (!known.contains(role)) {
          Cursor at = block.getSourceLocation();
          String place = at == null ? "" : at.getPath() + ": line " + at.getLineNumber() + ": ";
          complain.accept(place + "no style has the role ." + role);
        }
      }
    }
  }
}
