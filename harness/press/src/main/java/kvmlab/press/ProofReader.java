// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jsoup.nodes.Element;

/// Reads the finished pages for mistakes that Asciidoctor lets pass without a word.
///
/// Every complaint names the page and the section above the place.
final class ProofReader {

  private static final Pattern MACRO = Pattern.compile("(?<![\\w:/])\\w+::?[\\w./-]+\\[[^\\]]*]");
  private static final Pattern DIRECTIVE =
      Pattern.compile("Unresolved directive in |\\b(?:tag|end)::[\\w-]+\\[]|\\binclude::\\S+\\[");
  private static final Pattern ELSEWHERE = Pattern.compile("^(?:[a-z]+:)?//.*");

  private final Book book;
  private final List<Path> folders;
  private final Set<String> files;

  /// @param folders where a picture or a linked file may lie
  ProofReader(Book book, List<Path> folders) {
    this.book = book;
    this.folders = folders;
    this.files = book.leaves().stream().map(Leaf::file).collect(Collectors.toSet());
  }

  void read(Consumer<String> complain) {
    for (Leaf leaf : book.leaves()) {
      links(leaf, complain);
      pictures(leaf, complain);
      listings(leaf, complain);
      prose(leaf, complain);
    }
  }

  private void links(Leaf leaf, Consumer<String> complain) {
    for (Element link : leaf.body().select("a[href]")) {
      String target = link.attr("href");
      String file = target.replaceFirst("#.*", "");
      if (target.equals("#")) {
        complain.accept(at(leaf, link) + "the link \"" + link.text() + "\" leads nowhere");
      } else if (!file.isEmpty() && !file.matches("[a-z]+:.*") && !there(file)) {
        complain.accept(at(leaf, link) + "no such page or file to link to: " + file);
      }
    }
  }

  private void pictures(Leaf leaf, Consumer<String> complain) {
    for (Element picture : leaf.body().select("img")) {
      String source = picture.attr("src");
      if (ELSEWHERE.matcher(source).matches()) {
        complain.accept(at(leaf, picture) + "a picture from the network: " + source);
      } else if (!source.startsWith("data:") && !there(source)) {
        complain.accept(at(leaf, picture) + "no such picture: " + source);
      }
      if (picture.attr("alt").isBlank()) {
        complain.accept(at(leaf, picture) + "nothing says what is to be seen in " + source);
      }
    }
  }

  private void listings(Leaf leaf, Consumer<String> complain) {
    for (Element pre : leaf.body().select("pre")) {
      String where = at(leaf, pre);
      String text = pre.wholeText();
      String name = name(pre);
      if (text.isBlank()) {
        complain.accept(where + "an empty listing" + name);
      }
      if (DIRECTIVE.matcher(text).find()) {
        complain.accept(where + "a stray directive in a listing" + name);
      }
      Set<String> marks = new TreeSet<>(pre.select(".conum").eachText());
      Element after = pre.closest("figure") == null ? pre : pre.closest("figure");
      Element next = after.nextElementSibling();
      int notes = next != null && next.hasClass("colist") ? next.select("li").size() : 0;
      if (marks.size() != notes) {
        complain.accept(
            "%s%d call-outs in a listing, %d explained below it%s"
                .formatted(where, marks.size(), notes, name));
      }
    }
  }

  private void prose(Leaf leaf, Consumer<String> complain) {
    for (Element block : leaf.body().select("p, li, td, th, dt, summary, figcaption, h1, h2, h3")) {
      Element words = block.clone();
      words.select("code, pre, svg, table, ul, ol").remove();
      String text = words.text();
      var macro = MACRO.matcher(text);
      if (DIRECTIVE.matcher(text).find()) {
        complain.accept(at(leaf, block) + "a stray directive: " + text);
      } else if (macro.find()) {
        complain.accept(at(leaf, block) + "no macro has this name: " + macro.group());
      }
    }
  }

  private boolean there(String file) {
    return files.contains(file) || folders.stream().anyMatch(f -> Files.exists(f.resolve(file)));
  }

  private static String name(Element pre) {
    Element figure = pre.closest("figure");
    Element caption = figure == null ? null : figure.selectFirst("figcaption");
    String first = pre.wholeText().lines().findFirst().orElse("").strip();
    String name = caption != null ? caption.text() : first;
    return name.isEmpty() ? "" : ": " + name;
  }

  private static String at(Leaf leaf, Element place) {
    String id = "";
    for (Element e = place; e != null && id.isEmpty(); e = e.parent()) {
      id = e.select("> h2[id], > h3[id], > h4[id]").attr("id");
    }
    return leaf.file() + (id.isEmpty() ? "" : "#" + id) + ": ";
  }
}
