// SPDX-License-Identifier: MIT
/// The answers that the mail thread weighed to one question: how to take `mmu_lock` only for guest
/// memory and still give every start its end. One class each, over one and the same VM.
@NullMarked
package kvmlab.kvm.design;

import org.jspecify.annotations.NullMarked;
