// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

/// Cuts the long page at its chapters, and points every link at the page its target came to lie on.
final class Cutter {

  static final String FRONT = "index.html";

  private final List<Leaf> leaves = new ArrayList<>();
  private final Consumer<String> complain;

  private Cutter(Consumer<String> complain) {
    this.complain = complain;
  }

  static Book cut(Document whole, Consumer<String> complain) {
    Cutter cutter = new Cutter(complain);
    cutter.leaves(whole);
    cutter.links(cutter.homes());
    return new Book(whole.title(), List.copyOf(cutter.leaves));
  }

  private void leaves(Document whole) {
    Element front = new Element("div");
    whole.select("#preamble > .sectionbody > *").forEach(front::appendChild);
    leaves.add(new Leaf(FRONT, "", whole.title(), front));
    for (Element chapter : whole.select("#content > .sect1")) {
      Element heading = chapter.expectFirst("h2");
      Element number = heading.selectFirst(".number");
      Element title = heading.clone();
      title.select(".number, .anchor").remove();
      for (int level = 2; level <= 6; level++) {
        chapter.select("h" + level).tagName("h" + (level - 1));
      }
      leaves.add(
          new Leaf(
              heading.id() + ".html",
              number == null ? "" : number.text(),
              title.html().strip(),
              chapter));
    }
  }

  /// The page that each id lies on.
  private Map<String, String> homes() {
    Map<String, String> homes = new HashMap<>();
    for (Leaf leaf : leaves) {
      for (Element target : leaf.body().select("[id]")) {
        String other = homes.put(target.id(), leaf.file());
        if (other != null) {
          complain.accept(
              "%s: #%s is the name of two places (the other one: %s)"
                  .formatted(leaf.file(), target.id(), other));
        }
      }
    }
    return homes;
  }

  private void links(Map<String, String> homes) {
    for (Leaf leaf : leaves) {
      for (Element link : leaf.body().select("a[href^=#]:not([href=#])")) {
        String id = link.attr("href").substring(1);
        String home = homes.get(id);
        if (home == null) {
          complain.accept(
              "%s: \"%s\" refers to #%s, and nothing has that name"
                  .formatted(leaf.file(), link.text(), id));
        } else if (!home.equals(leaf.file())) {
          link.attr("href", home.equals(id + ".html") ? home : home + "#" + id);
        }
      }
    }
  }
}
