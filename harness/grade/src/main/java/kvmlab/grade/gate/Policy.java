// SPDX-License-Identifier: MIT
package kvmlab.grade.gate;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What the class files of a submission may name. Everything else is refused.
///
/// Names are internal (`java/util/List`). What is listed here must not reach files, processes,
/// threads, the clock, chance, class loading or reflection, directly or through a helper that it
/// hands out: the audit in the tests walks the JDK to watch that.
final class Policy {

  /* Proof: byte code has no other way to name a thing than the constant pool of its class file, and
   * the gate looks at every entry of every pool. What could compute a name at run time (reflection,
   * method handles, loaders, scripts, serialization) is not listed here. */

  private static final String LAB = "kvmlab/lab";

  private static final Set<String> CLASSES =
      names(
          "java/lang/",
          """
          Object String StringBuilder CharSequence Comparable Iterable Runnable AutoCloseable
          Math StrictMath Number Integer Long Short Byte Character Boolean Double Float Void
          Enum Record Override FunctionalInterface Deprecated SafeVarargs SuppressWarnings
          Class Cloneable Throwable Exception RuntimeException Error AssertionError
          ArithmeticException ArrayIndexOutOfBoundsException ArrayStoreException
          ClassCastException CloneNotSupportedException IllegalArgumentException
          IllegalStateException IndexOutOfBoundsException MatchException
          NegativeArraySizeException NullPointerException NumberFormatException
          UnsupportedOperationException NoSuchFieldError System
          """,
          "java/util/",
          """
          AbstractCollection AbstractList AbstractMap AbstractMap$SimpleEntry
          AbstractMap$SimpleImmutableEntry AbstractQueue AbstractSequentialList AbstractSet
          ArrayDeque ArrayList Arrays BitSet Collection Collections Comparator
          ConcurrentModificationException Deque EmptyStackException EnumMap EnumSet HashMap HashSet
          HexFormat IntSummaryStatistics Iterator LinkedHashMap LinkedHashSet LinkedList List
          ListIterator LongSummaryStatistics Map Map$Entry NavigableMap NavigableSet
          NoSuchElementException Objects Optional OptionalDouble OptionalInt OptionalLong
          PrimitiveIterator PrimitiveIterator$OfInt PrimitiveIterator$OfLong PriorityQueue Queue
          RandomAccess SequencedCollection SequencedMap SequencedSet Set SortedMap SortedSet
          StringJoiner TreeMap TreeSet
          """,
          "java/io/",
          "PrintStream Serializable");

  private static final Set<String> PACKAGES =
      Set.of(
          "java/util/function",
          "java/util/stream",
          "kvmlab/kernel",
          "kvmlab/mm",
          "kvmlab/kvm",
          "org/jspecify/annotations");

  /// Of these classes, only these members.
  private static final Map<String, Set<String>> ONLY =
      Map.of(
          "java/lang/System", Set.of("out", "err", "arraycopy", "lineSeparator"),
          "java/lang/Class",
              Set.of("getSimpleName", "isInstance", "cast", "desiredAssertionStatus", "getName"),
          "java/io/PrintStream", Set.of("print", "println", "printf", "format"),
          "java/lang/Object",
              Set.of("<init>", "equals", "hashCode", "toString", "getClass", "clone"));

  /// Of these classes, all members but these.
  private static final Map<String, Set<String>> NOT =
      Map.of(
          "java/lang/Integer", Set.of("getInteger"),
          "java/lang/Long", Set.of("getLong"),
          "java/lang/Boolean", Set.of("getBoolean"),
          "java/lang/Math", Set.of("random"),
          "java/lang/StrictMath", Set.of("random"),
          "java/util/Collections", Set.of("shuffle"),
          "java/lang/Throwable", Set.of("getStackTrace", "setStackTrace", "printStackTrace"));

  /// Refused on every class of the JDK: they use threads of their own.
  private static final Set<String> NOWHERE =
      Set.of("parallel", "parallelStream", "parallelSort", "parallelPrefix", "parallelSetAll");

  /// Refused on every class of the course, but to those who write invariants: a task of the machine
  /// cannot see what it shows.
  private static final Pattern FOR_INVARIANTS =
      Pattern.compile("latest.*|forEachLatest|observe|watch");

  /// What javac lets invokedynamic and dynamic constants start from.
  static final Set<String> BOOTSTRAPS =
      Set.of(
          "java/lang/invoke/LambdaMetafactory.metafactory",
          "java/lang/invoke/StringConcatFactory.makeConcatWithConstants",
          "java/lang/runtime/ObjectMethods.bootstrap",
          "java/lang/runtime/SwitchBootstraps.typeSwitch",
          "java/lang/runtime/SwitchBootstraps.enumSwitch");

  /// Classes that javac names for the sake of a bootstrap method; they get no member.
  private static final Set<String> INERT =
      Set.of(
          "java/lang/invoke/MethodHandles",
          "java/lang/invoke/MethodHandles$Lookup",
          "java/lang/invoke/LambdaMetafactory",
          "java/lang/invoke/StringConcatFactory",
          "java/lang/runtime/ObjectMethods",
          "java/lang/runtime/SwitchBootstraps",
          "java/lang/invoke/TypeDescriptor",
          "java/lang/invoke/TypeDescriptor$OfField");

  private final Set<String> packages;

  private Policy(Set<String> packages) {
    this.packages = packages;
  }

  /// The policy for an ordinary exercise; with `lab` if its stub uses the lab.
  static Policy of(boolean lab) {
    Set<String> packages = new HashSet<>(PACKAGES);
    if (lab) {
      packages.add(LAB);
    }
    return new Policy(packages);
  }

  boolean allowsClass(String name) {
    return CLASSES.contains(name) || packages.contains(packageOf(name));
  }

  /// Whether a class may be named without being used, as javac's attributes do.
  boolean toleratesClass(String name) {
    return allowsClass(name) || INERT.contains(name);
  }

  boolean allowsMember(String owner, String member) {
    if (!allowsClass(owner)) {
      return false;
    }
    Set<String> only = ONLY.get(owner);
    return (only == null || only.contains(member))
        && !NOT.getOrDefault(owner, Set.of()).contains(member)
        && !(owner.startsWith("java/") && NOWHERE.contains(member))
        && (packages.contains(LAB) || !isForInvariants(owner, member));
  }

  /// Whether a member is there for invariants only.
  static boolean isForInvariants(String owner, String member) {
    return owner.startsWith("kvmlab/") && FOR_INVARIANTS.matcher(member).matches();
  }

  private static String packageOf(String name) {
    return name.substring(0, Math.max(0, name.lastIndexOf('/')));
  }

  /// The classes of several packages: prefix, names, prefix, names.
  private static Set<String> names(String... prefixesAndNames) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < prefixesAndNames.length; i += 2) {
      String prefix = prefixesAndNames[i];
      names.addAll(
          Arrays.stream(prefixesAndNames[i + 1].strip().split("\\s+"))
              .map(prefix::concat)
              .collect(Collectors.toSet()));
    }
    return names;
  }
}
