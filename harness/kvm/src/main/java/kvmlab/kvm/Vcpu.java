// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import java.util.Objects;
import java.util.function.BiConsumer;
import kvmlab.kernel.Ktrace;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.RefCell;
import kvmlab.kernel.Sched;
import kvmlab.machine.Engine;
import kvmlab.mm.Pfn;
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
  private final Tlb tlb;

  // Used by the vCPU's own task only.
  private final RefCell<Pfn> apicAccessAddr;
  private final LongCell smm;
  private final RefCell<KvmMmuPage> root;

  Vcpu(Kvm kvm, int vcpuId, KvmConfig config) {
    this.kvm = kvm;
    this.vcpuId = vcpuId;
    this.guestMode = new GuestMode(this + " interrupts");
    this.tlb = new Tlb(this, config);
    this.apicAccessAddr = new RefCell<Pfn>(this + " APIC_ACCESS_ADDR", null).hidden();
    this.smm = new LongCell(this + " in smm", 0).hidden();
    kvm.mmuLock.writeLock();
    this.root = new RefCell<>(this + " root", kvm.mmu.validRoot(0)).hidden();
    kvm.mmuLock.writeUnlock();
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

  /// Lets the guest touch its APIC-access page, whose frame the hardware knows by number; does
  /// nothing while it knows none.
  public void accessApicPage() {
    try (var _ = Ktrace.call(() -> "guest touches its APIC-access page")) {
      kvm.vcpuEnterGuest(
          this,
          () -> {
            Pfn pfn = apicAccessAddr.get();
            if (pfn != null) {
              kvm.mm.frame(pfn).access();
            }
            return true;
          });
    }
  }

  /// Tells the hardware which frame the APIC-access page is in. Called by the vCPU's task outside
  /// the guest.
  ///
  /// @kernel arch/x86/kvm/vmx/vmx.c vmcs_write64(APIC_ACCESS_ADDR)
  public void writeApicAccessAddr(Pfn pfn) {
    Ktrace.note(() -> "APIC_ACCESS_ADDR of " + this + " = " + pfn);
    apicAccessAddr.set(pfn);
  }

  /// Tries to run one instruction; returns whether it needed no fault.
  private boolean instruction(Gfn gfn, boolean write) {
    return kvm.vcpuEnterGuest(this, () -> touch(gfn, write));
  }

  private boolean touch(Gfn gfn, boolean write) {
    Spte translation = tlb.lookup(gfn, write);
    if (translation == null) {
      Spte found = SecondaryMmu.walk(root(), gfn);
      if (found == null || !found.permits(write)) {
        return false;
      }
      tlb.fill(gfn, found);
      Ktrace.note(() -> "TLB of " + this + ": " + gfn + " -> " + found);
      kvm.observer().tlbFilled(this, gfn, found);
      translation = found;
    }
    kvm.mm.frame(translation.pfn(gfn)).access();
    kvm.observer().guestAccessed(this, gfn, translation);
    return true;
  }

  private RetPf fault(Gfn gfn, boolean write) {
    int index = kvm.srcu.readLock();
    RetPf ret = kvm.mmuPageFault(this, gfn, write);
    // On its way back to the guest a vCPU may be rescheduled: no spinning lock came out with it.
    Sched.mightSleep("vcpu_run");
    kvm.srcu.readUnlock(index);
    return ret;
  }

  // ---- on the way to the guest

  /// Does what was asked of the vCPU. Called by its task outside the guest.
  void handle(KvmRequest request) {
    switch (request) {
      case TLB_FLUSH -> flushTlb();
      case MMU_RELOAD -> reloadMmu();
      case APIC_PAGE_RELOAD -> kvm.setApicAccessPageAddr(this);
    }
  }

  /// Enters the system management mode of the guest, or leaves it: the guest is in address space 1
  /// then. Called by the vCPU's task.
  ///
  /// @kernel arch/x86/kvm/x86.c kvm_smm_changed(), kvm_mmu_reset_context()
  public void setSmm(boolean entered) {
    smm.set(entered ? 1 : 0);
    reloadMmu();
  }

  /// @kernel arch/x86/kvm/mmu/mmu.c kvm_mmu_load()
  private void reloadMmu() {
    kvm.mmuLock.writeLock();
    KvmMmuPage valid = kvm.mmu.validRoot(asId());
    kvm.mmuLock.writeUnlock();
    guestMode.enter();
    root.set(valid);
    flushTlb();
    guestMode.leave();
  }

  /// Forgets every translation. Called by the vCPU's task outside the guest, or by one that has
  /// interrupted it.
  void flushTlb() {
    tlb.flush();
  }

  GuestMode guestMode() {
    return guestMode;
  }

  int vcpuId() {
    return vcpuId;
  }

  /// Returns the address space that the guest is in. For the vCPU's task.
  ///
  /// @kernel arch/x86/include/asm/kvm_host.h kvm_arch_vcpu_memslots_id()
  public int asId() {
    return Math.toIntExact(smm.get());
  }

  /// Returns the root of the secondary page table that the guest runs on.
  KvmMmuPage root() {
    return Objects.requireNonNull(root.get());
  }

  /// Returns whether an update of the memslots has made obsolete the root that the guest runs on. A
  /// fault that installs [there][SecondaryMmu#directMap(Vcpu, KvmMemorySlot, Gfn, Pfn, boolean)]
  /// must start over then. The caller holds `mmu_lock`.
  ///
  /// @kernel arch/x86/kvm/mmu/mmu.c is_page_fault_stale()
  public boolean hasObsoleteRoot() {
    return kvm.mmu.isObsolete(root());
  }

  // ---- for invariants and reports

  /// Declares that an invariant looks at the TLB after every event.
  void watch() {
    tlb.watch();
  }

  /// Calls `action` with every page that the TLB translates now for the guest, and the entry that
  /// does it, whoever asks: a huge one for each of its pages. What will be flushed before the guest
  /// runs again is left out.
  public void forEachLatest(BiConsumer<Gfn, Spte> action) {
    if (kvm.latestTlbIsLive(this)) {
      tlb.forEachLatest(action);
    }
  }

  @Override
  public String toString() {
    return "vcpu " + vcpuId;
  }
}
