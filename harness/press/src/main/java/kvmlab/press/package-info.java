// SPDX-License-Identifier: MIT
/// Asciidoctor extensions: traces, steppers and counts from real runs.
@NullMarked
package kvmlab.press;

import org.jspecify.annotations.NullMarked;
