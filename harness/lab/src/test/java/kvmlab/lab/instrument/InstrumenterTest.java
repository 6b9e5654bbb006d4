// SPDX-License-Identifier: MIT
package kvmlab.lab.instrument;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kvmlab.explore.Explored;
import kvmlab.explore.Explorer;
import kvmlab.explore.MemoryModel;
import kvmlab.explore.Reduction;
import kvmlab.machine.Program;
import kvmlab.machine.Violation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InstrumenterTest {
  private static final Path SOURCE =
      Path.of("src", "test", "java", "kvmlab", "lab", "instrument", "Samples.java");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          FieldReadOutsideItsLock     | Samples.FieldReadOutsideItsLock.count
          InheritedField              | Samples.Base.state
          OuterFieldFromInnerClass    | Samples.OuterFieldFromInnerClass.count
          StaticField                 | Samples.StaticField.count
          PublishedWithoutOrder       | Samples.Box.value
          WrittenBeforeTheSuperclass  | Samples.EarlyBox.value
          RacyElement                 | element 2 of Samples.RacyElement.counts
          ArrayCapturedByLambda       | element 0 of an int[]
          ArrayFilledByTheJdk         | element 3 of Samples.ArrayFilledByTheJdk.counts
          RacyList                    | Samples.RacyList.list
          IteratorKeptAfterUnlock     | Samples.IteratorKeptAfterUnlock.list
          MapChangedThroughItsEntries | Samples.MapChangedThroughItsEntries.map
          RacyMethodReference         | Samples.RacyMethodReference.queue
          RacyStringBuilder           | Samples.RacyStringBuilder.text
          RacyOwnList                 | an OwnList
          """)
  void raceIsSeen(String sample, String memory) throws Exception {
    Violation violation = explore(sample).counterexample().violation();

    assertThat(violation.kind()).isEqualTo(Violation.Kind.DATA_RACE);
    assertThat(violation.expected())
        .isEqualTo("conflicting accesses to " + memory + " are ordered by a lock");
    assertThat(violation.seen())
        .matches(
            "plain (read|write) by [AB] at Samples.java:\\d+ in \\w+,"
                + " plain (read|write) by [AB] at Samples.java:\\d+ in [\\w<>]+");
  }

  @Test
  void bothAccessesAreNamedByFileAndLine() throws Exception {
    Violation violation = explore("RacyField").counterexample().violation();

    assertThat(violation.expected())
        .isEqualTo("conflicting accesses to Samples.RacyField.seq are ordered by a lock");
    assertThat(violation.seen())
        .isEqualTo(
            "plain read by B at Samples.java:%d in look, plain write by A at Samples.java:%d in bump",
            line("// read"), line("// written"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "LockedField",
        "OnlyRead",
        "FinalFieldsAndRecords",
        "PublishedByRelease",
        "OneElementEach",
        "LockedList",
        "ListReadByBoth",
        "ConfinedHelpers",
        "ReferencesKeptNotFollowed",
        "LongLoop"
      })
  void orderedAndConfinedAccessesAreLegitimate(String sample) throws Exception {
    Explored explored = explore(sample);

    assertThat(explored.counterexample()).isNull();
    assertThat(explored.exhausted()).isTrue();
  }

  @Test
  void searchThroughStatesSaysThatItDoesNotKnowThem() throws Exception {
    Explored shared = statesOf("LockedField").explore();
    Explored confined = statesOf("ConfinedHelpers").explore();

    assertThat(shared.exhausted()).isFalse();
    assertThat(shared.bounds()).contains("no states that differ in Samples.LockedField.count");
    assertThat(confined.exhausted()).isTrue();
  }

  private static Explorer statesOf(String sample) throws Exception {
    return explorer(sample).model(MemoryModel.SC).reduction(Reduction.STATES);
  }

  @Test
  void loopWithoutEventsIsAnsweredWithItsLine() throws Exception {
    Violation violation = explore("EndlessLoop").counterexample().violation();

    assertThat(violation.kind()).isEqualTo(Violation.Kind.LIVELOCK);
    assertThat(violation.seen())
        .startsWith("A has gone round the loop at Samples.java:")
        .contains(" in build 100000 times");
    assertThat(explore("EndlessStream").counterexample().violation().kind())
        .isEqualTo(Violation.Kind.LIVELOCK);
  }

  @Test
  void classWithoutPlainMemoryStaysAsItIs() throws Exception {
    byte[] bytes = bytes(InstrumenterTest.class.getName() + "$Nothing");

    assertThat(Instrumenter.instrument(bytes, other -> null)).isSameAs(bytes);
  }

  record Nothing(int one, String two) {
    int sum(Nothing other) {
      return one + other.two().length();
    }
  }

  private static Explored explore(String sample) throws Exception {
    return explorer(sample).explore();
  }

  private static Explorer explorer(String sample) throws Exception {
    Class<?> type = new SampleLoader().loadClass(Samples.class.getName() + "$" + sample);
    Program program =
        setup -> {
          try {
            var constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            ((Program) constructor.newInstance()).build(setup);
          } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
          }
        };
    return new Explorer(program).model(MemoryModel.LKMM);
  }

  private static int line(String mark) throws IOException {
    List<String> lines = Files.readAllLines(SOURCE);
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).endsWith(mark)) {
        return i + 1;
      }
    }
    throw new AssertionError(mark);
  }

  private static byte[] bytes(String name) throws IOException {
    String path = name.replace('.', '/') + ".class";
    try (InputStream in = InstrumenterTest.class.getClassLoader().getResourceAsStream(path)) {
      return in.readAllBytes();
    }
  }

  /// Loads the samples instrumented.
  private static final class SampleLoader extends ClassLoader {
    SampleLoader() {
      super(InstrumenterTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!isSample(name)) {
        return super.loadClass(name, resolve);
      }
      Class<?> known = findLoadedClass(name);
      if (known != null) {
        return known;
      }
      byte[] instrumented =
          Instrumenter.instrument(
              read(name), other -> isSample(other.replace('/', '.')) ? read(other) : null);
      return defineClass(name, instrumented, 0, instrumented.length);
    }

    private static boolean isSample(String name) {
      return name.startsWith(Samples.class.getName());
    }

    private static byte[] read(String name) {
      try {
        return bytes(name);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
