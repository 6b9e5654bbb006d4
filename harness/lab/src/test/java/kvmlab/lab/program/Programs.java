// SPDX-License-Identifier: MIT
package kvmlab.lab.program;

import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/// Where generated programs come from.
final class Programs {
  private static final int OPS_MAX = 24;
  private static final int NUMBERS = 8;

  private Programs() {}

  /// Any operations, accesses of guest memory more often than others: they are what is judged.
  static Arbitrary<List<Op>> sequential() {
    Arbitrary<Op.Kind> kinds =
        Arbitraries.frequencyOf(
            Tuple.of(6, Arbitraries.of(Op.Kind.values())),
            Tuple.of(3, Arbitraries.of(Op.Kind.GUEST_READ, Op.Kind.GUEST_WRITE)),
            // What others need to make sense.
            Tuple.of(
                3,
                Arbitraries.of(
                    Op.Kind.SLOT_CREATE,
                    Op.Kind.SLOT_CREATE_READONLY,
                    Op.Kind.SLOT_CREATE_LOGGING)),
            Tuple.of(3, Arbitraries.of(Op.Kind.HOST_WRITE, Op.Kind.CHILD_READ)),
            Tuple.of(1, Arbitraries.of(Op.Kind.GET_DIRTY_LOG)),
            Tuple.of(1, Arbitraries.of(Op.Kind.MMAP_FILE, Op.Kind.MREMAP, Op.Kind.FORK)));
    Op slot = new Op(Op.Kind.SLOT_CREATE, 0, 0, 0);
    Op logging = new Op(Op.Kind.SLOT_CREATE_LOGGING, 0, 0, 0);
    // A memslot of all memory that the guest has, large enough for a huge page; or none.
    return Combinators.combine(
            Arbitraries.of(List.<Op>of(), List.of(slot), List.of(logging)),
            ops(kinds).list().ofMinSize(1).ofMaxSize(OPS_MAX))
        .as((first, then) -> Stream.of(first, then).flatMap(List::stream).toList());
  }

  static Arbitrary<Op> ops(Arbitrary<Op.Kind> kinds) {
    // Often one of the first: what one operation does to a page, others must come to see.
    Arbitrary<Integer> number =
        Arbitraries.frequencyOf(
            Tuple.of(3, Arbitraries.of(0, 1)),
            Tuple.of(2, Arbitraries.integers().between(0, NUMBERS - 1)));
    return Combinators.combine(kinds, number, number, number).as(Op::new);
  }
}
