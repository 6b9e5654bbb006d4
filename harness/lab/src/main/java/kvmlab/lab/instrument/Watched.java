// SPDX-License-Identifier: MIT
package kvmlab.lab.instrument;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import kvmlab.lab.Scenario;
import org.jspecify.annotations.Nullable;

/// Lets a scenario run on instrumented classes, however the JVM was started: from an IDE, from
/// Maven, or from the book's build.
public final class Watched {

  /* Proof: why the classes are loaded a second time. An agent would have to be named on every
   * command line, and the one who forgets it would get a pass for a race. A scenario has a
   * constructor without parameters, so another one of it can be made by a loader that instruments
   * the classes of its package; the course's own classes stay the same, so world and result are the
   * same types. What lies beside the scenario are the checks; they are loaded anew as they are. */

  private static final ClassValue<Loader> LOADERS =
      new ClassValue<>() {
        @Override
        protected Loader computeValue(Class<?> scenario) {
          return new Loader(scenario);
        }
      };

  private Watched() {}

  /// Returns a scenario that does what `scenario` does, on instrumented classes; `scenario` itself
  /// if it runs on such already, or belongs to the course.
  ///
  /// @throws IllegalArgumentException if its class has no constructor without parameters
  public static Scenario of(Scenario scenario) {
    Class<?> type = scenario.getClass();
    if (type.getClassLoader() instanceof Instrumented || type.getName().startsWith("kvmlab.")) {
      return scenario;
    }
    try {
      var constructor = LOADERS.get(type).loadClass(type.getName()).getDeclaredConstructor();
      constructor.setAccessible(true);
      return (Scenario) constructor.newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(
          type.getName() + " needs a constructor without parameters: see Scenario", e);
    }
  }

  /// Defines the classes of one package anew; everything else is the parent's.
  private static final class Loader extends ClassLoader implements Instrumented {
    private final String packageName;
    private final String checks;

    Loader(Class<?> scenario) {
      super("instrumented", scenario.getClassLoader());
      packageName = scenario.getPackageName();
      checks = folder(scenario.getName());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      boolean own =
          name.startsWith(packageName + ".") && name.indexOf('.', packageName.length() + 1) < 0;
      if (!own) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> known = findLoadedClass(name);
        return known == null ? findClass(name) : known;
      }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      byte[] bytes = read(name.replace('.', '/'));
      if (bytes == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] watched =
          folder(name).equals(checks) ? bytes : Instrumenter.instrument(bytes, this::read);
      return defineClass(name, watched, 0, watched.length);
    }

    /// Returns the bytes of a class of this package by internal name; null if there is none.
    private byte @Nullable [] read(String name) {
      if (!name.startsWith(packageName.replace('.', '/') + "/")) {
        return null;
      }
      try (InputStream in = getParent().getResourceAsStream(name + ".class")) {
        return in == null ? null : in.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /// Returns where a class lies: the class path's entry, as a URL.
    private String folder(String name) {
      String path = name.replace('.', '/') + ".class";
      URL url = getParent().getResource(path);
      return url == null ? "" : url.toString().replace(path, "");
    }
  }
}
