// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.util.List;
import java.util.concurrent.Callable;
import kvmlab.grade.Course;
import kvmlab.grade.Outcome;
import picocli.CommandLine.Command;

/// `course doctor`: what this machine has, and how to mend what it lacks.
@Command(
    name = "doctor",
    description = "Look at this machine, and say how to mend what is missing.")
final class DoctorCommand implements Callable<Integer> {

  private final Desk desk;

  DoctorCommand(Desk desk) {
    this.desk = desk;
  }

  @Override
  public Integer call() throws Exception {
    Course home = desk.course();
    List<Symptom> symptoms = new Examination(home).symptoms();
    for (Symptom symptom : symptoms) {
      desk.print(symptom.line());
    }
    boolean ill = symptoms.stream().anyMatch(s -> s.state() == Symptom.State.MEND);
    desk.print(ill ? "\nnext: mend what says so, then ./course doctor\n" : "\nall is well\n");
    return ill ? Outcome.INFRASTRUCTURE.exitCode() : 0;
  }
}
