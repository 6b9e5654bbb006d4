// SPDX-License-Identifier: MIT
/// Starts worker JVMs, talks to them, and believes no more than the manifest allows.
@NullMarked
package kvmlab.grade.run;

import org.jspecify.annotations.NullMarked;
