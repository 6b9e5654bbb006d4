// SPDX-License-Identifier: MIT
package kvmlab.press;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import kvmlab.press.LineChart.Point;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Test;

class LineChartTest {

  @Test
  void logarithmicAxisHasAPowerOfTenATick() {
    assertThat(ticks(true, 200, 3_000_000))
        .containsExactly("100", "1 k", "10 k", "100 k", "1 M", "10 M");
  }

  @Test
  void noneIsOnTheLogarithmicAxisItself() {
    assertThat(ticks(true, 0, 500)).containsExactly("100", "1 k", "0");
    assertThat(drawn(true, 0, 500).select(".mark").parents().eachAttr("transform"))
        .contains("translate(70 284)");
  }

  @Test
  void linearAxisBeginsAtNoneAndEndsAboveAll() {
    assertThat(ticks(false, 4, 9))
        .containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    assertThat(ticks(false, 40_000, 2_300_000)).startsWith("0").endsWith("2.4 M");
  }

  @Test
  void drawsAPlaceOnlyWhereThereIsAValue() {
    LineChart chart =
        new LineChart(
            "tasks", "faults", true, List.of("1", "2"), Map.of("one", Map.of("1", point(7))));

    assertThat(chart.figure("x").select("svg[role=img] .mark")).hasSize(1);
  }

  private static List<String> ticks(boolean log, double from, double to) {
    return drawn(log, from, to).select("text.up").eachText();
  }

  private static Element drawn(boolean log, double from, double to) {
    Map<String, Point> points = Map.of("1", point(from), "2", point(to));
    return new LineChart("tasks", "faults", log, List.of("1", "2"), Map.of("one", points))
        .figure("x");
  }

  private static Point point(double value) {
    return new Point(value, value, value);
  }
}
