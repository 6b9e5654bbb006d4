// SPDX-License-Identifier: MIT
package kvmlab.lab.instrument;

/// A class loader whose classes of an exercise have been instrumented before it got them.
public interface Instrumented {}
