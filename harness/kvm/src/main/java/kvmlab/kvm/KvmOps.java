// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// The pieces of the protocol that a VM is built from: the reference, with some replaced.
/// Immutable.
public final class KvmOps {
  private static final KvmOps REFERENCE =
      new KvmOps(
          List.of(
              ReferenceLifeCycle::new,
              GuestBoundary::new,
              ReferencePageFault::new,
              ReferenceInvalidation::new,
              LockAlways::new,
              ReferenceMemslots::new));

  private final List<Function<? super Kvm, ? extends ProtocolPiece>> factories;

  private KvmOps(List<Function<? super Kvm, ? extends ProtocolPiece>> factories) {
    this.factories = factories;
  }

  /// Returns the complete protocol of v5.12.
  public static KvmOps reference() {
    return REFERENCE;
  }

  /// Returns these pieces with every interface that the object made by `factory` implements
  /// replaced by it. The factory is called once for each VM.
  public KvmOps with(Function<? super Kvm, ? extends ProtocolPiece> factory) {
    List<Function<? super Kvm, ? extends ProtocolPiece>> more = new ArrayList<>(factories);
    more.add(factory);
    return new KvmOps(List.copyOf(more));
  }

  /// Makes the pieces for `kvm`; a later one replaces an earlier one.
  void install(Kvm kvm) {
    for (Function<? super Kvm, ? extends ProtocolPiece> factory : factories) {
      kvm.install(factory.apply(kvm));
    }
  }
}
