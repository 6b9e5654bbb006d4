// SPDX-License-Identifier: MIT
package kvmlab.bench.reference;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import kvmlab.bench.Fork;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.design.Design;

/// The JVM that measures one design: warms up, then prints one line for each workload and number of
/// tasks, {@link Fork#MARK} and a row.
///
/// `ReferenceWorker design seconds warm-up`
public final class ReferenceWorker {
  private static final int WARM_TASKS = 2;

  private ReferenceWorker() {}

  /// See the class.
  public static void main(String[] args) {
    KvmOps design = Design.valueOf(args[0]).ops();
    double seconds = Double.parseDouble(args[1]);
    double warmUp = Double.parseDouble(args[2]) / Workload.values().length;
    for (Workload workload : Workload.values()) {
      Rig.run(design, workload, WARM_TASKS, warmUp);
    }
    for (Workload workload : Workload.values()) {
      for (int tasks : workload.tasks()) {
        Rig.Result result = Rig.run(design, workload, tasks, seconds);
        JsonObject row = new JsonObject();
        row.addProperty("measure", workload.word());
        row.addProperty("tasks", tasks);
        row.addProperty("operationsPerSecond", result.operations() / result.seconds());
        row.addProperty("retriesPerSecond", result.retries() / result.seconds());
        System.out.println(Fork.MARK + new Gson().toJson(row));
      }
    }
    System.out.flush();
    // Threads of the last round may still be parked; nothing is left to tidy.
    Runtime.getRuntime().halt(0);
  }
}
