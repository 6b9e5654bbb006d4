// SPDX-License-Identifier: MIT
package kvmlab.grade.run;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import com.google.gson.stream.MalformedJsonException;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One line of the talk between grader and worker: a flat JSON object of strings.
///
/// @param fields in the order they are written
public record Message(Map<String, String> fields) {

  private static final String TYPE = "type";

  /// Starts a message of this type.
  public static Message of(String type) {
    return new Message(new LinkedHashMap<>()).with(TYPE, type);
  }

  /// Adds a field, and returns this message.
  public Message with(String name, String value) {
    fields.put(name, value);
    return this;
  }

  /// Adds a field if there is a value, and returns this message.
  public Message withOptional(String name, @Nullable String value) {
    return value == null ? this : with(name, value);
  }

  public String type() {
    return get(TYPE);
  }

  /// The field called `name`, empty if it is absent.
  public String get(String name) {
    return fields.getOrDefault(name, "");
  }

  /// The field called `name`, null if it is absent.
  public @Nullable String find(String name) {
    return fields.get(name);
  }

  /// This message as one line of JSON, without the line's end.
  public String line() {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.beginObject();
      for (Map.Entry<String, String> field : fields.entrySet()) {
        json.name(field.getKey()).value(field.getValue());
      }
      json.endObject();
    } catch (IOException e) {
      throw new AssertionError("a StringWriter does not fail", e);
    }
    return text.toString();
  }

  /// Reads what [#line()] wrote.
  ///
  /// @throws MalformedJsonException if `line` is anything else
  public static Message parse(String line) throws MalformedJsonException {
    Map<String, String> fields = new LinkedHashMap<>();
    try (JsonReader json = new JsonReader(new StringReader(line))) {
      json.beginObject();
      while (json.hasNext()) {
        fields.put(json.nextName(), json.nextString());
      }
      json.endObject();
    } catch (IOException | IllegalStateException e) {
      throw new MalformedJsonException("no message: " + e.getMessage());
    }
    return new Message(fields);
  }
}
