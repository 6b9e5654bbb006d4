// SPDX-License-Identifier: MIT
package kvmlab.machine;

/// The kind of an event on a shared object. Each shared object declares its kinds as an enum.
public interface Kind {

  /// Returns the position of this kind among the kinds of its object, counted from 0.
  int ordinal();

  /// Returns the kernel's word for the event, for example `spin_lock`.
  String word();
}
