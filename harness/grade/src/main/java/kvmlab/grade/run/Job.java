// SPDX-License-Identifier: MIT
package kvmlab.grade.run;

import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;

/// A submission to one exercise, compiled and past the gate. Two jobs are never the same.
public final class Job {

  private final Path checks;
  private final Map<String, byte[]> classes;

  /// A job that takes its checks from the folder `checks`, and the submission's class files, by
  /// binary name, from `classes`.
  public Job(Path checks, Map<String, byte[]> classes) {
    this.checks = checks;
    this.classes = Map.copyOf(classes);
  }

  Message load() {
    Message message = Message.of("load").with("checks", checks.toAbsolutePath().toString());
    classes.forEach(
        (name, bytes) -> message.with("class:" + name, Base64.getEncoder().encodeToString(bytes)));
    return message;
  }
}
