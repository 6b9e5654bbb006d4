// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import kvmlab.kernel.LongCell;

/// A short cut through guest entry and kick: whoever asks something of a vCPU waits for the
/// boundary between two instructions of its guest, and flushes the TLB there himself. It is the
/// default, as it costs fewest events; [VcpuMode] is what the kernel does.
///
/// Simplified: an interrupt is sent even where `vcpu->mode` says that none is needed, and its
/// handler does what the vCPU would do on its way back to the guest. That hides bugs of the mode
/// and of its barriers only.
final class GuestBoundary implements VcpuEnterGuest, MakeAllCpusRequest {
  private final Kvm kvm;

  // Used between two guest instructions only.
  private final List<LongCell> requests = new ArrayList<>(2);

  GuestBoundary(Kvm kvm) {
    this.kvm = kvm;
  }

  @Override
  public void vcpuCreate(Vcpu vcpu) {
    requests.add(new LongCell(vcpu + "->requests", 0).hidden());
  }

  @Override
  public boolean vcpuEnterGuest(Vcpu vcpu, BooleanSupplier guest) {
    LongCell pending = requests.get(vcpu.vcpuId());
    vcpu.guestMode().enter();
    while (pending.get() != 0) {
      long asked = pending.get();
      pending.set(0);
      vcpu.guestMode().leave();
      for (KvmRequest request : KvmRequest.values()) {
        if ((asked & 1L << request.ordinal()) != 0) {
          vcpu.handle(request);
        }
      }
      vcpu.guestMode().enter();
    }
    boolean done = guest.getAsBoolean();
    vcpu.guestMode().leave();
    return done;
  }

  @Override
  public void makeAllCpusRequest(KvmRequest request) {
    for (Vcpu vcpu : kvm.vcpus()) {
      vcpu.guestMode().interrupt();
      if (request != KvmRequest.APIC_PAGE_RELOAD) {
        vcpu.flushTlb();
      }
      if (request != KvmRequest.TLB_FLUSH) {
        add(request, vcpu);
      }
      vcpu.guestMode().resume();
    }
  }

  @Override
  public void makeRequest(KvmRequest request, Vcpu vcpu) {
    vcpu.guestMode().enter();
    add(request, vcpu);
    vcpu.guestMode().leave();
  }

  private void add(KvmRequest request, Vcpu vcpu) {
    LongCell pending = requests.get(vcpu.vcpuId());
    pending.set(pending.get() | 1L << request.ordinal());
  }
}
