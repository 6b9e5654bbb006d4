// SPDX-License-Identifier: MIT
package kvmlab.press;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Each slip of a writer's pen must fail the build, and be named.
class MistakesTest {

  @TempDir Path folder;

  @Test
  void aCleanBookPasses() throws IOException {
    Printer.specimen(folder);
    assertThat(complaints()).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          # what                    | what is added to the chapter                      | what is said
          unknown reference         | See <<nowhere>>.                                  | nowhere
          reference to a file       | See xref:other.adoc#place[].                      | other
          reference to a whole file | See xref:chapter.adoc[].                          | leads nowhere
          page that is not          | See link:missing.html[the rest].                  | chapter.adoc: first.html#what-to-keep: no such page or file to link to: missing.html
          missing picture           | image::lost.svg[A lost one]                       | no such picture: lost.svg
          picture from the network  | image::https://example.org/a.png[A]               | a picture from the network
          picture without words     | image::dot.svg[alt=" "]                           | nothing says what is to be seen
          missing tag               | [source,java]\\n----\\ninclude::Sample.java[tag=nosuch]\\n---- | nosuch
          empty tagged region       | [source,java]\\n----\\ninclude::Sample.java[tag=empty]\\n----  | an empty listing
          lines beyond the end      | [source,java]\\n----\\ninclude::Sample.java[lines=900..950]\\n---- | an empty listing
          missing include           | include::lost.adoc[]                              | lost.adoc
          include by unknown root   | include::{nosuch}/x.adoc[]                        | nosuch
          unknown attribute         | The {nosuch} is missing.                          | nosuch
          call-out without a list   | ----\\nwait(); // <1>\\n----\\n\\nWords.          | 1 call-outs in a listing, 0 explained
          list without a call-out   | ----\\nwait();\\n----\\n<1> Why.                  | no callout found for <1>
          duplicate id              | [#first]\\nAgain.                                 | first
          unterminated block        | ----\\nfor ever                                   | unterminated
          level skipped             | ==== Too deep                                     | section title out of sequence
          ragged table              | ,===\\na,b\\nc\\n,===                         | dropping cells from incomplete row
          misspelt block macro      | trcae::ex99.ReaderRacesWriter[]                   | no macro has this name: trcae::ex99.ReaderRacesWriter[]
          misspelt inline macro     | It took cuont:ex99.ReaderRacesWriter[] schedules. | no macro has this name: cuont:ex99.ReaderRacesWriter[]
          misspelt role             | [.quizz]\\nIs this a quiz?                        | no style has the role .quizz
          trace of no run           | trace::ex99.NoSuchRace[]                          | this build performed no run ex99.NoSuchRace
          trace that failed         | trace::ex99.NoRace[mutant=harmless]               | ex99.NoRace+harmless: the mutant survives
          trace without such a cell | trace::ex99.ReaderRacesWriter[mutant=no-lock,cells=pte9] | no cell pte9
          count of no run           | It took count:ex99.NoSuchRace[] schedules.        | this build performed no run ex99.NoSuchRace
          count of nonsense         | count:ex99.ReaderRacesWriter[of=apples]           | there is no count of apples
          chart of no rate          | bench::recorded/bench-reference.json[measure=mmu_lock,chart=lines] | there is no chart of 'mmu_lock'
          chart of no lines         | bench::recorded/bench-reference.json[measure=storm,chart=pie] | a chart is of lines, not of 'pie'
          benchmark of no figures   | bench::recorded/bench-reference.json[measure=guest] | nothing was measured of 'guest'
          unknown exercise          | exercise::ex98-none[]                             | this build performed no run ex98-none
          """)
  void isCaught(String what, String added, String said) throws IOException {
    Printer.specimen(folder);
    Path chapter = folder.resolve("chapter.adoc");
    String lines = added.replace("\\n", "\n").replace("`", "");
    Files.writeString(chapter, Files.readString(chapter) + "\n" + lines + "\n");
    assertThat(complaints()).as(what).anySatisfy(words -> assertThat(words).contains(said));
  }

  private Iterable<String> complaints() throws IOException {
    Printer printer = new Printer();
    printer.print(folder, folder.resolve("site"));
    return printer.complaints;
  }
}
