// SPDX-License-Identifier: MIT
/// Renders a grade; one file per format, found by ServiceLoader.
@NullMarked
package kvmlab.grade.report;

import org.jspecify.annotations.NullMarked;
