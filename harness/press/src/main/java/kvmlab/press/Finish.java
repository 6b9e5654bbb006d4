// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.TextNode;

/// Turns the markup that Asciidoctor writes into markup that says what a thing is.
///
/// Layout tables become asides, listing divs become figures, numbers become elements that a style
/// sheet can reach, and wide tables get a frame that scrolls.
final class Finish {

  private static final Pattern NUMBER = Pattern.compile("^\\s*((?:\\d+\\.)+|[A-Z]\\.)\\s+");
  private static final Pattern COMMENT_MARK = Pattern.compile("(?://|#|--) ?$");

  private Finish() {}

  static void apply(Document page) {
    headings(page);
    admonitions(page);
    listings(page);
    figures(page);
    tables(page);
    quizzes(page);
    Sidenotes.place(page);
    page.select("li > p:only-child").unwrap();
    // A message-id looks like a mail address, and is none.
    page.select("a[href^=mailto:]").unwrap();
  }

  private static void headings(Document page) {
    for (Element heading : page.select("h2[id], h3[id], h4[id], h5[id]")) {
      Element anchor = heading.selectFirst("a.anchor");
      if (anchor != null) {
        heading.appendChild(anchor.attr("aria-label", "Link to this section"));
      }
      if (heading.textNodes().isEmpty()) {
        continue;
      }
      TextNode first = heading.textNodes().get(0);
      Matcher matcher = NUMBER.matcher(first.text());
      if (matcher.find()) {
        first.text(first.text().substring(matcher.end()));
        first.before(new TextNode(" "));
        String number = matcher.group(1).replaceFirst("\\.$", "");
        heading.prependChild(new Element("span").addClass("number").text(number));
      }
    }
  }

  private static void admonitions(Document page) {
    for (Element block : page.select(".admonitionblock")) {
      Element content = block.expectFirst("td.content");
      Element aside = new Element("aside").attr("role", "note").attr("class", block.className());
      if (!block.id().isEmpty()) {
        aside.id(block.id());
      }
      Element title = content.selectFirst("> .title");
      String label = block.expectFirst("td.icon .title").text();
      aside.appendElement("p").addClass("label").html(title == null ? label : title.html());
      if (title != null) {
        title.remove();
      }
      if (content.select("> *").is("p, div, figure, table, details")) {
        content.childNodesCopy().forEach(aside::appendChild);
      } else {
        aside.appendElement("p").html(content.html());
      }
      block.replaceWith(aside);
    }
  }

  private static void listings(Document page) {
    for (Element block : page.select(".listingblock")) {
      block.tagName("figure").select("> .title").tagName("figcaption");
      block.select("> .content").unwrap();
      for (Element mark : block.select("b.conum")) {
        mark.text(mark.text().replaceAll("[()]", ""));
        if (mark.previousSibling() instanceof TextNode before) {
          before.text(COMMENT_MARK.matcher(before.getWholeText()).replaceFirst(""));
        }
      }
    }
  }

  private static void figures(Document page) {
    for (Element block :
        page.select(".imageblock, .openblock.trace, .openblock.chart, .openblock.designs")) {
      Element caption = block.selectFirst("> .title");
      block.tagName("figure");
      if (caption != null) {
        block.prependChild(caption.tagName("figcaption"));
      }
    }
    for (Element chapter : page.select(".sect1")) {
      chapter.select(".trace .key").stream().skip(1).forEach(Element::remove);
    }
  }

  private static void tables(Document page) {
    for (Element table : page.select("table.tableblock")) {
      Element caption = table.selectFirst("> caption");
      Element frame = new Element("div").addClass("scroll").attr("tabindex", "0");
      if (caption != null) {
        frame.attr("role", "region").attr("aria-label", caption.text());
      }
      table.replaceWith(frame);
      frame.appendChild(table);
      table.select("thead th").attr("scope", "col");
      table.select("tbody th").attr("scope", "row");
      table.select("td > p:only-child, th > p:only-child").unwrap();
    }
  }

  /// Numbers the quick quizzes by chapter, so that a text or a mail can name one.
  private static void quizzes(Document page) {
    for (Element chapter : page.select(".sect1")) {
      String number = chapter.select("> h2 .number").text();
      int count = 0;
      for (Element question : chapter.select("details.quiz > summary")) {
        String label = "Quick quiz " + (number.isEmpty() ? "" : number + ".") + ++count;
        question.prependChild(new Element("span").addClass("label").text(label));
      }
    }
  }
}
