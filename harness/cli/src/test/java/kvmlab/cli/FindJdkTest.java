// SPDX-License-Identifier: MIT
package kvmlab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which folders `find-jdk.sh` takes for a JDK that is new enough.
@DisabledOnOs(OS.WINDOWS)
class FindJdkTest {

  private static final Path SCRIPT = Path.of("src/main/sh/find-jdk.sh").toAbsolutePath();

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"25", "25.0.3", "26-ea", "100.1"})
  void takesTheFolderThatWasNamed(String version) throws Exception {
    assertThat(found(jdk("JAVA_VERSION=\"" + version + "\""))).isEqualTo(folder.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"24.0.2", "17.0.15", "1.8.0_402", ""})
  void passesOverAnOlderOne(String version) throws Exception {
    assertThat(found(jdk("JAVA_VERSION=\"" + version + "\""))).isNotEqualTo(folder.toString());
  }

  @Test
  void readsTheVersionBetweenOtherLines() throws Exception {
    Path jdk = jdk("IMPLEMENTOR=\"A = B\"\nJAVA_VERSION=\"25.0.1\"\nMODULES=\"java.base\"");
    assertThat(found(jdk)).isEqualTo(folder.toString());
  }

  @Test
  void passesOverARuntimeWithoutCompiler() throws Exception {
    Path jdk = jdk("JAVA_VERSION=\"25.0.1\"");
    Files.delete(jdk.resolve("bin/javac"));
    assertThat(found(jdk)).isNotEqualTo(folder.toString());
  }

  private Path jdk(String release) throws IOException {
    Path javac = Files.createDirectory(folder.resolve("bin")).resolve("javac");
    Files.createFile(javac);
    assertThat(javac.toFile().setExecutable(true)).isTrue();
    Files.writeString(folder.resolve("release"), release + "\n");
    return folder;
  }

  /// What the script finds when JAVA25_HOME names `jdk`; empty when it finds none.
  private static String found(Path jdk) throws IOException, InterruptedException {
    ProcessBuilder shell =
        new ProcessBuilder("sh", "-euc", ". \"$0\"; find_jdk && echo \"$jdk\"", SCRIPT.toString());
    shell.environment().put("JAVA25_HOME", jdk.toString());
    Process process = shell.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String out = new String(process.getInputStream().readAllBytes());
    process.waitFor();
    return out.strip();
  }
}
