// SPDX-License-Identifier: MIT
package kvmlab.bench;

import java.util.concurrent.atomic.AtomicLong;

/// What a tool has done so far: written by the thread that runs it, read by the one that measures.
///
/// A count that is ahead of the truth by one execution, or behind, changes no figure that is
/// printed.
public final class Progress {
  private final AtomicLong executions = new AtomicLong();
  private final AtomicLong events = new AtomicLong();
  private final AtomicLong redundant = new AtomicLong();
  private final AtomicLong states = new AtomicLong();
  private volatile double modelSeconds = -1;
  private volatile double cpuSeconds = -1;
  private volatile long memoryKb = -1;

  /// Notes that one more execution has ended.
  public void executed() {
    executions.setOpaque(executions.getPlain() + 1);
  }

  /// Notes the same, where several threads do.
  public void executedByOneOfMany() {
    executions.incrementAndGet();
  }

  /// Sets the number of executions.
  public void executions(long count) {
    executions.setOpaque(count);
  }

  /// Returns the number of executions.
  public long executions() {
    return executions.getOpaque();
  }

  /// Adds events, over all executions.
  public void events(long more) {
    events.setOpaque(events.getPlain() + more);
  }

  /// Returns the number of events, over all executions.
  public long events() {
    return events.getOpaque();
  }

  /// Adds executions that were given up because others cover them.
  public void redundant(long more) {
    redundant.setOpaque(redundant.getPlain() + more);
  }

  /// Returns how many executions were given up because others cover them.
  public long redundant() {
    return redundant.getOpaque();
  }

  /// Sets the number of states, for tools that count those.
  public void states(long count) {
    states.setOpaque(count);
  }

  /// Returns the number of states.
  public long states() {
    return states.getOpaque();
  }

  /// Says what another process did on behalf of the tool: how long its search took, by the clock
  /// and by CPU time, without what came before it; and its largest memory.
  public void elsewhere(double seconds, double cpu, long kilobytes) {
    modelSeconds = seconds;
    cpuSeconds = cpu;
    memoryKb = kilobytes;
  }

  /// Returns the seconds of a search in another process, -1 if there was none.
  public double modelSeconds() {
    return modelSeconds;
  }

  /// Returns the CPU seconds of a search in another process, -1 if there was none.
  public double cpuSeconds() {
    return cpuSeconds;
  }

  /// Returns the largest memory of another process in kilobytes, -1 if there was none.
  public long memoryKb() {
    return memoryKb;
  }
}
