// SPDX-License-Identifier: MIT
package kvmlab.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The rooms of the house and what each may lean on. This room alone sees all of them.
class LayeringTest {

  /// One row of the table: the rooms a room may use, and why it must not know the others.
  enum Room {
    MACHINE("machine must lean on the JDK alone: every engine and every primitive stands on it"),
    KERNEL("kernel must not know its users, nor the engine that runs it", MACHINE),
    MM("mm must not know kvm, as in Linux: it calls MmuNotifierOps", KERNEL, MACHINE),
    KVM("kvm must not know engines or lab: its code is the same under each", MM, KERNEL, MACHINE),
    EXPLORE("explore must know no kernel: five-line programs test it", MACHINE),
    LAB("lab must not know who grades it", KVM, MM, KERNEL, EXPLORE, MACHINE),
    GRADE("grade must reach the reference through lab, and must not know press", LAB, MACHINE),
    PRESS("press must reach the reference through lab, and must not know grade", LAB, MACHINE);

    private final String reason;
    private final Set<Room> ground;

    Room(String reason, Room... ground) {
      this.reason = reason;
      this.ground = Set.of(ground);
    }

    private String packages() {
      return "kvmlab." + name().toLowerCase(Locale.ROOT) + "..";
    }

    private String[] allowed() {
      return Stream.concat(Stream.of(this), ground.stream())
          .map(Room::packages)
          .toArray(String[]::new);
    }
  }

  private static final JavaClasses HOUSE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("kvmlab");

  @ParameterizedTest
  @EnumSource
  void roomKnowsOnlyWhatItStandsOn(Room room) {
    noClasses()
        .that()
        .resideInAPackage(room.packages())
        .should()
        .dependOnClassesThat(
            resideInAPackage("kvmlab..").and(resideOutsideOfPackages(room.allowed())))
        .as(room.reason)
        .check(HOUSE);
  }

  @Test
  void machineLeansOnTheJdkAlone() {
    classes()
        .that()
        .resideInAPackage(Room.MACHINE.packages())
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(Room.MACHINE.packages(), "java..", "org.jspecify..")
        .as(Room.MACHINE.reason)
        .check(HOUSE);
  }

  @Test
  void roomsFormNoCycle() {
    slices()
        .matching("kvmlab.(*)..")
        .should()
        .beFreeOfCycles()
        .as("two rooms that need each other are one room")
        .check(HOUSE);
  }
}
