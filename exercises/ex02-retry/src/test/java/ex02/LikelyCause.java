// SPDX-License-Identifier: MIT
package ex02;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import kvmlab.lab.Diagnosis;
import kvmlab.machine.Trace;
import kvmlab.machine.TraceEvent;
import kvmlab.machine.TraceEvent.Kind;
import kvmlab.machine.Violation;

/// Guesses the mistake from what the last fault did: in which order it took the snapshot, looked
/// up, locked and tested, and what it read.
public final class LikelyCause implements Diagnosis {
  private static final String COUNT = "mmu_notifier_count";
  private static final String SEQ = "mmu_notifier_seq";

  @Override
  public Optional<String> likelyCause(Violation violation, Trace trace) {
    List<TraceEvent> fault = lastFault(trace);
    if (fault.isEmpty()) {
      return Optional.empty();
    }
    return switch (String.valueOf(violation.invariant())) {
      case "I1", "I4", "I5" -> Optional.of(stale(fault));
      case "I22" ->
          Optional.of(
              fault.getLast().text().startsWith("hva_to_pfn")
                  ? "the host is asked while mmu_lock is held"
                  : "a way out of the fault does not release mmu_lock");
      case "I30" ->
          Optional.of(
              "every fault starts over: it compares what never becomes equal, or it waits for what"
                  + " never comes");
      default -> Optional.empty();
    };
  }

  private static String stale(List<TraceEvent> fault) {
    int looked = first(fault, 0, event -> event.text().startsWith("READ_ONCE(pte("));
    int snapshot = first(fault, 0, event -> reads(event, SEQ));
    int locked = lastLock(fault);
    int count = first(fault, Math.max(locked, 0), event -> reads(event, COUNT));
    int seq = first(fault, Math.max(locked, 0), event -> reads(event, SEQ));
    if (looked < 0) {
      return "this fault has not asked the host: what an earlier one was told may be old";
    }
    if (snapshot < 0 || snapshot == seq) {
      return seq < 0 && count < 0
          ? "nothing is tested under mmu_lock before the translation is installed"
          : "no snapshot of mmu_notifier_seq is taken before the look-up";
    }
    if (snapshot > looked) {
      return "the snapshot of mmu_notifier_seq is taken after the look-up";
    }
    if (count < 0 && seq < 0) {
      return first(fault, looked, event -> reads(event, COUNT) || reads(event, SEQ)) < 0
          ? "nothing is tested under mmu_lock before the translation is installed"
          : "the test is made before mmu_lock is taken, or taken again; it need not hold under it";
    }
    if (fault.subList(looked, fault.size()).stream().anyMatch(LikelyCause::failed)) {
      return "the look-up failed, and its error is installed";
    }
    if (!ordered(fault.subList(snapshot, looked))) {
      return "nothing orders the look-up behind the snapshot: see smp_rmb()";
    }
    if (count < 0) {
      return "mmu_notifier_count is not tested: the page may be changing right now";
    }
    if (!"0".equals(fault.get(count).value()) && seq < 0) {
      return "mmu_notifier_seq is not compared while the count is not 0";
    }
    if (seq < 0) {
      return "mmu_notifier_seq is not compared: the page may have changed since the look-up";
    }
    if (!String.valueOf(fault.get(seq).value()).equals(fault.get(snapshot).value())) {
      return "mmu_notifier_seq has moved since this fault's snapshot, and the test let it pass:"
          + " does another fault share the snapshot?";
    }
    return "0".equals(fault.get(count).value())
        ? "this fault was right: is anything kept from one fault to the next?"
        : "mmu_notifier_count is " + fault.get(count).value() + ", and the test let it pass";
  }

  private static boolean reads(TraceEvent event, String cell) {
    return event.kind() == Kind.READ && cell.equals(event.object());
  }

  private static boolean failed(TraceEvent event) {
    return event.kind() == Kind.NOTE && event.text().endsWith("-> -EFAULT");
  }

  private static boolean ordered(List<TraceEvent> lines) {
    return lines.stream()
        .map(TraceEvent::text)
        .anyMatch(text ->
            text.startsWith("smp_rmb")
                || text.startsWith("smp_mb")
                || text.startsWith("smp_load_acquire(" + SEQ));
  }

  private static int lastLock(List<TraceEvent> lines) {
    for (int i = lines.size() - 1; i >= 0; i--) {
      TraceEvent event = lines.get(i);
      if (event.kind() == Kind.SYNC && event.text().startsWith("write_lock(mmu_lock")) {
        return i;
      }
    }
    return -1;
  }

  private static int first(List<TraceEvent> lines, int from, Predicate<TraceEvent> wanted) {
    for (int i = from; i < lines.size(); i++) {
      if (wanted.test(lines.get(i))) {
        return i;
      }
    }
    return -1;
  }

  /// Returns the lines of the fault that began last, of its own task only.
  private static List<TraceEvent> lastFault(Trace trace) {
    List<TraceEvent> events = trace.events();
    int last = -1;
    int moved = events.isEmpty() ? -1 : events.getLast().task();
    for (int i = 0; i < events.size(); i++) {
      TraceEvent event = events.get(i);
      // The fault of the task that moved last is the one to blame, if that task handles faults.
      if (event.kind() == Kind.CALL
          && event.text().startsWith("direct_page_fault(")
          && (last < 0 || event.task() == moved || events.get(last).task() != moved)) {
        last = i;
      }
    }
    if (last < 0) {
      return List.of();
    }
    int task = events.get(last).task();
    return events.subList(last, events.size()).stream()
        .filter(event -> event.task() == task)
        .toList();
  }
}
