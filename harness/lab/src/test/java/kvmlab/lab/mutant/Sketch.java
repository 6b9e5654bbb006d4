// SPDX-License-Identifier: MIT
package kvmlab.lab.mutant;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import kvmlab.explore.MemoryModel;
import kvmlab.lab.Exploration;
import kvmlab.lab.Lab;
import kvmlab.lab.Scenario;
import kvmlab.lab.World;

/// A scenario made of one function, under sequential consistency and every judge, unless said
/// otherwise. Immutable.
public final class Sketch implements Scenario {
  private final Consumer<World> build;
  private final MemoryModel model;
  private final Set<String> asked;
  private final Set<String> without;

  private Sketch(Consumer<World> build, MemoryModel model, Set<String> asked, Set<String> without) {
    this.build = build;
    this.model = model;
    this.asked = asked;
    this.without = without;
  }

  /// Returns the scenario that `build` builds.
  public static Sketch of(Consumer<World> build) {
    return new Sketch(build, MemoryModel.SC, Set.of(), Set.of());
  }

  /// Returns this under the kernel's memory model.
  public Sketch weak() {
    return new Sketch(build, MemoryModel.LKMM, asked, without);
  }

  /// Returns this with one more judge, which says what is slow.
  public Sketch asking(String invariant) {
    return new Sketch(build, model, and(asked, invariant), without);
  }

  /// Returns this without one of its judges.
  public Sketch without(String invariant) {
    return new Sketch(build, model, asked, and(without, invariant));
  }

  private static Set<String> and(Set<String> some, String more) {
    Set<String> all = new HashSet<>(some);
    all.add(more);
    return all;
  }

  /// Explores it.
  public Exploration explore() {
    return Lab.explore(this);
  }

  @Override
  public void build(World world) {
    build.accept(world);
  }

  @Override
  public MemoryModel model() {
    return model;
  }

  @Override
  public boolean watches(String invariant) {
    return !without.contains(invariant)
        && (asked.contains(invariant) || Scenario.super.watches(invariant));
  }

  @Override
  public int randomRuns() {
    return 0;
  }

  @Override
  public String id() {
    return "lab:Sketch";
  }
}
