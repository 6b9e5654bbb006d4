// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import kvmlab.kernel.Ktrace;
import kvmlab.kernel.RefCell;
import kvmlab.kernel.Sched;
import kvmlab.machine.Engine;
import org.jspecify.annotations.Nullable;

/// A virtual processor: runs guest instructions that touch memory, with a TLB of its own.
///
/// @kernel include/linux/kvm_host.h struct kvm_vcpu; arch/x86/kvm/x86.c vcpu_run()
public final class Vcpu {
  // How often an access may fault before it gives up. Two are enough to start over once; each
  // further one multiplies the schedules.
  private static final int FAULTS_MAX = 2;

  // Needs no lock.
  private final Kvm kvm;
  private final int vcpuId;
  private final GuestMode guestMode;

  // Touched between two guest instructions only: see GuestMode.
  private final List<RefCell<Spte>> tlb;

  Vcpu(Kvm kvm, int vcpuId, KvmConfig config) {
    this.kvm = kvm;
    this.vcpuId = vcpuId;
    this.guestMode = new GuestMode(this + "->mode");
    this.tlb = new ArrayList<>(config.guestPages());
    for (int gfn = 0; gfn < config.guestPages(); gfn++) {
      tlb.add(new RefCell<Spte>("tlb(" + this + ", g" + gfn + ")", null).hidden());
    }
  }

  /// Returns the VM.
  public Kvm kvm() {
    return kvm;
  }

  /// Returns the memslot of `gfn`, a slot marked invalid included, or null. The caller is in a read
  /// section of `kvm.srcu`.
  ///
  /// @kernel virt/kvm/kvm_main.c kvm_vcpu_gfn_to_memslot()
  public @Nullable KvmMemorySlot gfnToMemslot(Gfn gfn) {
    return kvm.memslots(asId()).gfnToMemslot(gfn);
  }

  /// Lets the guest read a byte of `gfn`, faulting as often as it takes, within a bound.
  public KvmExit read(Gfn gfn) {
    return access(gfn, false, FAULTS_MAX);
  }

  /// Lets the guest write a byte of `gfn`, faulting as often as it takes, within a bound.
  public KvmExit write(Gfn gfn) {
    return access(gfn, true, FAULTS_MAX);
  }

  /// Lets the guest touch `gfn`, faulting up to `faultsMax` times.
  public KvmExit access(Gfn gfn, boolean write, int faultsMax) {
    if (kvm.ioctl("KVM_RUN") != 0) {
      return KvmExit.EIO;
    }
    try (var _ = Ktrace.call(() -> (write ? "guest writes " : "guest reads ") + gfn)) {
      for (int faults = 0; !instruction(gfn, write); faults++) {
        if (faults == faultsMax) {
          Engine.current().bounded("at most " + faultsMax + " faults of one guest access");
          return KvmExit.INTR;
        }
        switch (fault(gfn, write)) {
          case RETRY, FIXED, SPURIOUS -> {}
          case EMULATE -> {
            return KvmExit.MMIO;
          }
          case EFAULT -> {
            return KvmExit.EFAULT;
          }
        }
      }
      return KvmExit.DONE;
    }
  }

  /// Closes the file of the vCPU, which drops its reference to the VM.
  ///
  /// @kernel virt/kvm/kvm_main.c kvm_vcpu_release()
  public void release() {
    kvm.putKvm();
  }

  /// Tries to run one instruction; returns whether it needed no fault.
  private boolean instruction(Gfn gfn, boolean write) {
    guestMode.enter();
    Spte translation = entry(gfn).get();
    if (translation == null || !translation.permits(write)) {
      translation = kvm.mmu.walk(asId(), gfn);
      if (translation == null || !translation.permits(write)) {
        guestMode.leave();
        return false;
      }
      Spte filled = translation;
      entry(gfn).writeOnce(filled);
      Ktrace.note(() -> "TLB of " + this + ": " + gfn + " -> " + filled);
      kvm.observer().tlbFilled(this, gfn, translation);
    }
    kvm.mm.frame(translation.pfn()).access();
    kvm.observer().guestAccessed(this, gfn, translation);
    guestMode.leave();
    return true;
  }

  private RetPf fault(Gfn gfn, boolean write) {
    int index = kvm.srcu.readLock();
    RetPf ret = kvm.directPageFault(this, gfn, write);
    // On its way back to the guest a vCPU may be rescheduled: no spinning lock came out with it.
    Sched.mightSleep("vcpu_run");
    kvm.srcu.readUnlock(index);
    return ret;
  }

  /// Forgets every translation. Waits until the guest instruction that is under way has ended.
  void flushTlb() {
    guestMode.interrupt();
    for (RefCell<Spte> entry : tlb) {
      if (entry.get() != null) {
        entry.writeOnce(null);
      }
    }
    guestMode.resume();
  }

  /// Declares that an invariant looks at the TLB after every event.
  void watch() {
    tlb.forEach(RefCell::watch);
  }

  /// Calls `action` with every page that the TLB translates now, and its entry, whoever asks. For
  /// invariants and reports.
  public void forEachLatest(BiConsumer<Gfn, Spte> action) {
    for (int gfn = 0; gfn < tlb.size(); gfn++) {
      Spte spte = tlb.get(gfn).latest();
      if (spte != null) {
        action.accept(new Gfn(gfn), spte);
      }
    }
  }

  private RefCell<Spte> entry(Gfn gfn) {
    return Objects.requireNonNull(tlb.get(Math.toIntExact(gfn.number())));
  }

  private int asId() {
    return 0;
  }

  @Override
  public String toString() {
    return "vcpu " + vcpuId;
  }
}
