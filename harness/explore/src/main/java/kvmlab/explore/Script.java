// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.ArrayList;
import java.util.List;

/// A schedule as one writes it down: which task runs, and until when, step by step. Behind the last
/// step the tasks go on one after the other. Immutable.
///
/// An event is named by a part of its C spelling: `mmu_lock`, or `WRITE_ONCE(pte(h0)`. A step that
/// cannot be taken ends the execution, and {@link Replayed#missed} says where.
public final class Script {
  private final List<Step> steps;

  /// @param task the name of the task
  /// @param event a part of the spelling of an event; empty where the step ends at none
  record Step(String task, Until until, String event) {

    String inWords(int number) {
      return "step " + number + ": " + task + " was to run until it " + until.words + event;
    }
  }

  /// When a step is over.
  enum Until {
    BEFORE("comes to "),
    AFTER("has done "),
    STUCK("cannot go on"),
    END("ends");

    private final String words;

    Until(String words) {
      this.words = words;
    }
  }

  private Script(List<Step> steps) {
    this.steps = List.copyOf(steps);
  }

  /// Returns the script without a step.
  public static Script begin() {
    return new Script(List.of());
  }

  /// Adds: `task` runs until its next event would be such one.
  public Script before(String task, String event) {
    return and(task, Until.BEFORE, event);
  }

  /// Adds: `task` runs until it has performed such an event; if that asks for a lock, until it has
  /// asked.
  public Script after(String task, String event) {
    return and(task, Until.AFTER, event);
  }

  /// Adds: `task` runs until it waits for another task.
  public Script untilStuck(String task) {
    return and(task, Until.STUCK, "");
  }

  /// Adds: `task` runs to its end.
  public Script toEnd(String task) {
    return and(task, Until.END, "");
  }

  List<Step> steps() {
    return steps;
  }

  private Script and(String task, Until until, String event) {
    List<Step> more = new ArrayList<>(steps);
    more.add(new Step(task, until, event));
    return new Script(more);
  }
}
