// SPDX-License-Identifier: MIT
package kvmlab.kernel;

/// Two locks that a protocol never nests so, even where no third lock makes a cycle of it.
///
/// @param held the kernel's name of the lock that is held
/// @param taken the kernel's name of the lock that nobody waits for meanwhile; what is never waited
///   for, such as the opening of a read section, is not meant
/// @param invariant the identifier of the invariant that says so, `I21`
/// @param rule what holds, as one positive sentence without a full stop
/// @see Lockdep#forbid
public record ForbiddenOrder(String held, String taken, String invariant, String rule) {

  boolean forbids(LockdepMap outer, LockdepMap inner, int mode) {
    return inner.name().equals(taken) && outer.name().equals(held) && !HeldLocks.recursive(mode);
  }
}
