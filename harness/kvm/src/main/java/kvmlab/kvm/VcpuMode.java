// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import static kvmlab.kernel.Barriers.smpMb;
import static kvmlab.kernel.Barriers.smpWmb;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import kvmlab.kernel.LongCell;

/// Guest entry and kick as in v5.12: a vCPU says where it is, and is interrupted only in the guest.
///
/// Simplified: requests are not looked at before interrupts are off, only after; so the vCPU turns
/// round once more than in the kernel. Between exit and page fault the kernel is in a read section
/// of `kvm->srcu`, where nothing is read. `EXITING_GUEST_MODE`, which spares a second interrupt, is
/// left out. None of this can hide a bug of the words below.
///
/// @kernel arch/x86/kvm/x86.c vcpu_enter_guest(), kvm_vcpu_exit_request(); virt/kvm/kvm_main.c
///   kvm_make_all_cpus_request(); include/linux/kvm_host.h kvm_vcpu_exiting_guest_mode()
public class VcpuMode implements VcpuEnterGuest, MakeAllCpusRequest {

  // Each side writes its own word and then reads the other's, with a full barrier in between, so at
  // least one of them sees the other:
  //
  //   vCPU:    mode = IN_GUEST_MODE   > smp_mb > requests?  then turn round, flush
  //   kicker:  SPTE > requests |= bit > smp_mb > mode?      then interrupt, wait
  //
  // A vCPU that is not interrupted is outside, and sees request and SPTE before its next walk. One
  // that is has left when the kicker goes on: interrupts are off from before the mode is set until
  // after it is set back.

  private static final long OUTSIDE_GUEST_MODE = 0;
  private static final long IN_GUEST_MODE = 1;

  /// The VM.
  protected final Kvm kvm;

  private final List<State> states = new ArrayList<>(2);

  /// The words of one vCPU.
  ///
  /// @param mode `vcpu->mode`
  /// @param requests `vcpu->requests`
  /// @param flushing for invariants: 1 while a request that has been taken is carried out
  /// @param inGuest for invariants: 1 from the last look at the requests until the exit
  private record State(LongCell mode, LongCell requests, LongCell flushing, LongCell inGuest) {}

  /// Makes the piece for `kvm`.
  public VcpuMode(Kvm kvm) {
    this.kvm = kvm;
  }

  @Override
  public void vcpuCreate(Vcpu vcpu) {
    State state =
        new State(
            new LongCell(vcpu + "->mode", OUTSIDE_GUEST_MODE),
            new LongCell(vcpu + "->requests", 0),
            new LongCell(vcpu + " flushing", 0).hidden(),
            new LongCell(vcpu + " in guest", 0).hidden());
    state.mode.watch();
    state.requests.watch();
    states.add(state);
  }

  @Override
  public boolean vcpuEnterGuest(Vcpu vcpu, BooleanSupplier guest) {
    State state = states.get(vcpu.vcpuId());
    int index = kvm.srcu.readLock();
    while (true) {
      // local_irq_disable(): whoever interrupts from now on waits for the exit.
      vcpu.guestMode().enter();
      state.mode.writeOnce(IN_GUEST_MODE);
      // The guest may run for ever; no grace period waits for it.
      kvm.srcu.readUnlock(index);
      entryBarrier();
      if (state.requests.readOnce() == 0) {
        break;
      }
      leave(vcpu, state);
      index = kvm.srcu.readLock();
      handleRequests(vcpu, state);
    }
    state.inGuest.set(1);
    boolean done = guest.getAsBoolean();
    state.inGuest.set(0);
    leave(vcpu, state);
    return done;
  }

  /// `smp_mb__after_srcu_read_unlock()`: the mode is visible before the requests and the secondary
  /// page table are read.
  protected void entryBarrier() {
    smpMb();
  }

  private static void leave(Vcpu vcpu, State state) {
    // The exit is serialising: what the guest did is over.
    state.mode.smpStoreRelease(OUTSIDE_GUEST_MODE);
    vcpu.guestMode().leave();
  }

  private static void handleRequests(Vcpu vcpu, State state) {
    long pending = state.requests.readOnce();
    for (KvmRequest request : KvmRequest.values()) {
      if ((pending & 1L << request.ordinal()) != 0) {
        state.flushing.set(1);
        state.requests.clearBit(request.ordinal());
        // kvm_check_request(): what was written before the request was made is visible from here.
        smpMb();
        vcpu.handle(request);
        state.flushing.set(0);
      }
    }
  }

  @Override
  public void makeAllCpusRequest(KvmRequest request) {
    List<Vcpu> called = new ArrayList<>(2);
    for (Vcpu vcpu : kvm.vcpus()) {
      State state = states.get(vcpu.vcpuId());
      makeRequest(request, vcpu);
      kickBarrier();
      // Acquires: of a vCPU that is outside, the guest's accesses are over.
      if (state.mode.smpLoadAcquire() == IN_GUEST_MODE) {
        called.add(vcpu);
      }
    }
    // smp_call_function_many(): returns when each has taken the interrupt, that is, has left.
    for (Vcpu vcpu : called) {
      vcpu.guestMode().interrupt();
      vcpu.guestMode().resume();
    }
  }

  /// `smp_mb__before_atomic()`: the changes of the secondary page table and the request are visible
  /// before the mode is read.
  protected void kickBarrier() {
    smpMb();
  }

  @Override
  public void makeRequest(KvmRequest request, Vcpu vcpu) {
    // What the request is about comes first: a vCPU that takes it before the kick must find that.
    smpWmb();
    states.get(vcpu.vcpuId()).requests.setBit(request.ordinal());
  }

  @Override
  public boolean latestTlbIsLive(Vcpu vcpu) {
    State state = states.get(vcpu.vcpuId());
    long flushes = 1L << KvmRequest.TLB_FLUSH.ordinal() | 1L << KvmRequest.MMU_RELOAD.ordinal();
    return state.inGuest.latest() != 0
        || (state.flushing.latest() == 0 && (state.requests.latest() & flushes) == 0);
  }
}
