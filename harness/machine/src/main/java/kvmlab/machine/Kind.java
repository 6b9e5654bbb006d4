// SPDX-License-Identifier: MIT
package kvmlab.machine;

/// The kind of an event on a shared object. There is one object for each kind.
public interface Kind {

  /// Returns the kernel's word for the event, for example `spin_lock`.
  String word();
}
