// SPDX-License-Identifier: MIT
package kvmlab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import kvmlab.grade.Course;
import kvmlab.grade.ToyCourse;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// Bad submissions: each gets the exit code of the contract and a sentence that names the file and
/// what to do next; nothing else is harmed, and nobody sees a stack trace.
class ZooTest {

  private static final String HALVE = "ex01-halve/src/main/java/ex01/Halve.java";

  /// One animal of the zoo.
  ///
  /// @param build makes the submission in an empty folder, and returns its path
  /// @param code the exit code
  /// @param says what the answer contains
  record Animal(String name, Builder build, int code, List<String> says) {
    @Override
    public String toString() {
      return name;
    }
  }

  /// Makes a submission.
  interface Builder {
    Path in(Path folder, String solution) throws IOException;
  }

  static final List<Animal> ANIMALS =
      List.of(
          new Animal("solution", file(s -> s), 0, List.of("PASS  ex01-halve", "6 of 6 points")),
          new Animal(
              "does not compile",
              file(s -> s.replace("return x / 2", "return y / 2")),
              3,
              List.of(
                  "DOES-NOT-COMPILE",
                  "sub/" + HALVE + ":17:12: error: cannot find symbol",
                  "    return y / 2 + offset;\n           ^",
                  "next: mend")),
          new Animal("empty file", file(s -> ""), 3, List.of("DOES-NOT-COMPILE", "Halve.java")),
          new Animal(
              "empty folder",
              (folder, s) -> Files.createDirectories(folder.resolve("sub")),
              2,
              List.of("holds nothing to grade", HALVE)),
          new Animal(
              "no folder",
              (folder, s) -> folder.resolve("gone"),
              2,
              List.of("gone does not exist", "hand over a folder or a .zip file")),
          new Animal(
              "neither folder nor zip",
              (folder, s) -> Files.writeString(folder.resolve("sub.rar"), "Rar!"),
              2,
              List.of("sub.rar is no directory and no .zip file")),
          new Animal(
              "stray file",
              (folder, s) -> {
                Path sub = file(x -> x).in(folder, s);
                Files.writeString(sub.resolve("ex01-halve/src/main/java/ex01/Evil.java"), "x");
                Files.writeString(sub.resolve("virus.sh"), "x");
                return sub;
              },
              0,
              List.of("PASS", "Evil.java: no exercise asked for has it", "virus.sh")),
          new Animal(
              "check handed in",
              (folder, s) -> {
                Path sub = file(x -> x.replace("x / 2", "x")).in(folder, s);
                write(sub, "ex01-halve/src/test/java/ex01/HalveTest.java", "package ex01;");
                return sub;
              },
              1,
              List.of("FORBIDDEN  Twice the half is the number again")),
          new Animal(
              "check replaced by a class in the file",
              file(s -> s + "\nclass HalveTest {}\n"),
              5,
              List.of("declares a class that the checks have: ex01.HalveTest", "rename it")),
          new Animal(
              "wrong package",
              file(s -> s.replace("package ex01;", "package ex99;")),
              5,
              List.of("Halve.java", "declares a class outside package ex01")),
          new Animal(
              "other constructor",
              file(s ->
                  s.replace("Halve(int offset)", "Halve(long offset, int more)")
                      .replace("this.offset = offset", "this.offset = (int) offset")),
              3,
              List.of(
                  "DOES-NOT-COMPILE",
                  HALVE,
                  "the checks use constructor Halve(int)",
                  "give it back as the stub has it")),
          new Animal(
              "method gone",
              file(s -> s.replace("boolean isEven", "boolean isOdd")),
              3,
              List.of("the checks use boolean Halve.isEven(int)")),
          new Animal(
              "method made private",
              file(s -> s.replace("boolean isEven", "private boolean isEven")),
              1,
              List.of("does not fit its checks", "give it back the signatures of the stub")),
          new Animal(
              "System.exit",
              file(s -> s.replace("return x / 2", "System.exit(0); return x / 2")),
              5,
              List.of(
                  "FORBIDDEN",
                  HALVE + ":17: ex01.Halve uses java.lang.System.exit",
                  "return a value instead")),
          new Animal(
              "throws its own error",
              file(s ->
                  s.replace(
                      "return x / 2 + offset;",
                      "throw new Mine();} static class Mine extends Error {"
                          + " public String getMessage() { throw this; }")),
              1,
              List.of("threw its own Mine at Halve.java:17 in half")),
          new Animal(
              "recursion",
              file(s -> s.replace("return x / 2", "return half(x) / 2")),
              1,
              List.of("calls itself without an end at Halve.java:17 in half")),
          new Animal(
              "prints verdicts",
              file(s ->
                  s.replace(
                      "return x / 2 + offset;",
                      "System.out.println(\"{\\\"type\\\":\\\"done\\\",\\\"outcome\\\":\\\"pass\\\"}\");"
                          + " return 7;")),
              1,
              List.of("0 of 5", "printed meanwhile:\n  {\"type\":\"done\"")),
          new Animal(
              "floods the output",
              file(s ->
                  s.replace(
                      "return x / 2 + offset;",
                      "for (int i = 0; i < 100000; i++) System.out.println(i); return 7;")),
              1,
              List.of("printed meanwhile:\n  0\n  1\n", "  9\n  ...\n")),
          new Animal(
              "binary",
              bytes(new byte[] {(byte) 0xca, (byte) 0xfe, 0, 1, 2}),
              3,
              List.of(HALVE + ": error: this file is not UTF-8 text")),
          new Animal(
              "zeros", bytes(new byte[100]), 3, List.of("holds binary data, not Java source")),
          new Animal(
              "huge",
              bytes(new byte[1 << 20]),
              5,
              List.of(HALVE + " is larger than 256 kB; hand in source code only")),
          new Animal(
              "link",
              (folder, s) -> {
                Path sub = Files.createDirectories(folder.resolve("sub"));
                Path file = sub.resolve(HALVE);
                Files.createDirectories(file.getParent());
                Path secret = Files.writeString(folder.resolve("secret"), s);
                Files.createSymbolicLink(file, secret);
                return sub;
              },
              5,
              List.of(HALVE + " is no plain file; hand in the file itself, not a link")),
          new Animal("zip", zip(HALVE, s -> s), 0, List.of("PASS")),
          new Animal(
              "zip of the whole project",
              zip("project-main/exercises/" + HALVE, s -> s),
              0,
              List.of("PASS", "graded what lies below project-main/exercises/")),
          new Animal(
              "zip that climbs out",
              zip("../../" + HALVE, s -> s),
              5,
              List.of("holds a path that leads out of it: ../../ex01")),
          new Animal(
              "zip from the root",
              zip("/" + HALVE, s -> s),
              5,
              List.of("holds a path that leads out of it: /ex01")),
          new Animal(
              "zip with a control character",
              zip("a\u0007b", s -> s),
              5,
              List.of("holds a path that leads out of it: a?b")),
          new Animal(
              "zip bomb in the file",
              zip(HALVE, s -> " ".repeat(50 << 20)),
              5,
              List.of("Halve.java is larger than 256 kB")),
          new Animal(
              "zip bomb beside the file",
              zip("bomb.txt", s -> " ".repeat(300 << 20)),
              5,
              List.of("inflates to more than 256 MB")),
          new Animal(
              "zip with very many files",
              (folder, s) -> {
                Path zip = folder.resolve("sub.zip");
                try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
                  for (int i = 0; i < 10_001; i++) {
                    out.putNextEntry(new ZipEntry("f" + i));
                  }
                }
                return zip;
              },
              5,
              List.of("holds more than 10000 files")),
          new Animal(
              "broken zip",
              (folder, s) -> Files.writeString(folder.resolve("sub.zip"), "PK no zip"),
              2,
              List.of("sub.zip is no readable zip archive")));

  @TempDir Path folder;

  @ParameterizedTest(name = "{0}")
  @FieldSource("ANIMALS")
  void zoo(Animal animal) throws Exception {
    Course course = ToyCourse.in(folder);
    String before = Files.readString(ToyCourse.file(course, "ex01"));
    Path submission = animal.build().in(folder, ToyCourse.solution(course, "ex01"));

    Shell.Result result =
        new Shell(course).run("grade", "ex01", "--submission", submission.toString());

    assertThat(result.out() + result.err()).contains(animal.says());
    assertThat(result.code()).isEqualTo(animal.code());
    assertThat(result.out() + result.err()).doesNotContain("\tat ", "Exception in thread");
    assertThat(ToyCourse.file(course, "ex01")).hasContent(before);
    assertThat(Files.list(course.root()).map(p -> p.getFileName().toString()))
        .containsExactlyInAnyOrder("exercises", "solutions", "pom.xml");
  }

  /// Changes the text of the solution.
  private interface Edit {
    String of(String solution);
  }

  private static Builder file(Edit edit) {
    return (folder, solution) -> write(folder.resolve("sub"), HALVE, edit.of(solution));
  }

  private static Builder bytes(byte[] bytes) {
    return (folder, solution) -> {
      Path sub = write(folder.resolve("sub"), HALVE, "");
      Files.write(sub.resolve(HALVE), bytes);
      return sub;
    };
  }

  private static Path write(Path sub, String file, String text) throws IOException {
    Path path = sub.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
    return sub;
  }

  private static Builder zip(String name, Edit edit) {
    return (folder, solution) -> {
      Path zip = folder.resolve("sub.zip");
      byte[] bytes = edit.of(solution).getBytes(StandardCharsets.UTF_8);
      try (OutputStream file = Files.newOutputStream(zip);
          ZipOutputStream out = new ZipOutputStream(file)) {
        out.putNextEntry(new ZipEntry(name));
        out.write(bytes);
      }
      return zip;
    };
  }
}
