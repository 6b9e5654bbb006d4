// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.util.concurrent.Callable;
import kvmlab.grade.Course;
import kvmlab.grade.Exercise;
import picocli.CommandLine.Command;

/// `course list`: every exercise and how it stands.
@Command(name = "list", description = "List the exercises, and how each stood at its last check.")
final class ListCommand implements Callable<Integer> {

  private final Desk desk;

  ListCommand(Desk desk) {
    this.desk = desk;
  }

  @Override
  public Integer call() throws UsageError {
    Course home = desk.course();
    Notebook notebook = new Notebook(home);
    StringBuilder out = new StringBuilder();
    for (Exercise exercise : home.exercises()) {
      out.append(
          "%-18s %-14s %s%n"
              .formatted(state(notebook, exercise), exercise.slug(), exercise.title()));
    }
    desk.print(out.toString());
    return 0;
  }

  private static String state(Notebook notebook, Exercise exercise) {
    Notebook.Entry entry = notebook.entry(exercise);
    if (entry == null) {
      return "todo";
    }
    if (!notebook.isCurrent(exercise)) {
      return "changed since";
    }
    String word = notebook.isSolved(exercise) ? "solved" : entry.verdict();
    return word + " " + entry.points() + "/" + entry.max();
  }
}
