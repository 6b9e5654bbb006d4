// SPDX-License-Identifier: MIT
package kvmlab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The script and the code it starts must agree on names that no compiler compares.
class LauncherTest {
  private static final Path HOME = Path.of("..", "..");

  @Test
  void everySystemPropertyOfTheScriptIsRead() throws IOException {
    String script = Files.readString(HOME.resolve("course"));
    String code = code();
    assertThat(
            Pattern.compile("-D(kvmlab\\.[a-z.]+)=").matcher(script).results().map(m -> m.group(1)))
        .isNotEmpty()
        .allSatisfy(property -> assertThat(code).contains('"' + property + '"'));
  }

  private static String code() throws IOException {
    try (Stream<Path> files = Files.walk(HOME.resolve("harness"))) {
      return files
          .filter(file ->
              file.toString().contains("src/main/java") && file.toString().endsWith(".java"))
          .map(LauncherTest::read)
          .collect(Collectors.joining());
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
