// SPDX-License-Identifier: MIT
/// Translations that KVM keeps outside the secondary page table: other clients of the protocol.
@NullMarked
package kvmlab.kvm.cache;

import org.jspecify.annotations.NullMarked;
