// SPDX-License-Identifier: MIT
package kvmlab.grade.compile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SourceCompilerTest {

  private static final SourceCompiler COMPILER = new SourceCompiler();

  @Test
  void problemNamesThePlaceAndPointsAtIt() {
    Compiled compiled =
        compile("package ex01;\nclass A {\n\tint a() { return x; }\n}\n", List.of());

    assertThat(compiled.classes()).isEmpty();
    assertThat(compiled.problems().getFirst().render())
        .isEqualTo(
            """
            exercises/A.java:3:19: error: cannot find symbol
              symbol:   variable x
              location: class ex01.A
            \tint a() { return x; }
            \t                 ^\
            """);
  }

  @Test
  void seesTheRoomsBelowTheLabOnly() {
    assertThat(compile("package ex01; class A { kvmlab.kernel.Spinlock l; }", List.of()).ok())
        .isTrue();
    for (String hidden :
        List.of(
            "kvmlab.lab.Check",
            "kvmlab.grade.Grader",
            "kvmlab.explore.Explorer",
            "org.junit.jupiter.api.Test",
            "java.sql.Connection",
            "java.net.http.HttpClient")) {
      assertThat(compile("package ex01; class A { " + hidden + " x; }", List.of()).ok())
          .as(hidden)
          .isFalse();
    }
  }

  @Test
  void seesTheLabIfTheStubDoes() {
    assertThat(
            compile(
                    "package ex01; class A { kvmlab.lab.Scenario s; }",
                    List.of("import kvmlab.lab.Scenario;"))
                .ok())
        .isTrue();
  }

  @Test
  void sourceThatIsTooMuchForJavacIsAProblemLikeAnyOther() {
    String deep = "class A { int a = " + "(".repeat(30_000) + "1" + ")".repeat(30_000) + "; }";

    assertThat(compile(deep, List.of()).problems()).isNotEmpty();
  }

  private static Compiled compile(String source, List<String> stubs) {
    return COMPILER.compile(Map.of("exercises/A.java", source), Visible.of(stubs));
  }
}
