// SPDX-License-Identifier: MIT
package kvmlab.grade;

/// One line of an exercise's manifest.
///
/// @param id `ex02.fault-races-unmap`
/// @param exercise `ex02`
/// @param task number of the task it belongs to
/// @param kind `schedule`, `property`, `example` or `structure`
/// @param title what must hold
/// @param max points it is worth
/// @param className binary name of the class that declares it
/// @param method name of the method; unique in its class
/// @param engine which test engine runs it
public record CheckSpec(
    String id,
    String exercise,
    int task,
    String kind,
    String title,
    int max,
    String className,
    String method,
    Engine engine) {

  /// The test engines that checks are written for.
  public enum Engine {
    JUPITER,
    JQWIK
  }
}
