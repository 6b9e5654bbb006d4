// SPDX-License-Identifier: MIT
package kvmlab.bench;

import java.util.Optional;

/// Who takes part.
enum Contender {
  OURS_EXHAUSTIVE("ours-exhaustive", "", "kvmlab.bench.Ours$Exhaustive"),
  OURS_WEAK("ours-exhaustive", "lkmm", "kvmlab.bench.Ours$Weak"),
  OURS_ON_TWO("ours-exhaustive-2", "", "kvmlab.bench.Ours$OnTwo"),
  OURS_STATES("ours-states", "", "kvmlab.bench.Ours$States"),
  OURS_POS("ours-pos", "", "kvmlab.bench.Ours$Pos"),
  OURS_POS_ON_TWO("ours-pos-2", "", "kvmlab.bench.Ours$PosOnTwo"),
  OURS_PCT("ours-pct", "", "kvmlab.bench.Ours$Pct"),
  OURS_THREADS("ours-threads", "", "kvmlab.bench.Ours$OnThreads"),
  PLAIN("plain", "", "kvmlab.bench.PlainThreads"),
  LINCHECK("lincheck", "", "kvmlab.bench.peer.Lincheck"),
  SPIN("spin", "", "kvmlab.bench.Spin"),
  JCSTRESS("jcstress", "", ""),
  FRAY_POS("fray-pos", "", ""),
  FRAY_PCT("fray-pct", "", "");

  private static final String NO_JCSTRESS =
      "nobody has written the scenarios for it yet; it could not end those that hang";

  private static final String NO_FRAY =
      "its instrumented JDK and its JVMTI agent were not to be had from Maven Central"
          + " (org.pastalab.fray.instrumentation:fray-instrumentation-jdk, fray-jvmti);"
          + " fray-core and fray-junit do not run without them";

  private final String word;
  private final String model;
  private final String type;

  Contender(String word, String model, String type) {
    this.word = word;
    this.model = model;
    this.type = type;
  }

  /// Returns the tool's name in rows.
  String word() {
    return word;
  }

  /// Returns the memory model, where it is not the scenario's own; else the empty string.
  String model() {
    return model;
  }

  /// Returns the class that runs it.
  String type() {
    return type;
  }

  boolean ours() {
    return word.startsWith("ours");
  }

  /// Returns why it cannot take part on this machine, if so.
  Optional<String> missing() {
    if (type.isEmpty()) {
      return Optional.of(this == JCSTRESS ? NO_JCSTRESS : NO_FRAY);
    }
    if (this == SPIN) {
      for (String program : new String[] {"spin", "gcc"}) {
        if (!Programs.exists(program)) {
          return Optional.of(
              "there is no program `" + program + "` here (Debian: " + program + ")");
        }
      }
    }
    try {
      Class.forName(type, false, Contender.class.getClassLoader());
      return Optional.empty();
    } catch (ClassNotFoundException | LinkageError e) {
      return Optional.of(
          System.getProperty("kvmlab.bench.no-peers", "built without it: profile `peers`"));
    }
  }

  @Override
  public String toString() {
    return model.isEmpty() ? word : word + " (" + model + ")";
  }
}
