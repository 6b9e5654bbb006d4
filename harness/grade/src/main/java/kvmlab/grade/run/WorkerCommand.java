// SPDX-License-Identifier: MIT
package kvmlab.grade.run;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import kvmlab.lab.Lab;

/// How a worker JVM is started: with this JVM's JDK and class path, and nothing of its environment.
///
/// @param flags JVM flags besides the ones every worker gets
public record WorkerCommand(List<String> flags) {

  /// System property with one more JVM flag for workers: the launcher names their cache by it.
  private static final String FLAG_PROPERTY = "kvmlab.worker.flag";

  private static final String MAIN = "kvmlab.grade.worker.Worker";
  private static final List<String> ALWAYS =
      List.of(
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseSerialGC",
          "-Xmx512m",
          "-Xss2m",
          "-XX:+ExitOnOutOfMemoryError",
          "-XX:+DisableAttachMechanism",
          "-XX:-UsePerfData",
          // What the JVM itself has to say must not mix with the answers on standard output.
          "-Xlog:disable",
          "-Xlog:all=warning:stderr",
          "-XX:+DisplayVMOutputToStderr",
          "-Djava.awt.headless=true");
  private static final List<String> CONTINUATIONS =
      List.of("--add-exports", "java.base/jdk.internal.vm=ALL-UNNAMED");

  public WorkerCommand {
    flags = List.copyOf(flags);
  }

  /// A worker whose engine runs on continuations.
  public static WorkerCommand standard() {
    List<String> flags = new ArrayList<>(CONTINUATIONS);
    String more = System.getProperty(FLAG_PROPERTY, "");
    if (!more.isEmpty()) {
      flags.add(more);
    }
    return new WorkerCommand(flags);
  }

  /// A worker for real threads: the optimising compiler alone makes an access as weak as it may be.
  public static WorkerCommand parallel() {
    return new WorkerCommand(List.of("-XX:TieredStopAtLevel=4"));
  }

  /// This worker, where the lab first runs each scenario twice along the same schedules.
  public WorkerCommand twice() {
    List<String> more = new ArrayList<>(flags);
    more.add("-D" + Lab.TWICE + "=true");
    return new WorkerCommand(more);
  }

  /// A worker on one core whose engine falls back to threads: it must come to the same grade.
  public static WorkerCommand fallback() {
    return new WorkerCommand(List.of("-XX:ActiveProcessorCount=1"));
  }

  Process start(Path folder, File errors) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ALWAYS);
    command.addAll(flags);
    command.addAll(List.of("-cp", classPath(), MAIN));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectError(errors);
    builder.environment().clear();
    // Without a locale, the JVM could not open a class path outside ASCII.
    builder.environment().put("LC_ALL", "C.UTF-8");
    return builder.start();
  }

  /// This JVM's class path, absolute: a worker has a folder of its own.
  private static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !entry.isEmpty())
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }
}
