// SPDX-License-Identifier: MIT
package kvmlab.bench;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// The programs of the machine.
final class Programs {

  private Programs() {}

  /// Returns whether the search path has `name`.
  static boolean exists(String name) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
        .splitAsStream(path)
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
  }
}
