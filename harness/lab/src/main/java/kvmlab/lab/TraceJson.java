// SPDX-License-Identifier: MIT
package kvmlab.lab;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.util.List;
import kvmlab.machine.TraceEvent;
import org.jspecify.annotations.Nullable;

/// A finding as JSON, schema `kvmlab/trace/v1`: what the book draws and a page steps through.
final class TraceJson {
  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  private TraceJson() {}

  private record Explored(long schedules, boolean exhausted, String bound) {}

  private record Document(
      String schema,
      String scenario,
      String token,
      String model,
      String verdict,
      @Nullable String invariant,
      String statement,
      String seen,
      @Nullable List<String> report,
      @Nullable String likelyCause,
      List<String> tasks,
      List<TraceEvent> steps,
      Explored explored) {}

  static String of(Exploration exploration) {
    Finding finding = exploration.finding().orElseThrow();
    List<String> report = finding.violation().report();
    return GSON.toJson(
        new Document(
            "kvmlab/trace/v1",
            exploration.scenario(),
            finding.token().toString(),
            exploration.model(),
            exploration.verdict(),
            finding.violation().invariant(),
            finding.violation().expected(),
            finding.violation().seen(),
            report.isEmpty() ? null : report,
            finding.likelyCause().orElse(null),
            finding.trace().tasks(),
            finding.trace().events(),
            new Explored(exploration.schedules(), exploration.exhausted(), exploration.bound())));
  }
}
