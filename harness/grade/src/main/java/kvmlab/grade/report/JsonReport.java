// SPDX-License-Identifier: MIT
package kvmlab.grade.report;

import com.google.auto.service.AutoService;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import kvmlab.grade.ExerciseResult;
import kvmlab.grade.Explored;
import kvmlab.grade.GradeRecord;
import kvmlab.grade.Outcome;
import kvmlab.grade.TestResult;
import kvmlab.grade.compile.Problem;

/// The record itself, schema `kvmlab/grade/v1`: what every other tool reads.
@AutoService(ReportFormat.class)
public final class JsonReport implements ReportFormat {

  @Override
  public String name() {
    return "json";
  }

  @Override
  public String render(GradeRecord grade) {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setIndent("  ");
      json.setHtmlSafe(false);
      write(json, grade);
    } catch (IOException e) {
      throw new AssertionError("a StringWriter does not fail", e);
    }
    return text + "\n";
  }

  private static void write(JsonWriter json, GradeRecord grade) throws IOException {
    json.beginObject();
    json.name("schema").value(GradeRecord.SCHEMA);
    json.name("course").beginObject();
    json.name("id").value("kvmlab").name("version").value(grade.course());
    json.endObject();
    json.name("submission").beginObject();
    json.name("id").value(grade.submission()).name("sha256").value(grade.sha256());
    json.endObject();
    json.name("grader").beginObject();
    json.name("version").value(grade.course());
    json.name("manifestSha256").value(grade.manifestSha256());
    json.name("java").value(grade.java());
    json.endObject();
    json.name("outcome").value(grade.outcome().word());
    json.name("exercises").beginArray();
    for (ExerciseResult exercise : grade.exercises()) {
      write(json, exercise);
    }
    json.endArray();
    json.name("tests").beginArray();
    for (TestResult test : grade.tests()) {
      write(json, test);
    }
    json.endArray();
    json.name("totals").beginObject();
    json.name("points").value(grade.points()).name("max").value(grade.max());
    json.endObject();
    writeIntegrity(json, grade);
    json.name("notes").beginArray();
    for (String note : grade.notes()) {
      json.value(note);
    }
    json.endArray();
    json.endObject();
  }

  private static void write(JsonWriter json, ExerciseResult exercise) throws IOException {
    json.beginObject();
    json.name("id").value(exercise.id());
    json.name("slug").value(exercise.slug());
    json.name("verdict").value(exercise.verdict().word());
    json.name("points").value(exercise.points());
    json.name("max").value(exercise.max());
    json.name("problems").beginArray();
    for (Problem problem : exercise.problems()) {
      json.beginObject();
      json.name("file").value(problem.file());
      json.name("line").value(problem.line());
      json.name("column").value(problem.column());
      json.name("message").value(problem.message());
      json.endObject();
    }
    json.endArray();
    json.endObject();
  }

  private static void write(JsonWriter json, TestResult test) throws IOException {
    json.beginObject();
    json.name("id").value(test.check().id());
    json.name("exercise").value(test.check().exercise());
    json.name("task").value(Integer.toString(test.check().task()));
    json.name("kind").value(test.check().kind());
    json.name("title").value(test.check().title());
    json.name("points").value(test.points());
    json.name("max").value(test.check().max());
    json.name("status").value(test.status().word());
    json.name("verdict").value(test.verdict().word());
    json.name("message").value(test.message());
    json.name("detail").value(test.detail());
    json.name("replay").value(test.replay());
    json.name("invariant").value(test.invariant());
    Explored explored = test.explored();
    json.name("explored");
    if (explored == null) {
      json.nullValue();
    } else {
      json.beginObject();
      json.name("schedules").value(explored.schedules());
      json.name("exhausted").value(explored.exhausted());
      json.name("bound").value(explored.bound());
      json.endObject();
    }
    json.name("visibility").value("visible");
    json.endObject();
  }

  private static void writeIntegrity(JsonWriter json, GradeRecord grade) throws IOException {
    json.name("integrity").beginObject();
    json.name("manifest").value(grade.outcome() == Outcome.INTEGRITY ? "differs" : "match");
    json.name("forbiddenApi").beginArray();
    if (grade.outcome() == Outcome.REFUSED) {
      for (ExerciseResult exercise : grade.exercises()) {
        for (Problem problem : exercise.problems()) {
          json.value(problem.place() + ": " + problem.message());
        }
      }
    }
    json.endArray();
    json.endObject();
  }
}
