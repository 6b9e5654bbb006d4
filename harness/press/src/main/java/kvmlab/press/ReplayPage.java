// SPDX-License-Identifier: MIT
package kvmlab.press;

import com.google.gson.Gson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import kvmlab.lab.TraceJson;
import kvmlab.lab.Walk;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

/// One execution as a page of its own: the lanes, the report, and how things stand after each step.
///
/// The page asks nothing of any server. Without scripts it shows the whole execution and how it
/// ends; with them, it is walked through by buttons, keys, or a click on a step.
public final class ReplayPage {
  private final Walk walk;
  private final TraceJson trace;
  private final Function<String, Optional<String>> links;

  private ReplayPage(Walk walk, Function<String, Optional<String>> links) {
    this.walk = walk;
    this.trace = walk.trace();
    this.links = links;
  }

  /// Returns the page as HTML.
  ///
  /// @param links where a place such as `ex02/RetryingFault.java:41` leads from the page, if known
  public static String of(TraceJson trace, Function<String, Optional<String>> links) {
    return new ReplayPage(Walk.of(trace), links).html();
  }

  /// What the script knows of one stop: where it is, and how the objects stand.
  private record Stop(
      int task,
      String line,
      String place,
      String link,
      List<String> state,
      List<Integer> changed) {}

  private String html() {
    Document page = Document.createShell("");
    page.outputSettings().prettyPrint(false);
    page.prependChild(new org.jsoup.nodes.DocumentType("html", "", ""));
    Objects.requireNonNull(page.selectFirst("html")).attr("lang", "en");
    String name = trace.scenario().replace(':', ' ');
    page.title(trace.verdict() + " " + name);
    page.head().prependElement("meta").attr("charset", "utf-8");
    page.head()
        .appendElement("meta")
        .attr("name", "viewport")
        .attr("content", "width=device-width, initial-scale=1");
    page.head()
        .appendElement("style")
        .appendChild(new org.jsoup.nodes.DataNode(text("replay.css")));
    Element main = page.body().appendElement("main");
    Element head = main.appendElement("header");
    head.appendElement("h1").text(name);
    Element verdict = head.appendElement("p").addClass("verdict");
    verdict.appendElement("b").text(trace.verdict());
    String invariant = trace.invariant() == null ? "" : trace.invariant() + ": ";
    verdict.appendText(" " + invariant + trace.statement());
    verdict.appendElement("span").addClass("seen").text(trace.seen());
    if (trace.likelyCause() != null) {
      verdict.appendElement("span").addClass("seen").text("Likely cause: " + trace.likelyCause());
    }
    if (trace.report() != null) {
      main.appendElement("pre").addClass("report").text(String.join("\n", trace.report()));
    }
    controls(main);
    Element columns = main.appendElement("div").addClass("columns");
    figure(columns.appendElement("figure").addClass("trace"));
    state(columns.appendElement("section").addClass("state"));
    Element report = main.appendElement("details");
    report.appendElement("summary").text("The report");
    report.appendElement("pre").text(trace.explanation());
    main.appendElement("p")
        .addClass("found")
        .appendElement("code")
        .text("./course replay " + trace.token());
    String data = new Gson().toJson(stops());
    page.body()
        .appendElement("script")
        .attr("type", "application/json")
        .attr("id", "stops")
        .appendChild(new org.jsoup.nodes.DataNode(data));
    page.body()
        .appendElement("script")
        .appendChild(new org.jsoup.nodes.DataNode(text("replay.js")));
    return page.outerHtml() + "\n";
  }

