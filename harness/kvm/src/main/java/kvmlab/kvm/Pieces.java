// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The pieces of one VM. Filled before the VM is initialised, and only read from then on.
final class Pieces {
  private static final List<Class<?>> KINDS = List.of(ProtocolPiece.class.getPermittedSubclasses());

  private final List<ProtocolPiece> all = new ArrayList<>(8);
  private final Map<Class<?>, ProtocolPiece> newest = new HashMap<>();

  /// Lets `piece` take the place of every piece of its kinds.
  void add(ProtocolPiece piece) {
    all.add(piece);
    for (Class<?> kind : KINDS) {
      if (kind.isInstance(piece)) {
        newest.put(kind, piece);
      }
    }
  }

  /// Returns the piece of a kind that every VM has.
  <T extends ProtocolPiece> T get(Class<T> kind) {
    return kind.cast(Objects.requireNonNull(newest.get(kind), kind::getSimpleName));
  }

  /// Returns the newest piece that is a `type`, whether or not that is a kind of piece; null if
  /// there is none.
  <T> @Nullable T find(Class<T> type) {
    if (newest.get(type) instanceof ProtocolPiece piece) {
      return type.cast(piece);
    }
    for (ProtocolPiece piece : all.reversed()) {
      if (type.isInstance(piece)) {
        return type.cast(piece);
      }
    }
    return null;
  }

  /// Does `action` to each, in the order in which they came.
  void forEach(Consumer<ProtocolPiece> action) {
    all.forEach(action);
  }
}
