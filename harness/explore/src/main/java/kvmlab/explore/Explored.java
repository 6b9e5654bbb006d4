// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What an exploration did and found.
///
/// @param executions how often the program ran
/// @param complete of these, the executions that came to an end, no two of them equivalent when
///   reduction is on
/// @param redundant of these, the executions given up because another covers them
/// @param events the events of all executions
/// @param exhausted whether every behaviour within the bounds that the program declares has been
///   seen: nothing was cut short
/// @param covered a lower bound of the probability that a random walk, which lets any task move and
///   any value be read, makes an execution that is equivalent to one that was tried; 1 when
///   exhausted, 0 when nothing is known
/// @param bounds the bounds that were hit, declared by the program or by the explorer, each a noun
///   phrase: `at most 3 faults of one guest access`
/// @param states how many states were told apart and remembered, where states are searched
/// @param stateBytes how much memory they took
/// @param counterexample the first wrong execution, or null
public record Explored(
    long executions,
    long complete,
    long redundant,
    long events,
    boolean exhausted,
    double covered,
    List<String> bounds,
    int states,
    long stateBytes,
    @Nullable Counterexample counterexample) {}
