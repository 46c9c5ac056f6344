/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The package rules that each {@code package-info.java} states. */
class ArchitectureTest {

  private static final String ROOT = "io.github.slurmmaven.";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .importUrl(MockSlurm.class.getProtectionDomain().getCodeSource().getLocation());

  @ParameterizedTest
  @CsvSource({
    "mock,         mock.command mock.job mock.server mock.shell client",
    "mock.command, mock.job mock.shell client resource",
    "mock.job,     mock.shell client",
    "mock.server,  mock.shell client embedded",
    "mock.shell,   ''",
  })
  void packageUsesOnly(String name, String allowed) {
    Set<String> packages =
        allowed.isEmpty() ? new TreeSet<>() : new TreeSet<>(Set.of(allowed.split(" ", -1)));
    packages.add(name);
    String[] full = packages.stream().map(each -> ROOT + each).toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(ROOT + name)
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.github.slurmmaven..").and(not(resideInAnyPackage(full))))
        .check(CLASSES);
  }

  @Test
  void everyPackageHasARuleAndIsNullMarked() {
    Set<String> names =
        CLASSES.stream()
            .map(JavaClass::getPackageName)
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(names)
        .containsExactly(
            ROOT + "mock",
            ROOT + "mock.command",
            ROOT + "mock.job",
            ROOT + "mock.server",
            ROOT + "mock.shell")
        .allMatch(name -> CLASSES.getPackage(name).isAnnotatedWith(NullMarked.class));
  }

  @Test
  @DisplayName("only the server knows SSH")
  void onlyTheServerKnowsSsh() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + "mock.server")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.sshd..")
        .check(CLASSES);
  }

  @Test
  void knowsNeitherContainersNorMavenNorJUnitNorYaml() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "com.github.dockerjava..",
            "org.apache.maven..",
            "org.junit..",
            "com.fasterxml..",
            "org.apache.velocity..",
            "net.schmizz..",
            "org.bouncycastle..")
        .check(CLASSES);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("io.github.slurmmaven.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  @DisplayName("the classes outside the shell, which calls itself, have no cycles either")
  void classesHaveNoCycles() {
    slices()
        .assignedFrom(
            new SliceAssignment() {

              @Override
              public SliceIdentifier getIdentifierOf(JavaClass type) {
                return type.getPackageName().equals(ROOT + "mock.shell")
                    ? SliceIdentifier.ignore()
                    : SliceIdentifier.of(type.getName().replaceFirst("\\$.*", ""));
              }

              @Override
              public String getDescription() {
                return "classes with what is nested in them";
              }
            })
        .should()
        .beFreeOfCycles()
        .check(CLASSES);
  }
}
