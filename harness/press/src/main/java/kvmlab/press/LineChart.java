// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jsoup.nodes.Element;

/// Draws a line for each of several things, over a few places on one axis.
///
/// A line is told from the others by its marker and its dashes as well as by its colour, which the
/// style sheet gives by class, so that the drawing goes dark with the page and prints without
/// colours. On a logarithmic axis what is 0 lies on the axis itself.
///
/// @param across what the places are, with a unit
/// @param up what the values are, with a unit
/// @param log whether the values are drawn by their logarithm
/// @param places names along the axis, evenly spaced
/// @param lines for each line, its point at each place
record LineChart(
    String across,
    String up,
    boolean log,
    List<String> places,
    Map<String, Map<String, Point>> lines) {

  /// A value, and how far measurements of it spread.
  record Point(double value, double least, double most) {}

  private static final int WIDTH = 520;
  private static final int HEIGHT = 330;
  private static final int LEFT = 58;
  private static final int RIGHT = 14;
  private static final int TOP = 30;
  private static final int BOTTOM = 46;
  private static final int LINEAR_TICKS = 5;

  /// Drawn around 0, 0; as many as lines that are told apart.
  private static final List<String> MARKERS =
      List.of(
          "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
          "M-4-4h8v8h-8z",
          "M0-5L5 4H-5z",
          "M0-6L6 0L0 6L-6 0z",
          "M0 5L5-4H-5z",
          "M-5-5L5 5M-5 5L5-5",
          "M-6 0H6M0-6V6",
          "M-2-6h4v12h-4z");

  private static final List<String> DASHES =
      List.of("none", "7 3", "2 3", "9 3 2 3", "12 4", "4 4", "1 4", "9 2 2 2 2 2");

  /// Returns the drawing and its key.
  Element figure(String label) {
    Element box = new Element("div");
    box.append(svg(label));
    Element key = box.appendElement("ul").addClass("legend").attr("aria-hidden", "true");
    int at = 0;
    for (String name : lines.keySet()) {
      Element line = key.appendElement("li").addClass(lane(at));
      line.append(
          "<svg viewBox='-20 -8 40 16' width='40' height='16'>%s%s</svg>"
              .formatted("<path class='line' %s d='M-20 0H20'/>".formatted(dash(at)), mark(at)));
      line.appendText(name);
      at++;
    }
    return box;
  }

  private String svg(String label) {
    StringBuilder out = new StringBuilder();
    out.append(
        "<svg viewBox='0 0 %d %d' width='%d' role='img' aria-label='%s'>"
            .formatted(WIDTH, HEIGHT, WIDTH, escape(label + ": " + words())));
    out.append(text("unit", 4, 14, up + (log ? ", logarithmic" : "")));
    for (double tick : ticks()) {
      int y = y(tick);
      out.append("<path class='grid' d='M%d %dH%d'/>".formatted(LEFT, y, WIDTH - RIGHT));
      out.append(text("tick up", LEFT - 8, y + 4, abbreviated(tick)));
    }
    if (log && lowest() <= 0) {
      out.append(text("tick up", LEFT - 8, HEIGHT - BOTTOM + 4, "0"));
    }
    out.append("<path class='axis' d='M%d %dH%d'/>".formatted(LEFT, bottom(), WIDTH - RIGHT));
    for (int i = 0; i < places.size(); i++) {
      out.append(text("tick", x(i), bottom() + 18, places.get(i)));
    }
    out.append(text("unit end", WIDTH - RIGHT, HEIGHT - 8, across));
    int at = 0;
    for (Map<String, Point> points : lines.values()) {
      line(out, at++, points);
    }
    return out.append("</svg>").toString();
  }

  private void line(StringBuilder out, int at, Map<String, Point> points) {
    StringBuilder way = new StringBuilder();
    StringBuilder marks = new StringBuilder();
    for (int i = 0; i < places.size(); i++) {
      Point point = points.get(places.get(i));
      if (point == null) {
        continue;
      }
      way.append(way.isEmpty() ? 'M' : 'L').append(x(i)).append(' ').append(y(point.value));
      marks.append(
          "<path class='spread' d='M%d %dV%d'/><g transform='translate(%d %d)'>%s</g>"
              .formatted(x(i), y(point.least), y(point.most), x(i), y(point.value), mark(at)));
    }
    out.append(
        "<g class='%s'><path class='line' %s d='%s'/>%s</g>"
            .formatted(lane(at), dash(at), way, marks));
  }

  /// What the drawing shows, for who does not see it: each line from its first place to its last.
  private String words() {
    StringBuilder words = new StringBuilder();
    lines.forEach((name, points) -> {
      Point first = points.get(places.get(0));
      Point last = points.get(places.get(places.size() - 1));
      if (first != null && last != null) {
        words.append(
            "%s from %s to %s %s; ".formatted(name, grouped(first.value), grouped(last.value), up));
      }
    });
    return "%sbetween %s and %s %s. The figures are in the table that follows."
        .formatted(words, places.get(0), places.get(places.size() - 1), across);
  }

  private static String lane(int at) {
    return "lane" + at % 4;
  }

  private static String dash(int at) {
    return "stroke-dasharray='" + DASHES.get(at % DASHES.size()) + "'";
  }

  private static String mark(int at) {
    return "<path class='mark' d='" + MARKERS.get(at % MARKERS.size()) + "'/>";
  }

  private double lowest() {
    return values().min().orElse(0);
  }

  private DoubleStream values() {
    return lines.values().stream()
        .flatMap(points -> points.values().stream())
        .flatMapToDouble(point -> DoubleStream.of(point.value, point.least, point.most));
  }

  /// The powers of ten, or some round numbers, between the axis and the top.
  private List<Double> ticks() {
    if (log) {
      return IntStream.rangeClosed(floor(), ceiling())
          .mapToObj(power -> Math.pow(10, power))
          .toList();
    }
    double step = Math.pow(10, Math.floor(Math.log10(Math.max(1, highest()) / LINEAR_TICKS)));
    while (highest() / step > LINEAR_TICKS * 2) {
      step *= 2;
    }
    double width = step;
    return IntStream.rangeClosed(0, (int) Math.ceil(highest() / step))
        .mapToObj(tick -> tick * width)
        .toList();
  }

  private double highest() {
    return values().max().orElse(1);
  }

  private int floor() {
    return (int) Math.floor(Math.log10(values().filter(v -> v >= 1).min().orElse(1)));
  }

  private int ceiling() {
    return Math.max(floor() + 1, (int) Math.ceil(Math.log10(Math.max(1, highest()))));
  }

  private static int bottom() {
    return HEIGHT - BOTTOM;
  }

  private int x(int place) {
    double step = (WIDTH - LEFT - RIGHT - 24.0) / Math.max(1, places.size() - 1);
    return (int) Math.round(LEFT + 12 + place * step);
  }

  private int y(double value) {
    double share;
    if (log) {
      // Below the lowest power of ten there is room for what is less than 1.
      double span = ceiling() - floor() + 0.5;
      share = value < 1 ? 0 : (Math.log10(value) - floor() + 0.5) / span;
    } else {
      List<Double> ticks = ticks();
      share = value / ticks.get(ticks.size() - 1);
    }
    return (int) Math.round(bottom() - share * (bottom() - TOP));
  }

  private static String abbreviated(double value) {
    if (value >= 1e6) {
      return trimmed(value / 1e6) + " M";
    }
    return value >= 1e3 ? trimmed(value / 1e3) + " k" : trimmed(value);
  }

  private static String trimmed(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.format(Locale.ROOT, "%.1f", value);
  }

  private static String grouped(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  private static String text(String css, int x, int y, String words) {
    return "<text class='%s' x='%d' y='%d'>%s</text>".formatted(css, x, y, escape(words));
  }

  private static String escape(String words) {
    return words.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;");
  }
}
