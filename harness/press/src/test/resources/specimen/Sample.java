// SPDX-License-Identifier: MIT
package specimen;

/// Code for the specimen to show.
final class Sample {

  // tag::fault[]
  /// Installs the page that backs `gfn`, or says that the fault must start over.
  RetPf fault(Vcpu vcpu, Gfn gfn) {
    // begin TODO 2: Install the translation, but never
    // to a frame that the host has taken away.
    long seq = kvm.mmuNotifierSeq.readOnce(); // <1>
    smpRmb(); // <2>
    KvmPfn pfn = hvaToPfn(slot.hva(gfn), "why \"not\"", 0x1000L);
    kvm.mmuLock.writeLock();
    try {
      // Without this test a page that the host took back would be mapped.
      if (kvm.mmuNotifierRetry(seq)) { // <3>
        return RetPf.RETRY;
      }
      return switch (pfn) {
        case KvmPfn.Error(int errno) when errno < 0 -> RetPf.EMULATE;
        case KvmPfn page -> kvm.mmu.install(gfn, page);
      };
    } finally {
      kvm.mmuLock.writeUnlock();
    }
    // stub: return RetPf.RETRY;
    // end TODO 2
  }
  // end::fault[]

  // tag::types[]
  @NullMarked
  sealed interface Shape permits Range, Hull {}

  record Range(long start, long end) implements Shape {}
  // end::types[]

  // tag::empty[]
  // end::empty[]
}
