// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import kvmlab.machine.Violation;

/// What KASAN prints.
///
/// @param object the object
/// @param use the wrong use
/// @param freed the end of the object's life
/// @kernel mm/kasan/report.c
record KasanReport(KmemObject object, KmemObject.Use use, KmemObject.Use freed) {

  /// An access that comes after the end of the life, or may.
  ///
  /// @param after whether something orders it after; if not, nothing orders the two at all
  Violation useAfterFree(boolean after) {
    String seen =
        after
            ? use.task() + " accesses it (" + use.what() + ") after " + freed.task() + " freed it"
            : use.task()
                + " accesses it ("
                + use.what()
                + ") and "
                + freed.task()
                + " frees it, and nothing orders the two";
    return violation("use-after-free", "nobody accesses " + object + " once it is free", seen);
  }

  Violation doubleFree() {
    return violation(
        "double-free", object + " is freed once", use.task() + " frees it after " + freed.task());
  }

  private Violation violation(String bug, String rule, String seen) {
    String where = use.calls().isEmpty() ? use.task().name() : use.calls().getLast();
    Splat splat = Splat.bug("BUG: KASAN: " + bug + " in " + where).line("");
    tell(splat, use.what() + " of " + object + " by ", use);
    tell(splat, "Allocated by ", object.allocated());
    tell(splat, "Freed by ", freed);
    return Violation.of(Violation.Kind.INVARIANT, object.invariant(), rule, seen)
        .reporting(splat.lines());
  }

  private static void tell(Splat splat, String what, KmemObject.Use use) {
    splat.line(what + use.task() + ":");
    use.calls().reversed().forEach(call -> splat.line("  in " + call));
  }
}
