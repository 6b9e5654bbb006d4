// SPDX-License-Identifier: MIT
package kvmlab.lab;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Marks a test method as a graded check, beside JUnit's `@Test` or jqwik's `@Property`.
///
/// The grader reads this annotation from the class file, never by loading the class: it is the
/// manifest of an exercise. The id of a check is its package, a dot and the method's name in
/// kebab-case, `ex02.fault-retries-while-invalidating`.
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Check {

  /// The number of the task, as in the exercise's README and in the stub's `TODO n`.
  int task();

  /// The weight, 1 to 5 stars; see [Stars#points(int)].
  int stars() default 1;

  /// What must hold, as one positive sentence without a full stop.
  String title();

  /// How the check finds out.
  Kind kind() default Kind.SCHEDULE;

  /// How a check finds out.
  enum Kind {
    /// Explores every schedule of a scenario within its bound.
    SCHEDULE,
    /// Tries generated inputs against a property.
    PROPERTY,
    /// Runs one example.
    EXAMPLE,
    /// Looks at the shape of the code.
    STRUCTURE
  }
}
