// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import kvmlab.kernel.KmemObject;
import kvmlab.machine.Engine;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// Which steps of its creation a VM stands on, and the lives of its parts. Belongs to the model:
/// the kernel keeps no such record, and nothing depends on it but reports.
///
/// Whoever creates or destroys the VM writes it, and KASAN watches everybody else: what is reported
/// here is what one task does in the wrong order, what others see of it is found by its effects.
final class VmState {
  private final Kvm kvm;
  private final KmemObject life = new KmemObject("struct kvm", "I17");
  private volatile @Nullable KmemObject arch;
  private final Set<VmStep> standing = EnumSet.noneOf(VmStep.class);
  private final Set<Integer> memslots = new HashSet<>(2);
  private volatile boolean live;
  private volatile boolean notified;

  VmState(Kvm kvm) {
    this.kvm = kvm;
  }

  /// Notes that a step is taken.
  ///
  /// @return 0, or the negative error number that the scenario wants
  int take(VmStep step) {
    life.access(step.taken());
    if (stands(step)) {
      report("I25", "a step of kvm_create_vm() is taken once", step.taken() + " is taken twice");
    }
    if (step == VmStep.ARCH) {
      needs(step, VmStep.SRCU, VmStep.IRQ_SRCU, VmStep.MEMSLOTS);
    } else if (step == VmStep.ARCH_POST) {
      needs(step, VmStep.ARCH);
    } else if (step == VmStep.VM_LIST) {
      for (VmStep before : VmStep.values()) {
        if (has(before)) {
          needs(step, before);
        }
      }
    }
    if (kvm.config().failing() == step) {
      return kvm.config().error();
    }
    standing.add(step);
    if (step == VmStep.ARCH) {
      arch = new KmemObject("struct kvm_arch", "I17");
    }
    return 0;
  }

  /// Notes that a step is undone.
  void undo(VmStep step) {
    life.access(step.undone());
    if (!stands(step)) {
      report(
          "I17",
          "kvm_destroy_vm() undoes what has been done",
          step.undone() + " undoes " + step.taken() + ", which has not been done");
    }
    if (step != VmStep.VM_LIST && stands(VmStep.VM_LIST)) {
      report(
          "I17",
          "nobody can find a VM that is being destroyed",
          step.undone() + " comes before " + VmStep.VM_LIST.undone());
    }
    standing.remove(step);
    KmemObject old = arch;
    if (step == VmStep.ARCH && old != null) {
      old.free();
    }
  }

  /// Notes that the memslots of one address space are allocated.
  ///
  /// @return 0, or the negative error number that the scenario wants
  int takeMemslots(int asId) {
    life.access(VmStep.MEMSLOTS.taken());
    boolean last = asId == kvm.addressSpaces() - 1;
    if (last && kvm.config().failing() == VmStep.MEMSLOTS) {
      return kvm.config().error();
    }
    if (!memslots.add(asId)) {
      report(
          "I25",
          "a step of kvm_create_vm() is taken once",
          "the memslots of address space " + asId + " are allocated twice");
    }
    return 0;
  }

  /// Notes that they are freed.
  ///
  /// @return whether they were there
  boolean undoMemslots(int asId) {
    life.access(VmStep.MEMSLOTS.undone());
    return memslots.remove(asId);
  }

  /// Returns whether the VM, as it is configured, has the step.
  private boolean has(VmStep step) {
    return step != VmStep.MMU_NOTIFIER || kvm.config().notifiers();
  }

  private void needs(VmStep step, VmStep... needed) {
    for (VmStep before : needed) {
      if (before != step && !stands(before)) {
        report(
            "I25",
            "everything that a step of kvm_create_vm() uses has been initialised",
            step.taken() + " comes before " + before.taken());
      }
    }
  }

  boolean stands(VmStep step) {
    return switch (step) {
      case SRCU -> kvm.srcu.initialised();
      case IRQ_SRCU -> kvm.irqSrcu.initialised();
      case MEMSLOTS -> memslots.size() == kvm.addressSpaces();
      default -> standing.contains(step);
    };
  }

  /// Notes that the calling task uses the VM.
  void use(String how) {
    life.access(how);
  }

  /// Notes that the host calls in.
  void callback(String name) {
    life.access(name);
    KmemObject part = arch;
    if (part == null) {
      report(
          "I25",
          "the host calls in when everything that the callbacks use has been initialised",
          name + " runs before " + VmStep.ARCH.taken());
    } else {
      part.access(name);
    }
  }

  void free() {
    life.free();
  }

  void live(boolean now) {
    live = now;
  }

  boolean isLive() {
    return live;
  }

  void notified(boolean now) {
    notified = now;
  }

  boolean isNotified() {
    return notified;
  }

  /// Returns what has been done, or allocated, and not undone, in C.
  List<String> left() {
    List<String> left = new ArrayList<>();
    for (VmStep step : VmStep.values()) {
      if (stands(step) || step == VmStep.MEMSLOTS && !memslots.isEmpty()) {
        left.add(step.taken());
      }
    }
    if (!life.freed()) {
      left.add("kvm_arch_alloc_vm()");
    }
    return left;
  }

  /// Returns what has not been done, or undone, in C.
  List<String> missing() {
    List<String> missing = new ArrayList<>();
    for (VmStep step : VmStep.values()) {
      if (has(step) && !stands(step)) {
        missing.add(step.taken());
      }
    }
    return missing;
  }

  static void report(String invariant, String rule, String seen) {
    Engine engine = Engine.current();
    engine.fail(Violation.of(Violation.Kind.MISUSE, invariant, rule, engine.task() + ": " + seen));
  }
}
