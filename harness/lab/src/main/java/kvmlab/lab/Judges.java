// SPDX-License-Identifier: MIT
package kvmlab.lab;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kvmlab.kernel.SanitizerRule;

/// Which of all invariants judge a scenario; and which of all are told of which moments. Found out
/// once for a scenario, so that an execution pays for those that look only.
///
/// Every invariant has a place. The one with the highest number comes first: later invariants are
/// narrower, so what is reported is the narrowest that broke.
final class Judges {
  private static final List<ServiceLoader.Provider<Invariant>> ALL =
      ServiceLoader.load(Invariant.class, Invariant.class.getClassLoader()).stream()
          .sorted(Comparator.comparingInt(provider -> -number(provider.get())))
          .toList();

  private static final Set<String> PERFORMANCE =
      all().stream()
          .filter(Invariant::isPerformance)
          .map(Invariant::id)
          .collect(Collectors.toUnmodifiableSet());

  private final int[] places;
  private final boolean lockdep;

  private Judges(int[] places, boolean lockdep) {
    this.places = places;
    this.lockdep = lockdep;
  }

  /// Returns those that `scenario` asks for.
  static Judges of(Scenario scenario) {
    List<Invariant> all = all();
    return new Judges(
        IntStream.range(0, all.size())
            .filter(place -> scenario.watches(all.get(place).id()))
            .toArray(),
        scenario.watches(SanitizerRule.LOCK_ORDER.id()));
  }

  /// Returns a new object of every invariant, each at its place.
  static List<Invariant> all() {
    List<Invariant> all = new ArrayList<>(ALL.size());
    ALL.forEach(provider -> all.add(provider.get()));
    return all;
  }

  /// Returns whether lockdep judges.
  boolean lockdep() {
    return lockdep;
  }

  /// Returns the identifiers of the invariants that say what is slow, not what is wrong.
  static Set<String> performance() {
    return PERFORMANCE;
  }

  /// Returns a new object of every invariant that judges at its place, and null elsewhere.
  Invariant[] objects() {
    Invariant[] objects = new Invariant[ALL.size()];
    for (int place : places) {
      objects[place] = ALL.get(place).get();
    }
    return objects;
  }

  /// Returns the places of the invariants that do something when told of `moment`.
  ///
  /// @param moment the name of a method of an observer
  static int[] toldOf(String moment) {
    return IntStream.range(0, ALL.size())
        .filter(place -> overrides(ALL.get(place).type(), moment))
        .toArray();
  }

  private static boolean overrides(Class<? extends Invariant> type, String moment) {
    Method method =
        Arrays.stream(type.getMethods())
            .filter(candidate -> candidate.getName().equals(moment))
            .findAny()
            .orElseThrow(() -> new IllegalArgumentException("no observer is told of " + moment));
    return !method.isDefault();
  }

  private static int number(Invariant invariant) {
    return Integer.parseInt(invariant.id().substring(1));
  }
}
