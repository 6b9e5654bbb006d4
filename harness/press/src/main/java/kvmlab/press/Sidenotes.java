// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.util.HashMap;
import java.util.Map;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

/// Moves each footnote to its call, so that a source stands beside the sentence that leans on it.
///
/// A note is an element right after its call. Where the page is wide the style sheet floats it into
/// the margin; where it is narrow the note is a popover that its call opens, which needs no script.
/// Notes count anew in each chapter.
final class Sidenotes {

  private Sidenotes() {}

  static void place(Document page) {
    Map<String, Element> notes = new HashMap<>();
    for (Element note : page.select("#footnotes .footnote")) {
      note.expectFirst("a").remove();
      note.html(note.html().replaceFirst("^\\s*\\.\\s*", ""));
      notes.put(note.id(), note);
    }
    for (Element chapter : page.select("#preamble, .sect1")) {
      place(chapter, notes);
    }
    page.select("#footnotes").remove();
  }

  private static void place(Element chapter, Map<String, Element> notes) {
    String prefix = chapter.select("> h2").attr("id");
    Map<String, Integer> numbers = new HashMap<>();
    for (Element call : chapter.select("sup.footnote, sup.footnoteref")) {
      String target = call.expectFirst("a").attr("href").substring(1);
      Element note = notes.get(target);
      if (note == null) {
        continue; // The link stays, and the proof-reader finds that it leads nowhere.
      }
      boolean again = numbers.containsKey(target);
      String number = String.valueOf(numbers.computeIfAbsent(target, t -> numbers.size() + 1));
      String id = "note-" + (prefix.isEmpty() ? "" : prefix + "-") + number;
      call.attr("class", "call").empty();
      call.appendElement("button")
          .attr("type", "button")
          .attr("popovertarget", id)
          .attr("aria-label", "Note " + number)
          .text(number);
      if (!again) {
        Element side = new Element("span").addClass("sidenote").id(id);
        side.attr("popover", "").attr("role", "note");
        side.appendElement("span").addClass("mark").text(number);
        side.append(" " + note.html());
        beside(call, side);
      }
    }
  }

  /// A note called from within a frame that clips goes before the frame.
  private static void beside(Element call, Element side) {
    Element frame = call.closest(".scroll, pre, summary, figcaption");
    if (frame == null) {
      call.after(side);
      return;
    }
    Element outer = frame.closest("details, figure, .scroll");
    (outer == null ? frame : outer).before(side);
  }
}
