// SPDX-License-Identifier: MIT
package kvmlab.explore;

/// Where a program, run twice under the same schedule, first does something else.
///
/// @param step how many events both executions have in common, plus one
/// @param expected what the first execution did then, and which task: `CPU 0: READ_ONCE(x) -> 1`
/// @param came what the second did
/// @param call the call in which the first did it, `kvm_tdp_page_fault(g0)`; empty outside any
public record Divergence(int step, String expected, String came, String call) {

  /// Returns the difference as a sentence, with what usually causes it.
  public String inWords() {
    return "the same schedule does not lead to the same execution: at step "
        + step
        + (call.isEmpty() ? "" : ", in " + call + ",")
        + " first came `"
        + expected
        + "`, then `"
        + came
        + "`; look for time, chance, identity hash codes and the order of a HashMap or HashSet that"
        + " goes by them, and for state that outlives an execution: a static field, or a field of"
        + " the scenario";
  }
}
