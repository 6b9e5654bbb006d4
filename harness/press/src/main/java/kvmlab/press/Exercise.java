// SPDX-License-Identifier: MIT
package kvmlab.press;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What an exercise asks: its checks as this build compiled them.
///
/// @param name the folder, `ex02-retry`
/// @param minutes how long it takes, as its README declares
record Exercise(String name, int minutes, List<Check> checks) {

  /// One graded check.
  record Check(int task, int stars, int points, String title) {}

  static Exercise read(Path file) throws IOException {
    try {
      return new Gson().fromJson(Files.readString(file), Exercise.class);
    } catch (JsonParseException e) {
      throw new IOException(file + " is no JSON", e);
    }
  }

  String json() {
    return new Gson().toJson(this);
  }

  /// The short name that the command takes.
  String id() {
    return name.replaceFirst("-.*", "");
  }

  int points() {
    return checks.stream().mapToInt(Check::points).sum();
  }
}
