// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.util.List;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

/// Lays out one page by the theme's `page.html`.
///
/// The template is an ordinary page; what the press fills in, it finds by id or by `data-` name.
final class Template {

  private final String source;
  private final Book book;

  Template(String source, Book book) {
    this.source = source;
    this.book = book;
  }

  String fill(Leaf leaf) {
    Document page = Jsoup.parse(source);
    page.outputSettings().prettyPrint(false);
    boolean front = leaf == book.front();
    page.title(front ? book.mainTitle() : leaf.plainTitle() + " · " + book.mainTitle());
    page.body().addClass(front ? "front" : "chapter");
    page.select("[data-fill=title]").html(book.mainTitle());
    page.select("[data-fill=subtitle]").html(book.subtitle());
    Element lead = leaf.body().selectFirst("p");
    page.select("meta[name=description]").attr("content", lead == null ? "" : lead.text());
    Element article = page.expectFirst("article");
    if (front) {
      article.expectFirst(".abstract").append(leaf.body().html());
      contents(article.expectFirst("#contents"));
    } else {
      article.html(leaf.body().html());
    }
    chapters(page.expectFirst("#nav ol"), leaf);
    int at = book.leaves().indexOf(leaf);
    neighbour(page, "prev", at - 1);
    neighbour(page, "next", at + 1);
    return page.outerHtml();
  }

  private void chapters(Element list, Leaf here) {
    for (Leaf leaf : book.chapters()) {
      Element item = list.appendElement("li");
      Element link = item.appendElement("a").attr("href", leaf.file());
      link.appendElement("span").addClass("number").text(leaf.number());
      link.appendElement("span").html(leaf.title());
      if (leaf == here) {
        link.attr("aria-current", "page");
        sections(item, leaf.sections());
      }
    }
  }

  private static void sections(Element item, List<Element> sections) {
    if (sections.isEmpty()) {
      return;
    }
    Element list = item.appendElement("ol").attr("aria-label", "On this page");
    for (Element section : sections) {
      Element title = section.clone();
      title.select(".anchor, .number, .call, .sidenote").remove();
      Element link = list.appendElement("li").appendElement("a").attr("href", "#" + section.id());
      link.html(title.html().strip());
    }
  }

  /// The table of contents of the title page: each chapter with its question and its exercise.
  private void contents(Element frame) {
    Element list = frame.appendElement("ol");
    for (Leaf leaf : book.chapters()) {
      Element link = list.appendElement("li").appendElement("a").attr("href", leaf.file());
      link.appendElement("span").addClass("number").text(leaf.number());
      link.appendElement("span").addClass("title").html(leaf.title());
      Element question = leaf.body().selectFirst(".question p, p.question");
      if (question != null) {
        link.appendElement("span").addClass("ask").text(question.text());
      }
      Element exercise = leaf.body().selectFirst(".exercise");
      if (exercise != null) {
        String name = exercise.select(".title code").text();
        String effort = exercise.select(".effort").text();
        link.appendElement("span").addClass("effort").text(name + ": " + effort);
      }
    }
  }

  private void neighbour(Document page, String rel, int at) {
    Element link = page.expectFirst("#turn a[rel=" + rel + "]");
    if (at < 0 || at >= book.leaves().size()) {
      link.remove();
      return;
    }
    Leaf leaf = book.leaves().get(at);
    link.attr("href", leaf.file());
    link.expectFirst("b").html(leaf == book.front() ? "Contents" : leaf.title());
    page.head().appendElement("link").attr("rel", rel).attr("href", leaf.file());
  }
}
