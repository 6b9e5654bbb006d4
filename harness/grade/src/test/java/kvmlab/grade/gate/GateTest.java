// SPDX-License-Identifier: MIT
package kvmlab.grade.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import kvmlab.grade.compile.Compiled;
import kvmlab.grade.compile.Problem;
import kvmlab.grade.compile.SourceCompiler;
import kvmlab.grade.compile.Visible;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GateTest {

  private static final SourceCompiler COMPILER = new SourceCompiler();

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          System.exit(0);                                        | uses java.lang.System.exit
          Runtime.getRuntime().halt(0);                          | uses java.lang.Runtime
          Runnable r = () -> System.exit(0); r.run();            | uses java.lang.System.exit
          java.util.function.IntConsumer c = System::exit; c.accept(0); | uses java.lang.System.exit
          System.out.println(System.getenv());                   | uses java.lang.System.getenv
          System.getProperty("user.home");                       | uses java.lang.System.getProperty
          System.setOut(null);                                   | uses java.lang.System.setOut
          System.out.println(System.nanoTime());                 | uses java.lang.System.nanoTime
          System.out.checkError();                               | uses java.io.PrintStream.checkError
          new java.io.PrintStream(System.out);                   | uses java.io.PrintStream.<init>
          new Thread(() -> {}).start();                          | uses java.lang.Thread
          Thread.onSpinWait();                                   | uses java.lang.Thread
          new java.util.Timer();                                 | uses java.util.Timer
          java.util.List.of(1).parallelStream().count();         | uses java.util.List.parallelStream
          java.util.List.of(1).stream().parallel().count();      | uses java.util.stream.Stream.parallel
          new java.util.concurrent.atomic.AtomicInteger();       | uses java.util.concurrent.atomic.AtomicInteger
          new java.util.concurrent.locks.ReentrantLock().lock(); | uses java.util.concurrent.locks.ReentrantLock
          java.util.concurrent.CompletableFuture.runAsync(null); | uses java.util.concurrent.CompletableFuture
          synchronized (this) { }                                | uses synchronized in attack
          notifyAll();                                           | uses java.lang.Object.notifyAll
          this.notify();                                         | uses java.lang.Object.notify
          try { Class.forName("x"); } catch (ClassNotFoundException e) { } | uses java.lang.Class.forName
          getClass().getDeclaredMethods();                       | uses java.lang.Class.getDeclaredMethods
          getClass().getClassLoader();                           | uses java.lang.Class.getClassLoader
          getClass().getResourceAsStream("x");                   | uses java.lang.Class.getResourceAsStream
          java.lang.invoke.MethodHandles.lookup();               | uses java.lang.invoke.MethodHandles
          StackWalker.getInstance();                             | uses java.lang.StackWalker
          new Throwable().getStackTrace();                       | uses java.lang.Throwable.getStackTrace
          new Throwable().printStackTrace();                     | uses java.lang.Throwable.printStackTrace
          new java.io.File("x").delete();                        | uses java.io.File
          java.nio.file.Path.of("x");                            | uses java.nio.file.Path
          try { new java.util.Formatter("x"); } catch (Exception e) { } | uses java.util.Formatter
          try { new java.util.Scanner(java.nio.file.Path.of("x")); } catch (Exception e) { } | uses java.util.Scanner
          try { new java.net.Socket("x", 1); } catch (Exception e) { } | uses java.net.Socket
          new ProcessBuilder("x");                               | uses java.lang.ProcessBuilder
          java.util.ServiceLoader.load(Runnable.class);          | uses java.util.ServiceLoader
          java.util.Locale.setDefault(null);                     | uses java.util.Locale
          Math.random();                                         | uses java.lang.Math.random
          new java.util.Random();                                | uses java.util.Random
          java.util.UUID.randomUUID();                           | uses java.util.UUID
          java.util.Collections.shuffle(null);                   | uses java.util.Collections.shuffle
          Integer.getInteger("x");                               | uses java.lang.Integer.getInteger
          kvmlab.machine.Engine.current();                       | uses kvmlab.machine.Engine
          new kvmlab.kernel.LongCell("x", 0).latest();           | uses kvmlab.kernel.LongCell.latest
          new kvmlab.mm.MmStruct(1).observe(null);               | uses kvmlab.mm.MmStruct.observe
          Runnable r = (Runnable & java.io.Serializable) () -> {}; | LambdaMetafactory.altMetafactory
          """)
  void reachesNoFurtherThanItsExercise(String statement, String refusal) {
    List<Problem> problems =
        inspect(
            """
            package ex01;
            class Attack {
              void attack() {
                %s
              }
            }
            """
                .formatted(statement));

    assertThat(problems).isNotEmpty();
    Problem first = problems.getFirst();
    assertThat(problems).anySatisfy(problem -> assertThat(problem.message()).contains(refusal));
    assertThat(first.file()).isEqualTo("exercises/Attack.java");
    assertThat(first.message()).startsWith("ex01.Attack ").contains(", which is refused: ");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          static int count;                                      | the static field count
          static final int[] BOX = new int[1];                   | the static field BOX
          static final java.util.List<String> L = new java.util.ArrayList<>(); | the static field L
          static final kvmlab.kernel.Spinlock LOCK = kvmlab.kernel.Spinlock.define("l"); | the static field LOCK
          volatile long seq;                                     | the volatile field seq
          enum E { A; int count; }                               | the field count of an enum
          enum E { A; final int[] box = {1}; }                   | the field box of an enum
          enum E { A { java.util.List<String> l; } }             | the field l of an enum
          synchronized void run() {}                             | uses synchronized in run
          native void run();                                     | the native method run
          protected void finalize() {}                           | declares a finalizer
          static class P extends java.util.Properties { { setProperty("a", "b"); } } | java.util.Properties
          """)
  void keepsNoStateAndNoBackDoor(String member, String refusal) {
    assertThat(inspect("package ex01;\nclass Attack {\n  " + member + "\n}\n"))
        .anySatisfy(problem -> assertThat(problem.message()).contains(refusal));
  }

  @Test
  void namesTheLine() {
    assertThat(
            inspect("package ex01;\nclass Attack {\n  void a() {\n\n    System.exit(1);\n  }\n}\n"))
        .singleElement()
        .satisfies(problem ->
            assertThat(problem.render())
                .isEqualTo(
                    "exercises/Attack.java:5: ex01.Attack uses java.lang.System.exit, which is"
                        + " refused: the course ends its own processes: return a value"
                        + " instead"));
  }

  @Test
  void staysInItsPackageAndLeavesTheChecksAlone() {
    assertThat(inspect("package ex02; class Attack {}"))
        .singleElement()
        .satisfies(p -> assertThat(p.message()).contains("outside package ex01"));
    assertThat(inspect("package ex01; class Attack {} class AttackTest {}"))
        .singleElement()
        .satisfies(p -> assertThat(p.message()).contains("that the checks have: ex01.AttackTest"));
  }

  @Test
  void ordinaryJavaPasses() {
    assertThat(
            inspect(
                """
                package ex01;

                import static java.util.Objects.requireNonNull;

                import java.util.*;
                import java.util.function.*;
                import java.util.stream.*;
                import kvmlab.kernel.*;

                public class Attack implements Comparable<Attack>, Iterable<String> {
                  enum Kind { A, B { int n() { return 2; } }; int n() { return 1; } }
                  enum Op {
                    ADD("+", Integer::sum);
                    final String sign;
                    final IntBinaryOperator apply;
                    Op(String sign, IntBinaryOperator apply) { this.sign = sign; this.apply = apply; }
                  }
                  sealed interface Shape permits Dot, Line {}
                  record Dot(int x) implements Shape {}
                  record Line(Dot a, Dot b) implements Shape {}
                  private static final int TWO = 2;
                  private static final String NAME = "n";
                  private static final Kind FIRST = Kind.A;
                  private final Spinlock lock = Spinlock.define("lock");
                  private final LongCell cell = new LongCell("cell", 1).guardedBy(lock);
                  private final Map<String, List<Integer>> map = new TreeMap<>();

                  long locked() {
                    lock.lock();
                    try { return cell.get(); } finally { lock.unlock(); }
                  }
                  int area(Shape s) {
                    return switch (s) {
                      case Dot(var x) when x > 3 -> x;
                      case Dot d -> 0;
                      case Line(Dot(int a), Dot(int b)) -> a * b;
                    };
                  }
                  String kind(Kind k) {
                    return switch (k) { case A -> "a" + k.ordinal(); case B -> NAME + k.n(); };
                  }
                  int word(String w) { return switch (w) { case "x" -> 1; default -> TWO; }; }
                  Map<Integer, Long> count(List<String> all) {
                    assert all != null : "null";
                    return all.stream().filter(s -> !s.isEmpty())
                        .collect(Collectors.groupingBy(String::length, Collectors.counting()));
                  }
                  Supplier<Function<Integer, int[]>> arrays() { return () -> int[]::new; }
                  public Iterator<String> iterator() {
                    return new Iterator<>() {
                      public boolean hasNext() { return false; }
                      public String next() { throw new NoSuchElementException(); }
                    };
                  }
                  public int compareTo(Attack o) { return Integer.compare(hashCode(), o.hashCode()); }
                  @Override public boolean equals(Object o) { return o instanceof Attack a && a == this; }
                  @Override public int hashCode() { return Objects.hash(map, FIRST); }
                  @Override public String toString() { return "%s %d".formatted(map, TWO); }
                  int[][] clones(int[][] x) { System.out.println(x.length); return x.clone(); }
                  void labels() {
                    outer:
                    for (var e : EnumSet.allOf(Kind.class)) {
                      for (;;) { if (e == Kind.A) continue outer; break outer; }
                    }
                    requireNonNull(map);
                  }
                }
                """))
        .isEmpty();
  }

  private static List<Problem> inspect(String source) {
    Compiled compiled =
        COMPILER.compile(Map.of("exercises/Attack.java", source), Visible.of(List.of()));
    assertThat(compiled.problems().stream().map(Problem::render))
        .allMatch(problem -> problem.contains("native"));
    return Gate.inspect(
        "ex01", compiled.classes(), false, Set.of("ex01.AttackTest"), name -> "exercises/" + name);
  }
}
