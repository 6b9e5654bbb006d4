// SPDX-License-Identifier: MIT
/// The same trials for all designs of the mail thread, and the table that comes out.
@NullMarked
package kvmlab.lab.design;

import org.jspecify.annotations.NullMarked;
