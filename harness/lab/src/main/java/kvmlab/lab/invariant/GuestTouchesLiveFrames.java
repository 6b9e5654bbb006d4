// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import kvmlab.kernel.SanitizerRule;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Spte;
import kvmlab.kvm.Vcpu;
import kvmlab.lab.Invariant;
import kvmlab.mm.PageFrame;

/// I2. No use after free. Here the guest's accesses are judged; KASAN judges them too, and KVM's.
@AutoService(Invariant.class)
public final class GuestTouchesLiveFrames extends Invariant {

  public GuestTouchesLiveFrames() {
    super(SanitizerRule.LIVE_FRAMES.id(), SanitizerRule.LIVE_FRAMES.statement());
  }

  @Override
  protected boolean standsConcurrency() {
    // A flush waits for the guest's instruction, and the host frees nothing before the flush.
    return true;
  }

  @Override
  public void guestAccessed(Vcpu vcpu, Gfn gfn, Spte spte) {
    PageFrame frame = vcpu.kvm().mm.frame(spte.pfn(gfn));
    if (frame.state() != PageFrame.State.MAPPED) {
      String use = frame.state() == PageFrame.State.FREE ? "free" : "somebody else's";
      broken(vcpu + " touches " + gfn + " in " + frame + ", which is " + use);
    }
  }
}
