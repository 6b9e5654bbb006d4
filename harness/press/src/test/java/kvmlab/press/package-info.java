// SPDX-License-Identifier: MIT
@NullMarked
package kvmlab.press;

import org.jspecify.annotations.NullMarked;
