// SPDX-License-Identifier: MIT
package kvmlab.grade.gate;

import java.util.LinkedHashMap;
import java.util.Map;

/// What to do instead of something refused, by the beginning of its name; first match wins.
final class Advice {

  private static final Map<String, String> BY_PREFIX = new LinkedHashMap<>();

  static {
    put("the course ends its own processes: return a value instead", "java.lang.System.exit");
    put(
        "a check decides what time it is: a protocol waits on a lock or a queue",
        "java.lang.System.nanoTime",
        "java.lang.System.currentTimeMillis",
        "java.time");
    put(
        "the same schedule must give the same result: leave chance to the explorer",
        "java.lang.Math.random",
        "java.util.Random",
        "java.util.UUID",
        "java.util.random",
        "java.lang.StrictMath.random",
        "java.util.Collections.shuffle",
        "java.lang.System.identityHashCode");
    put(
        "tasks belong to the scenario: the explorer must see every switch between them",
        "java.lang.Thread",
        "java.util.Timer",
        "java.util.stream.BaseStream.parallel",
        "java.util.stream");
    put(
        "the explorer cannot schedule inside it: use the locks and cells of kvmlab.kernel",
        "java.util.concurrent",
        "java.lang.Object.wait",
        "java.lang.Object.notify",
        "java.lang.invoke.VarHandle");
    put("a submission reads and writes no files", "java.io", "java.nio");
    put("a submission opens no connections", "java.net", "javax.net");
    put("a submission starts no processes", "java.lang.Process", "java.lang.Runtime");
    put(
        "name what is meant in plain Java",
        "java.lang.reflect",
        "java.lang.invoke",
        "java.lang.Class",
        "java.lang.ClassLoader",
        "java.lang.StackWalker",
        "java.util.ServiceLoader");
    put(
        "what runs the tasks is not the learner's: use kvmlab.kernel",
        "jdk.",
        "sun.",
        "kvmlab.machine",
        "kvmlab.explore",
        "kvmlab.lab",
        "kvmlab.grade");
  }

  private Advice() {}

  /// What to do about `name`, a class or a member with dots.
  static String on(String name) {
    int dot = name.lastIndexOf('.');
    if (dot >= 0 && Policy.isForInvariants(name.replace('.', '/'), name.substring(dot + 1))) {
      return "only invariants look past the locks: read the cell as a task does";
    }
    return BY_PREFIX.entrySet().stream()
        .filter(entry -> name.startsWith(entry.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse("an exercise needs java.lang, the collections of java.util, and kvmlab only");
  }

  private static void put(String advice, String... prefixes) {
    for (String prefix : prefixes) {
      BY_PREFIX.put(prefix, advice);
    }
  }
}
