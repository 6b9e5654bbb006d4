// SPDX-License-Identifier: MIT
package kvmlab.grade.report;

import com.google.auto.service.AutoService;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import kvmlab.grade.ExerciseResult;
import kvmlab.grade.Explored;
import kvmlab.grade.GradeRecord;
import kvmlab.grade.Status;
import kvmlab.grade.TestResult;

/// JUnit XML, as GitLab, Jenkins and most CI systems show it. It holds no times: a record has none.
@AutoService(ReportFormat.class)
public final class JunitReport implements ReportFormat {

  @Override
  public String name() {
    return "junit";
  }

  @Override
  public String render(GradeRecord grade) {
    StringWriter text = new StringWriter();
    try {
      new Document(XMLOutputFactory.newFactory().createXMLStreamWriter(text)).write(grade);
    } catch (XMLStreamException e) {
      throw new AssertionError("a StringWriter does not fail", e);
    }
    return text + "\n";
  }

  private record Document(XMLStreamWriter xml) {

    void write(GradeRecord grade) throws XMLStreamException {
      xml.writeStartDocument("UTF-8", "1.0");
      xml.writeCharacters("\n");
      xml.writeStartElement("testsuites");
      xml.writeAttribute("name", "kvmlab");
      counts(grade.tests());
      for (ExerciseResult exercise : grade.exercises()) {
        suite(exercise);
      }
      end(0);
      xml.writeEndDocument();
      xml.flush();
    }

    private void suite(ExerciseResult exercise) throws XMLStreamException {
      start(1, "testsuite");
      xml.writeAttribute("name", exercise.id());
      counts(exercise.tests());
      start(2, "properties");
      empty(3, "property");
      xml.writeAttribute("name", "kvmlab.points");
      xml.writeAttribute("value", exercise.points() + "/" + exercise.max());
      empty(3, "property");
      xml.writeAttribute("name", "kvmlab.verdict");
      xml.writeAttribute("value", exercise.verdict().word());
      end(2);
      for (TestResult test : exercise.tests()) {
        testcase(exercise, test);
      }
      end(1);
    }

    private void testcase(ExerciseResult exercise, TestResult test) throws XMLStreamException {
      start(2, "testcase");
      xml.writeAttribute("classname", exercise.id() + ".task" + test.check().task());
      xml.writeAttribute("name", test.check().id().substring(exercise.id().length() + 1));
      if (!exercise.files().isEmpty()) {
        xml.writeAttribute("file", exercise.files().getFirst());
      }
      switch (test.status()) {
        case PASS, INTERESTING -> {}
        case FAIL -> problem("failure", test);
        case TIMEOUT, COMPILE_ERROR -> problem("error", test);
        case NOT_RUN -> {
          empty(3, "skipped");
          xml.writeAttribute("message", clean(test.message()));
        }
      }
      Explored explored = test.explored();
      if (explored != null) {
        start(3, "system-out");
        xml.writeCharacters(clean(explored.schedules() + " schedules, " + explored.bound()));
        xml.writeEndElement();
      }
      end(2);
    }

    private void problem(String element, TestResult test) throws XMLStreamException {
      start(3, element);
      xml.writeAttribute("type", test.verdict().word());
      xml.writeAttribute("message", clean(test.message()));
      String body = test.detail().isEmpty() ? test.message() : test.detail();
      xml.writeCharacters(clean(body));
      xml.writeEndElement();
    }

    private void counts(List<TestResult> tests) throws XMLStreamException {
      xml.writeAttribute("tests", Integer.toString(tests.size()));
      xml.writeAttribute("failures", count(tests, Status.FAIL));
      xml.writeAttribute("errors", count(tests, Status.TIMEOUT, Status.COMPILE_ERROR));
      xml.writeAttribute("skipped", count(tests, Status.NOT_RUN));
    }

    private static String count(List<TestResult> tests, Status... statuses) {
      List<Status> counted = Arrays.asList(statuses);
      return Long.toString(tests.stream().filter(test -> counted.contains(test.status())).count());
    }

    private void start(int depth, String element) throws XMLStreamException {
      xml.writeCharacters("\n" + "  ".repeat(depth));
      xml.writeStartElement(element);
    }

    private void empty(int depth, String element) throws XMLStreamException {
      xml.writeCharacters("\n" + "  ".repeat(depth));
      xml.writeEmptyElement(element);
    }

    private void end(int depth) throws XMLStreamException {
      xml.writeCharacters("\n" + "  ".repeat(depth));
      xml.writeEndElement();
    }

    /// XML 1.0 cannot hold most control characters, not even escaped.
    private static String clean(String text) {
      return text.replaceAll("[^\\t\\n\\r\\x20-\\uD7FF\\uE000-\\uFFFD\\x{10000}-\\x{10FFFF}]", "?");
    }
  }
}
