// SPDX-License-Identifier: MIT
package kvmlab.grade.run;

import java.io.IOException;
import kvmlab.grade.GraderFault;

/// Finds out whether workers can be had on this machine.
public final class WorkerProbe {

  private static final long MILLION = 1_000_000;

  private WorkerProbe() {}

  /// How many milliseconds a worker takes until it is ready.
  ///
  /// @throws GraderFault if it never is
  public static long millis() throws GraderFault {
    long start = System.nanoTime();
    try (WorkerProcess worker = new WorkerProcess(WorkerCommand.standard())) {
      Message answer = worker.receive(Limits.DEFAULT.start(), Limits.DEFAULT.start());
      if (!answer.type().equals("ready")) {
        throw GraderFault.infrastructure("a worker says " + answer.line());
      }
      return (System.nanoTime() - start) / MILLION;
    } catch (IOException | WorkerDied | WorkerTimeout e) {
      throw GraderFault.infrastructure("no worker starts: " + e.getMessage());
    }
  }
}
