// SPDX-License-Identifier: MIT
package kvmlab.press;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What became of the specimen; its pages stay in target/specimen, to be looked at.
class SiteTest {

  private static final Path SITE = Path.of("target/specimen");

  @BeforeAll
  static void print() throws IOException {
    Path sources = Path.of("target/specimen-sources");
    Printer.specimen(sources);
    Files.createDirectories(SITE);
    Files.writeString(SITE.resolve("a-chapter-since-deleted.html"), "stale");
    new Printer().print(sources.toAbsolutePath(), SITE.toAbsolutePath());
  }

  @Test
  void eachChapterIsAPageAndNoOtherPageStays() throws IOException {
    try (Stream<Path> files = Files.list(SITE)) {
      assertThat(files.map(f -> f.getFileName().toString()).filter(f -> f.endsWith(".html")))
          .containsExactlyInAnyOrder("index.html", "first.html", "second.html");
    }
  }

  @Test
  void referencesCrossPages() throws IOException {
    assertThat(page("second").select("article p a").eachAttr("href"))
        .containsExactly("first.html", "first.html#the-race");
    assertThat(page("first").select("article p a[href=#the-race]")).hasSize(1);
  }

  @Test
  void neighboursAndContentsAreLinked() throws IOException {
    assertThat(page("first").select("#turn [rel=prev]").attr("href")).isEqualTo("index.html");
    assertThat(page("first").select("#turn [rel=next]").attr("href")).isEqualTo("second.html");
    assertThat(page("second").select("#turn [rel=next]")).isEmpty();
    assertThat(page("index").select("#contents a").eachAttr("href"))
        .containsExactly("first.html", "second.html");
    assertThat(page("index").select("#contents .effort").eachText())
        .containsExactly("ex99-locks: about 45 minutes, 4 points");
    assertThat(page("first").select("#nav a[aria-current=page]").attr("href"))
        .isEqualTo("first.html");
    assertThat(page("first").select("#nav li li a").eachAttr("href")).contains("#what-to-keep");
  }

  @Test
  void aNoteFollowsItsFirstCallAndEachCallOpensIt() throws IOException {
    Document page = page("first");
    List<String> targets = page.select(".call button").eachAttr("popovertarget");
    assertThat(targets)
        .containsExactly("note-first-1", "note-first-2", "note-first-2", "note-first-3");
    for (String target : targets) {
      assertThat(page.select("#" + target)).as(target).hasSize(1);
    }
    assertThat(page.select(".call + #note-first-1")).hasSize(1);
    assertThat(page.select("#footnotes, .footnote")).isEmpty();
  }

  @Test
  void newJavaIsColoured() throws IOException {
    Document page = page("first");
    assertThat(page.select(".rouge .kd, .rouge .k").eachText())
        .contains("record", "sealed", "permits");
    assertThat(page.select(".rouge .err")).isEmpty();
  }

  @Test
  void markersForTheStubAreNotPrinted() throws IOException {
    String listing = page("first").expectFirst(".listingblock pre").wholeText();
    assertThat(listing)
        .contains("long seq", "// Without this test")
        .doesNotContain("TODO", "stub:", "frame that the host");
  }

  @Test
  void aStaleReadIsToldAndMarked() throws IOException {
    Element figure = page("first").expectFirst("#the-stale-read");
    assertThat(figure.select("svg .value.stale text").eachText()).containsExactly("f0");
    assertThat(figure.select(".steps code").eachText())
        .containsOnlyOnce("READ_ONCE(pte(h0)) → f0, stale");
  }

  @Test
  void aChartIsDrawnAndToldAndItsFiguresFollow() throws IOException {
    Element figure = page("first").expectFirst("figure#the-storm");
    Element drawing = figure.expectFirst("svg[role=img]");

    assertThat(drawing.attr("aria-label"))
        .startsWith("What a storm does to faults: old from 5,000,000 to 0 faults per second;")
        .contains("between 0 and 16 tasks that invalidate other memory");
    assertThat(drawing.select("text.unit").eachText())
        .containsExactly("faults per second, logarithmic", "tasks that invalidate other memory");
    assertThat(drawing.select("path.line").eachAttr("stroke-dasharray")).doesNotHaveDuplicates();
    assertThat(figure.select(".legend li").eachText()).containsExactly("old", "new");
    assertThat(figure.select("details table tbody tr").eachText())
        .contains("16 old 0 0 to 10 100", "16 new 1,000,000 900,000 to 1,200,000 0");
  }

  @Test
  void designsAreToldInWordsWithTheTrialThatBrokeThem() throws IOException {
    Element figure = page("first").expectFirst("figure#the-designs");

    assertThat(figure.select("tbody tr").eachText())
        .containsExactly(
            "I12 every start has its end",
            "holds behind I14",
            "I14 no task waits for ever",
            "holds broken 1",
            "I15 the update gets on",
            "holds broken 1");
    assertThat(figure.expectFirst("details").text())
        .isEqualTo("Every design keeps 1 more I11 the count is exact");
    assertThat(figure.select(".trials li").eachText())
        .containsExactly("NestedStart: T1 waits for itself");
    assertThat(figure.select("sup a").eachAttr("href")).containsOnly("#trial-1");
    assertThat(figure.select("[role=region]").attr("tabindex")).isEqualTo("0");
  }

  @Test
  void quizzesAreNumberedByChapter() throws IOException {
    assertThat(page("first").select(".quiz .label").eachText())
        .containsExactly("Quick quiz 1.1", "Quick quiz 1.2");
  }

  @Test
  void aRunIsDrawnAndTold() throws IOException {
    Element figure = page("first").expectFirst("figure#the-race");
    assertThat(figure.expectFirst("figcaption").text())
        .isEqualTo("A fault installs the page that was just freed");
    int lines = figure.select(".steps tbody td:first-child").size();
    assertThat(figure.select("svg .step")).hasSize(lines).hasSize(18);
    assertThat(figure.select("svg .panel")).hasSize(5);
    assertThat(figure.select("svg .lock.waits")).hasSize(1);
    assertThat(figure.select("svg text.cell").eachText()).contains("count", "seq");
    assertThat(figure.select(".verdict").text()).contains("FORBIDDEN", "no SPTE maps a freed page");
    assertThat(figure.select(".found code").text())
        .isEqualTo("./course replay ex99:ReaderRacesWriter:v1:0a2b11c0");
    assertThat(page("first").select("article p").eachText())
        .anySatisfy(p -> assertThat(p).contains("needs 1,234 schedules", "after 78."));
  }

  @Test
  void anExerciseTellsItsChecksAndPoints() throws IOException {
    Element box = page("first").expectFirst(".exercise");
    assertThat(box.select(".effort").text()).isEqualTo("about 45 minutes, 4 points");
    assertThat(page("first").select("article p").eachText())
        .contains("It takes 45 minutes for 4 points.");
    assertThat(box.select(".stars").eachText()).containsExactly("★", "★★★");
    assertThat(box.select("pre").text()).isEqualTo("$ ./course check ex99");
  }

  @Test
  void nothingIsFetchedFromElsewhere() throws IOException {
    for (String name : List.of("index", "first", "second")) {
      assertThat(page(name).select("[src], link[href]").eachAttr("abs:src"))
          .allMatch(String::isEmpty);
      assertThat(page(name).html()).doesNotContain("https://", "http://");
    }
  }

  private static Document page(String name) throws IOException {
    return Jsoup.parse(SITE.resolve(name + ".html"));
  }
}
