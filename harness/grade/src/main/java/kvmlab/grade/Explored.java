// SPDX-License-Identifier: MIT
package kvmlab.grade;

/// How far a check looked.
///
/// @param schedules executions of all its scenarios together
/// @param exhausted whether nothing within the bound was left out
/// @param bound the declared bound, as the scenarios state it
public record Explored(long schedules, boolean exhausted, String bound) {}
