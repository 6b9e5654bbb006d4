// SPDX-License-Identifier: MIT
package kvmlab.bench;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The JVM that runs one tool on one scenario and measures it: prints one line, {@link Fork#MARK}
/// and a row, when it is done or when its time is over, and ends.
///
/// `Worker SPEED|FIRST_BUG|EXHAUST class scenario seconds warm-up`
public final class Worker {
  /// How much longer than its CPU time a measurement may take on a loaded machine.
  private static final double PATIENCE = 10;

  private static final long BLINK_MILLIS = 10;
  private static final int SEEDS_MAX = 200;

  /// One way to find a bug, or to see everything: how long it took, in executions and in seconds.
  private record Try(long executions, double seconds, double cpuSeconds) {}

  private final Tool tool;
  private final Measure measure;
  private final String scenario;
  private final double seconds;
  private final double warmUp;
  private final Progress progress = new Progress();
  private final List<Try> tries = new ArrayList<>();
  private final JsonObject row = new JsonObject();
  private volatile Tool.@Nullable Outcome outcome;
  private volatile @Nullable Throwable failure;

  private Worker(Tool tool, Measure measure, String scenario, double seconds, double warmUp) {
    this.tool = tool;
    this.measure = measure;
    this.scenario = scenario;
    this.seconds = seconds;
    this.warmUp = warmUp;
  }

  /// See the class.
  public static void main(String[] args) throws Exception {
    Tool tool = (Tool) Class.forName(args[1]).getConstructor().newInstance();
    new Worker(
            tool,
            Measure.valueOf(args[0]),
            args[2],
            Double.parseDouble(args[3]),
            Double.parseDouble(args[4]))
        .work();
    System.out.flush();
    // Threads of a tool may hang; nothing is left to tidy.
    Runtime.getRuntime().halt(0);
  }

  private void work() throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    Thread runner =
        new Thread(
            () -> {
              try {
                run();
              } catch (Throwable e) {
                failure = e;
              }
              done.countDown();
            },
            "tool");
    runner.setDaemon(true);
    runner.start();
    if (measure == Measure.SPEED) {
      speed(done);
    } else {
      tries(ended(done, seconds + tool.preparation()));
    }
    Throwable seen = failure;
    if (seen != null) {
      row.addProperty("missing", seen.toString());
    }
    row.addProperty("peakMemoryKb", Math.max(progress.memoryKb(), peakMemoryKb()));
    System.out.println(Fork.MARK + new Gson().toJson(row));
  }

  private void run() throws Exception {
    double begun = cpu();
    for (int seed = 0; measure == Measure.SPEED || seed < SEEDS_MAX; seed++) {
      double start = now();
      double cpu = cpu();
      long executions = progress.executions();
      long most = measure == Measure.SPEED ? tool.batch() : Long.MAX_VALUE;
      Tool.Outcome seen = tool.run(scenario, seed, most, progress);
      if (measure != Measure.SPEED) {
        outcome = seen;
        synchronized (tries) {
          double inside = progress.modelSeconds();
          tries.add(
              new Try(
                  progress.executions() - executions,
                  inside >= 0 ? inside : now() - start,
                  inside >= 0 ? progress.cpuSeconds() : cpu() - cpu));
        }
        // A search that draws nothing takes the same way each time: a few are enough.
        if (cpu() - begun > seconds * 0.6) {
          return;
        }
      }
    }
  }

  /// Waits until the tool has ended, or has used `most` seconds of CPU time; returns whether it has
  /// ended. Not seconds of the clock: a loaded machine gives a tool less in the same time.
  private boolean ended(CountDownLatch done, double most) throws InterruptedException {
    double start = now();
    double cpu = cpu();
    while (cpu() - cpu < most && now() - start < most * PATIENCE) {
      if (done.await(BLINK_MILLIS, TimeUnit.MILLISECONDS)) {
        return true;
      }
    }
    return false;
  }

  /// Looks at the progress at two moments, while the tool runs on.
  private void speed(CountDownLatch failed) throws InterruptedException {
    // Slow tools have not even begun after the warm-up: their clock starts with an execution.
    for (int i = 0; i < 10 && (i == 0 || progress.executions() == 0); i++) {
      if (ended(failed, warmUp)) {
        return;
      }
    }
    double start = now();
    double cpu = cpu();
    long executions = progress.executions();
    long events = progress.events();
    ended(failed, seconds);
    double wall = now() - start;
    double used = cpu() - cpu;
    long made = progress.executions() - executions;
    row.addProperty("executions", made);
    row.addProperty("seconds", wall);
    row.addProperty("cpuSeconds", used);
    row.addProperty("executionsPerSecond", made / wall);
    row.addProperty("executionsPerCpuSecond", made / used);
    long known = progress.events() - events;
    if (known > 0) {
      row.addProperty("events", known);
    }
  }

  private void tries(boolean ended) {
    List<Try> all;
    synchronized (tries) {
      all = new ArrayList<>(tries);
    }
    row.addProperty("tries", all.size());
    row.addProperty("reached", !all.isEmpty());
    Tool.Outcome seen = outcome;
    if (seen != null) {
      row.addProperty("outcome", seen.name().toLowerCase(Locale.ROOT));
    }
    if (all.isEmpty()) {
      // The time was over before the first try.
      row.addProperty("executions", progress.executions());
      row.addProperty("states", progress.states());
      row.addProperty("seconds", seconds);
      row.addProperty("cpuSeconds", cpu());
      return;
    }
    double[] executions = all.stream().mapToDouble(Try::executions).sorted().toArray();
    double[] times = all.stream().mapToDouble(Try::seconds).sorted().toArray();
    double[] used = all.stream().mapToDouble(Try::cpuSeconds).sorted().toArray();
    row.addProperty("executions", (long) executions[executions.length / 2]);
    row.addProperty("executions95", (long) executions[(int) (executions.length * 0.95)]);
    row.addProperty("seconds", times[times.length / 2]);
    row.addProperty("secondsFirst", all.getFirst().seconds());
    row.addProperty("cpuSeconds", used[used.length / 2]);
    row.addProperty("redundant", progress.redundant() / all.size());
    row.addProperty("states", progress.states());
    row.addProperty("missed", ended ? 0 : 1);
  }

  private static double now() {
    return System.nanoTime() / 1e9;
  }

  /// Returns the CPU time of the whole process, of helpers, compilers and collectors, too, and of
  /// the programs that it runs.
  private double cpu() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime()
            / 1e9
        + tool.cpuElsewhere();
  }

  private static long peakMemoryKb() {
    try {
      return Arrays.stream(Files.readString(Path.of("/proc/self/status")).split("\n"))
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(-1);
    } catch (IOException e) {
      // Not Linux.
      return -1;
    }
  }
}
