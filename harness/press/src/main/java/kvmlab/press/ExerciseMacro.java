// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.io.IOException;
import java.util.Map;
import org.asciidoctor.ast.StructuralNode;
import org.asciidoctor.extension.BlockMacroProcessor;
import org.asciidoctor.extension.Name;
import org.asciidoctor.log.LogRecord;
import org.asciidoctor.log.Severity;
import org.jsoup.nodes.Element;

/// `exercise::ex02-retry[]`: what an exercise asks, from its README and its compiled checks.
@Name("exercise")
public final class ExerciseMacro extends BlockMacroProcessor {

  @Override
  public StructuralNode process(
      StructuralNode parent, String target, Map<String, Object> attributes) {
    String html = "";
    try {
      Exercise exercise = Exercise.read(Runs.file(parent, target));
      html = box(exercise).outerHtml();
    } catch (IOException e) {
      String message = "exercise::" + target + "[]: " + e.getMessage();
      log(new LogRecord(Severity.ERROR, parent.getSourceLocation(), message));
    }
    return createBlock(parent, "pass", html);
  }

  private static Element box(Exercise exercise) {
    Element box = new Element("section").addClass("exercise").attr("aria-label", "Exercise");
    Element head = box.appendElement("p").addClass("title");
    head.appendElement("span").addClass("label").text("Exercise");
    head.appendElement("code").text(exercise.name());
    head.appendElement("span")
        .addClass("effort")
        .text("about %d minutes, %d points".formatted(exercise.minutes(), exercise.points()));
    Element list = box.appendElement("ol").addClass("checks");
    for (Exercise.Check check : exercise.checks()) {
      Element item = list.appendElement("li");
      item.appendElement("span").addClass("task").text("Task " + check.task());
      item.appendElement("span").text(check.title());
      item.appendElement("span")
          .addClass("stars")
          .attr("role", "img")
          .attr("aria-label", check.stars() + " of 5 stars")
          .text("★".repeat(check.stars()));
    }
    Element run = box.appendElement("pre").appendElement("code");
    run.text("$ ./course check " + exercise.id());
    return box;
  }
}
