// SPDX-License-Identifier: MIT
package kvmlab.press;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MutantTest {

  @TempDir Path folder;

  @BeforeEach
  void writeTheSolution() throws IOException {
    write(
        "solution/src/main/java/ex99/Answer.java",
        """
        package ex99;

        public class Answer implements java.util.function.IntSupplier {
          @Override
          public int getAsInt() {
            return 42;
          }
        }
        """);
  }

  @Test
  void isTheSolutionWithItsDefect() throws Exception {
    Path classes = mutant("-    return 42;\n+    return 41;\n");
    try (URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
      Object answer = loader.loadClass("ex99.Answer").getDeclaredConstructor().newInstance();
      assertThat(((java.util.function.IntSupplier) answer).getAsInt()).isEqualTo(41);
    }
  }

  @Test
  void aPatchThatDoesNotFitIsNamed() {
    assertThatThrownBy(() -> mutant("-    return 43;\n+    return 41;\n"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("off-by-one.patch does not fit")
        .hasMessageContaining("Answer.java");
  }

  @Test
  void aMutantThatDoesNotCompileIsNamed() {
    assertThatThrownBy(() -> mutant("-    return 42;\n+    return none;\n"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("off-by-one.patch does not compile")
        .hasMessageContaining("none");
  }

  private Path mutant(String change) throws IOException {
    Path patch =
        write(
            "off-by-one.patch",
            """
            Subject: [PATCH] Answer too little

            Killed-by: ex99.answers
            ---
            --- a/solutions/ex99-answer/src/main/java/ex99/Answer.java
            +++ b/solutions/ex99-answer/src/main/java/ex99/Answer.java
            @@ -5,3 +5,3 @@
               public int getAsInt() {
            """
                + change
                + "   }\n");
    return Mutant.compile(folder.resolve("solution"), patch, folder.resolve("work"));
  }

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }
}
