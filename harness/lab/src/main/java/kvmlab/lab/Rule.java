// SPDX-License-Identifier: MIT
package kvmlab.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kvmlab.kernel.SanitizerRule;

/// What must hold, and who says so when it does not: the line of one invariant in a list of all.
///
/// @param id the identifier, `I1`
/// @param statement what holds, as one positive sentence without a full stop
/// @param judges who reports it: the class of an invariant, what the kernel has for it, or both
public record Rule(String id, String statement, List<String> judges) {
  private static final Rule NEEDS_NO_JUDGE =
      new Rule(
          "I10",
          "zapping more, flushing more and starting over more than is needed breaks no rule",
          List.of());

  private static final List<String> STUCK = List.of("the hung-task detector");

  /// Rules that every task comes to its end: what gets stuck says itself which one is broken.
  private static final List<Rule> LIVENESS =
      List.of(
          new Rule("I31", "a memslot update completes once it finds no invalidation", STUCK),
          new Rule("I33", "no invalidation waits for a memslot update", STUCK),
          new Rule("I34", "sections of one task nest, and every update completes", STUCK));

  public Rule {
    judges = List.copyOf(judges);
  }

  /// Returns every rule there is, by number.
  public static List<Rule> all() {
    Map<Integer, Rule> all = new TreeMap<>();
    add(all, NEEDS_NO_JUDGE);
    LIVENESS.forEach(rule -> add(all, rule));
    for (Invariant it : Judges.all()) {
      add(all, new Rule(it.id(), it.statement(), List.of(it.getClass().getSimpleName())));
    }
    for (SanitizerRule it : SanitizerRule.values()) {
      add(all, new Rule(it.id(), it.statement(), List.of(it.judge())));
    }
    return List.copyOf(all.values());
  }

  /// A rule that an invariant and a sanitizer judge is stated by the invariant.
  private static void add(Map<Integer, Rule> all, Rule rule) {
    all.merge(
        Integer.parseInt(rule.id.substring(1)),
        rule,
        (known, more) -> {
          List<String> judges = new ArrayList<>(known.judges);
          judges.addAll(more.judges);
          return new Rule(known.id, known.statement, judges);
        });
  }
}
