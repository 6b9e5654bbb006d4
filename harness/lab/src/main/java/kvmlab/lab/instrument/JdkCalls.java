// SPDX-License-Identifier: MIT
package kvmlab.lab.instrument;

import java.lang.constant.ClassDesc;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import kvmlab.machine.PlainAccess.Use;

/// What calls of the JDK do with the objects they are given. In doubt, a receiver is changed and an
/// argument is read.
final class JdkCalls {

  private static final Set<String> READING =
      words(
          """
          ceiling ceilingEntry ceilingKey cardinality charAt chars codePoints comparator contains
          containsAll containsKey containsValue copyOfRange descendingIterator descendingKeySet
          descendingMap descendingSet element entrySet equals estimateSize first firstEntry firstKey
          floor floorEntry floorKey forEach forEachRemaining get getAverage getClass getCount
          getFirst getKey getLast getMax getMin getOrDefault getSum getValue hasNext hasPrevious
          hashCode headMap headSet higher higherEntry higherKey indexOf intersects isEmpty iterator
          keySet last lastEntry lastIndexOf lastKey length listIterator lower lowerEntry lowerKey
          navigableKeySet nextClearBit nextIndex nextSetBit parallelStream peek peekFirst peekLast
          previousClearBit previousIndex previousSetBit reversed sequencedEntrySet sequencedKeySet
          sequencedValues size spliterator stream subList subMap subSet substring tailMap tailSet
          toArray toLongArray toString values clone compareTo subSequence
          """);

  private static final Set<String> ADVANCING = words("next nextInt nextLong previous tryAdvance");

  /// Static methods, and `toArray`, that change an argument: which.
  private static final Map<String, Integer> CHANGED_ARGUMENT =
      Map.of(
          "java/lang/System.arraycopy", 2,
          "java/util/Collections.addAll", 0,
          "java/util/Collections.copy", 0,
          "java/util/Collections.fill", 0,
          "java/util/Collections.replaceAll", 0,
          "java/util/Collections.reverse", 0,
          "java/util/Collections.rotate", 0,
          "java/util/Collections.sort", 0,
          "java/util/Collections.swap", 0);

  private static final Set<String> CHANGING_ARRAYS = words("fill sort setAll");

  private static final Set<String> VIEWS =
      words(
          """
          asLifoQueue asList checkedCollection checkedList checkedMap checkedSet descendingKeySet
          descendingMap descendingSet entrySet headMap headSet keySet navigableKeySet newSetFromMap
          next previous reversed sequencedEntrySet sequencedKeySet sequencedValues subList subMap
          subSet tailMap tailSet unmodifiableCollection unmodifiableList unmodifiableMap
          unmodifiableNavigableMap unmodifiableNavigableSet unmodifiableSequencedCollection
          unmodifiableSequencedMap unmodifiableSequencedSet unmodifiableSet unmodifiableSortedMap
          unmodifiableSortedSet synchronizedCollection synchronizedList synchronizedMap
          synchronizedSet values
          """);

  private static final String STREAM = "java/util/stream/";

  private JdkCalls() {}

  /// Returns how a method uses its receiver.
  static Use ofReceiver(String owner, String name) {
    if (owner.startsWith(STREAM) || ADVANCING.contains(name)) {
      return Use.ADVANCE;
    }
    return READING.contains(name) ? Use.READ : Use.WRITE;
  }

  /// Returns how a method uses argument `index`.
  static Use ofArgument(String owner, String name, int index) {
    boolean changed =
        CHANGED_ARGUMENT.getOrDefault(owner + "." + name, -1) == index
            || owner.equals("java/util/Arrays") && CHANGING_ARRAYS.contains(name) && index == 0
            || name.equals("toArray");
    return changed ? Use.WRITE : Use.READ;
  }

  /// Returns whether what a method returns may be a view of its receiver, or of the first argument
  /// of a static method.
  static boolean isView(String name, ClassDesc result) {
    String type = result.descriptorString();
    return VIEWS.contains(name)
        || type.startsWith("Ljava/util/stream/")
        || type.endsWith("Iterator;")
        || type.equals("Ljava/util/Map$Entry;");
  }

  /// Returns whether a reference of the static type may be one to a mutable object of the JDK.
  static boolean mayBeMutable(ClassDesc type) {
    String name = type.descriptorString();
    return type.isArray()
        || name.equals("Ljava/lang/Object;")
        || name.equals("Ljava/lang/CharSequence;")
        || name.equals("Ljava/lang/Iterable;")
        || name.equals("Ljava/lang/StringBuilder;")
        || name.startsWith("Ljava/util/")
            && !name.startsWith("Ljava/util/function/")
            && !name.startsWith("Ljava/util/Optional")
            && !name.equals("Ljava/util/Comparator;")
            && !name.equals("Ljava/util/stream/Collector;");
  }

  private static Set<String> words(String text) {
    return Arrays.stream(text.strip().split("\\s+")).collect(Collectors.toUnmodifiableSet());
  }
}
