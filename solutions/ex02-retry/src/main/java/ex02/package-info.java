// SPDX-License-Identifier: MIT
/// The worked answer of exercise 2.
@NullMarked
package ex02;

import org.jspecify.annotations.NullMarked;
