// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import java.util.ArrayDeque;
import kvmlab.machine.Kind;
import kvmlab.machine.SharedObject;
import kvmlab.machine.Stamp;
import kvmlab.machine.StateHash;
import kvmlab.machine.Task;

/// The boundary between two guest instructions: an interrupt, such as the one that flushes the TLB,
/// waits for it. So walking the page table, filling the TLB and touching the frame are one step to
/// whoever flushes.
///
/// It belongs to the model, not to the kernel, so traces leave it out.
///
/// Simplified: an interrupt finds the vCPU in the guest or between two instructions; the kernel's
/// `vcpu->mode` protocol, which decides whether an interrupt is needed, always answers yes.
final class GuestMode extends SharedObject {
  private final ArrayDeque<Task> waiting = new ArrayDeque<>(2);
  private boolean busy;
  private Stamp left;

  private enum Event implements Kind {
    ENTER("guest_enter"),
    LEAVE("guest_exit"),
    INTERRUPT("ipi"),
    RESUME("ipi_return");

    private final String word;

    Event(String word) {
      this.word = word;
    }

    @Override
    public String word() {
      return word;
    }

    boolean enters() {
      return this == ENTER || this == INTERRUPT;
    }
  }

  GuestMode(String name) {
    super(name);
    left = engine.nothing();
  }

  /// Begins an instruction of the guest.
  void enter() {
    perform(Event.ENTER, 0);
  }

  /// Ends it.
  void leave() {
    perform(Event.LEAVE, 0);
  }

  /// Interrupts the vCPU as soon as its instruction has ended, and keeps it from the next one.
  void interrupt() {
    perform(Event.INTERRUPT, 0);
  }

  /// Lets the vCPU go on.
  void resume() {
    perform(Event.RESUME, 0);
  }

  @Override
  public boolean commutes(Kind one, Kind other) {
    // As with a lock: leaving first or asking first ends with the same task inside.
    return !((Event) one).enters() || !((Event) other).enters();
  }

  @Override
  public void execute(Task task) {
    if (!((Event) task.kind()).enters()) {
      left = publish(task);
      Task next = waiting.poll();
      busy = next != null;
      if (next != null) {
        observe(next, left);
        grant(next);
      }
    } else if (busy) {
      waiting.add(task);
      block(task);
    } else {
      busy = true;
      observe(task, left);
    }
  }

  @Override
  public void describe(StateHash into) {
    into.add(busy);
    into.add(waiting.size());
    for (Task task : waiting) {
      into.add(task);
    }
  }

  @Override
  public boolean quiet() {
    return true;
  }
}
