// SPDX-License-Identifier: MIT
/// The fault that must be willing to start over: the checks.
@NullMarked
package ex02;

import org.jspecify.annotations.NullMarked;
