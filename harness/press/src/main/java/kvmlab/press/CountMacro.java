// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import org.asciidoctor.ast.PhraseNode;
import org.asciidoctor.ast.StructuralNode;
import org.asciidoctor.extension.InlineMacroProcessor;
import org.asciidoctor.extension.Name;
import org.asciidoctor.log.LogRecord;
import org.asciidoctor.log.Severity;

/// `count:ex02.FaultRacesUnmap[]`: a number from a run of this build, in a sentence.
///
/// `of=` says which: `schedules` (the default), `steps`, or `bound`, which is words. Of an
/// exercise, `count:ex02-retry[of=minutes]`, it is `minutes` or `points`.
@Name("count")
public final class CountMacro extends InlineMacroProcessor {

  @Override
  public PhraseNode process(StructuralNode parent, String target, Map<String, Object> attributes) {
    String of = (String) attributes.getOrDefault("of", "schedules");
    String words;
    try {
      words =
          switch (of) {
            case "minutes" -> number(exercise(parent, target).minutes());
            case "points" -> number(exercise(parent, target).points());
            default -> count(of, Runs.find(parent, target, (String) attributes.get("mutant")));
          };
    } catch (IOException e) {
      words = "?";
      String message = "count:" + target + "[]: " + e.getMessage();
      log(new LogRecord(Severity.ERROR, parent.getSourceLocation(), message));
    }
    return createPhraseNode(parent, "quoted", words);
  }

  private static Exercise exercise(StructuralNode parent, String target) throws IOException {
    return Exercise.read(Runs.file(parent, target));
  }

  private static String count(String of, Run run) throws IOException {
    return switch (of) {
      case "schedules" -> number(run.explored().schedules());
      case "steps" -> number(run.steps().size());
      case "bound" -> run.explored().bound();
      default -> throw new IOException("there is no count of " + of);
    };
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
