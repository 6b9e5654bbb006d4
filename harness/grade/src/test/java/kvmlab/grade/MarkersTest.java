// SPDX-License-Identifier: MIT
package kvmlab.grade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MarkersTest {

  @Test
  void regionBecomesItsGoalAndItsStubLines() {
    assertThat(
            Markers.stub(
                """
                class A {
                  // tag::a[]
                  int a() {
                    // begin TODO 2: Say what it is,
                    // in one number.
                    // A comment right below still belongs to the goal.
                    int x = 1; // begins the answer
                    // A comment inside the answer does not.
                    return x;
                    // stub: int y = 0;
                    // stub:
                    // stub: return y;
                    // end TODO 2
                  }
                  // end::a[]
                }
                """))
        .isEqualTo(
            """
            class A {
              int a() {
                // TODO 2: Say what it is,
                // in one number.
                // A comment right below still belongs to the goal.
                int y = 0;

                return y;
              }
            }
            """);
  }

  @Test
  void regionWithoutStubLinesLeavesItsGoal() {
    assertThat(Markers.stub("  // begin TODO 1: Do it.\n  x();\n  // end TODO 1\n"))
        .isEqualTo("  // TODO 1: Do it.\n");
  }

  @Test
  void markerWithoutPartnerIsNamed() {
    assertThatThrownBy(() -> Markers.stub("// begin TODO 1: Do it.\n// begin TODO 2: More.\n"))
        .hasMessage("line 2: no partner for the marker // begin TODO 2: More.");
    assertThatThrownBy(() -> Markers.stub("// begin TODO 1: Do it.\n// end TODO 2\n"))
        .hasMessageContaining("line 2");
    assertThatThrownBy(() -> Markers.stub("// begin TODO 1: Do it.\n"))
        .hasMessageContaining("(end of file)");
    assertThatThrownBy(() -> Markers.stub("// stub: x();\n")).hasMessageContaining("line 1");
  }
}