  private void controls(Element main) {
    Element bar = main.appendElement("nav").addClass("player");
    bar.attr("aria-label", "Steps").attr("hidden", "");
    button(bar, "first", "|\u2039", "To the start (Home)");
    button(bar, "back-switch", "\u2039\u2039", "Back to the previous switch (S)");
    button(bar, "back", "\u2039", "Back one step (Left)");
    button(bar, "next", "\u203a", "On one step (Right)");
    button(bar, "next-switch", "\u203a\u203a", "On to the next switch (s)");
    button(bar, "last", "\u203a|", "To the end (End)");
    bar.appendElement("input")
        .attr("type", "range")
        .attr("min", "0")
        .attr("max", String.valueOf(walk.stops().size()))
        .attr("value", String.valueOf(walk.stops().size()))
        .attr("aria-label", "Step");
    bar.appendElement("p").attr("aria-live", "polite").attr("id", "now");
  }

  private static void button(Element bar, String id, String sign, String title) {
    bar.appendElement("button")
        .attr("type", "button")
        .attr("id", id)
        .attr("title", title)
        .attr("aria-label", title)
        .text(sign);
  }

  private void figure(Element figure) {
    Run run = run();
    String lanes = new SwimLanes(run, Cells.of(run, "")).svg();
    figure.appendElement("div").addClass("lanes").append(lanes);
    figure.appendElement("p").addClass("key").text(SwimLanes.KEY);
    figure.appendChild(StepTable.of(run));
    List<Element> rows = figure.select(".steps td:last-child");
    for (int i = 0; i < rows.size(); i++) {
      Element row = rows.get(i);
      Objects.requireNonNull(row.parent()).attr("data-step", String.valueOf(i));
      place(row, walk.stops().get(i).step());
    }
  }

  private void place(Element parent, TraceJson.Step step) {
    if (step.place() == null) {
      return;
    }
    String link = link(step);
    Element place = parent.appendElement(link.isEmpty() ? "span" : "a").addClass("place");
    place.text(step.file());
    if (!link.isEmpty()) {
      place.attr("href", link);
    }
  }

  private String link(TraceJson.Step step) {
    return step.place() == null ? "" : links.apply(step.place()).orElse("");
  }

  private void state(Element section) {
    section.appendElement("h2").text("State");
    Element table = section.appendElement("table");
    Map<String, String> end =
        walk.stops().isEmpty() ? walk.start() : walk.stops().get(walk.stops().size() - 1).state();
    end.forEach((object, state) -> {
      Element row = table.appendElement("tr");
      row.appendElement("th").attr("scope", "row").text(object);
      row.appendElement("td").text(state);
    });
  }

  private List<Stop> stops() {
    List<String> objects = new ArrayList<>(walk.start().keySet());
    List<Stop> stops = new ArrayList<>();
    stops.add(
        new Stop(-1, "before the first step", "", "", states(objects, walk.start()), List.of()));
    for (Walk.Stop stop : walk.stops()) {
      TraceJson.Step step = stop.step();
      stops.add(
          new Stop(
              step.task(),
              trace.tasks().get(step.task()) + ": " + step.line(),
              step.file(),
              link(step),
              states(objects, stop.state()),
              stop.changed().stream().map(objects::indexOf).toList()));
    }
    return stops;
  }

  private static List<String> states(List<String> objects, Map<String, String> state) {
    return objects.stream().map(object -> Objects.requireNonNull(state.get(object))).toList();
  }

  private Run run() {
    return new Run(
        Run.SCHEMA,
        trace.scenario(),
        trace.token(),
        trace.verdict(),
        trace.invariant(),
        trace.statement(),
        trace.seen(),
        trace.likelyCause(),
        trace.tasks(),
        walk.stops().stream().map(stop -> step(stop.step())).toList(),
        new Run.Explored(
            trace.explored().schedules(), trace.explored().exhausted(), trace.explored().bound()));
  }

  private static Run.Step step(TraceJson.Step step) {
    return new Run.Step(
        step.task(),
        step.kind().name(),
        step.depth(),
        step.text(),
        step.object(),
        step.value(),
        step.stale());
  }

  private static String text(String resource) {
    try (InputStream in = ReplayPage.class.getResourceAsStream(resource)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(resource + " cannot be read", e);
    }
  }
}
