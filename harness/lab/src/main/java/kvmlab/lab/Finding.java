// SPDX-License-Identifier: MIT
package kvmlab.lab;

import java.util.Optional;
import kvmlab.machine.Trace;
import kvmlab.machine.Violation;

/// A wrong execution, ready to be shown.
///
/// @param violation what went wrong
/// @param trace what happened until then
/// @param likelyCause the mistake that the exercise guesses behind it
/// @param token what replays it
public record Finding(
    Violation violation, Trace trace, Optional<String> likelyCause, Token token) {}
