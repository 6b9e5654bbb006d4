// SPDX-License-Identifier: MIT
package kvmlab.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import ex99.LocksInBothOrders;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// The trace as data says what its schema allows, and how everything stands after each step.
class TraceJsonTest {
  private static final Exploration FOUND = Lab.explore(new LocksInBothOrders());

  @Test
  void schemaHolds() throws IOException {
    JsonObject schema = schema();
    assertThat(faults(schema, schema, JsonParser.parseString(FOUND.toJson()), "")).isEmpty();
  }

  /// The checker of this test does see what is wrong.
  @Test
  void schemaRefusesWhatItDoesNotKnow() throws IOException {
    JsonObject schema = schema();
    JsonObject trace = JsonParser.parseString(FOUND.toJson()).getAsJsonObject();
    trace.remove("tasks");
    JsonObject step = trace.getAsJsonArray("steps").get(0).getAsJsonObject();
    step.addProperty("kind", "JUMP");
    step.addProperty("depth", "deep");
    step.addProperty("mood", "good");
    assertThat(faults(schema, schema, trace, ""))
        .containsExactlyInAnyOrder(
            "/tasks is missing",
            "/steps/0/kind is JUMP",
            "/steps/0/depth is no integer",
            "/steps/0/mood is unknown");
  }

  @Test
  void readsWhatItWrote() {
    TraceJson trace = TraceJson.read(FOUND.toJson());
    assertThat(trace.json()).isEqualTo(FOUND.toJson());
    assertThatThrownBy(() -> TraceJson.read("{\"schema\": \"kvmlab/trace/v2\"}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no trace of schema kvmlab/trace/v1");
    assertThatThrownBy(() -> TraceJson.read("oops")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void walkTellsHowLocksStand() {
    Walk walk = Walk.of(TraceJson.read(FOUND.toJson()));
    assertThat(walk.start()).isEqualTo(Map.of("one", "free", "other", "free"));
    Walk.Stop last = walk.stops().getLast();
    assertThat(last.state())
        .containsEntry("one", "held by CPU 0 (one first), waited for by CPU 1 (other first)")
        .containsEntry("other", "held by CPU 1 (other first), waited for by CPU 0 (one first)");
    assertThat(last.changed()).containsExactly("other");
    assertThat(last.takesOver()).isTrue();
    assertThat(walk.outcome()).startsWith("STUCK  every task comes to its end\n");
  }

  @Test
  void stepsKnowTheirLines() {
    TraceJson.Step step = TraceJson.read(FOUND.toJson()).steps().getFirst();
    assertThat(step.place()).matches("ex99/LocksInBothOrders\\.java:\\d+");
    assertThat(step.file()).startsWith("LocksInBothOrders.java:");
  }

  private static JsonObject schema() throws IOException {
    try (InputStream in = TraceJson.class.getResourceAsStream("trace-v1.schema.json")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      return JsonParser.parseString(text).getAsJsonObject();
    }
  }

  /// Checks the few words of JSON Schema that ours is written in.
  private static List<String> faults(
      JsonObject root, JsonObject schema, JsonElement value, String where) {
    if (schema.has("$ref")) {
      String name = schema.get("$ref").getAsString().replace("#/$defs/", "");
      return faults(root, root.getAsJsonObject("$defs").getAsJsonObject(name), value, where);
    }
    List<String> faults = new ArrayList<>();
    if (schema.has("const") && !schema.get("const").equals(value)
        || schema.has("enum") && !schema.getAsJsonArray("enum").contains(value)) {
      faults.add(where + " is " + value.getAsString());
    }
    String type = schema.has("type") ? schema.get("type").getAsString() : "";
    boolean fits =
        switch (type) {
          case "object" -> value instanceof JsonObject;
          case "array" -> value instanceof JsonArray;
          case "string" -> value instanceof JsonPrimitive primitive && primitive.isString();
          case "boolean" -> value instanceof JsonPrimitive primitive && primitive.isBoolean();
          case "integer" -> value instanceof JsonPrimitive primitive && primitive.isNumber();
          default -> true;
        };
    if (!fits) {
      faults.add(where + " is no " + type);
    } else if (value instanceof JsonArray array) {
      for (int i = 0; i < array.size(); i++) {
        faults.addAll(faults(root, schema.getAsJsonObject("items"), array.get(i), where + "/" + i));
      }
    } else if (value instanceof JsonObject object) {
      JsonObject properties = schema.getAsJsonObject("properties");
      for (JsonElement required : schema.getAsJsonArray("required")) {
        if (!object.has(required.getAsString())) {
          faults.add(where + "/" + required.getAsString() + " is missing");
        }
      }
      object
          .entrySet()
          .forEach(entry -> {
            String there = where + "/" + entry.getKey();
            if (properties.has(entry.getKey())) {
              JsonObject property = properties.getAsJsonObject(entry.getKey());
              faults.addAll(faults(root, property, entry.getValue(), there));
            } else {
              faults.add(there + " is unknown");
            }
          });
    }
    return faults;
  }
}
