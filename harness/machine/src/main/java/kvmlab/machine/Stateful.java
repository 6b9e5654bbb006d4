// SPDX-License-Identifier: MIT
package kvmlab.machine;

/// Something whose state decides what an execution may still do: an explorer that recognises a
/// state it has seen before must know it.
public interface Stateful {

  /// Adds the state to `into`: everything that may influence a later event, its result, or a
  /// verdict.
  ///
  /// Two states that differ in it must add different values, in an unambiguous order; two that
  /// behave alike should add the same, so that they are recognised as one. What only reports and
  /// traces show is no part of it.
  void describe(StateHash into);
}
