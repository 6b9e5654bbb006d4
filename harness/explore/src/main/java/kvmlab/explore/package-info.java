// SPDX-License-Identifier: MIT
/// Engines: the systematic explorer, which runs a program once for every order of its events that
/// matters.
@NullMarked
package kvmlab.explore;

import org.jspecify.annotations.NullMarked;
