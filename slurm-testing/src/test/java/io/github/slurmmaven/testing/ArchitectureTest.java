/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.github.slurmmaven.testing.mock.MockSlurm;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The package rules that each {@code package-info.java} states. */
class ArchitectureTest {

  private static final String ROOT = "io.github.slurmmaven.";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .importUrl(MockSlurm.class.getProtectionDomain().getCodeSource().getLocation());

  @Test
  void mockKnowsNeitherContainersNorMavenNorJUnit() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "testing.mock..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.github.slurmmaven..")
                .and(
                    resideOutsideOfPackages(
                        ROOT + "testing.mock..",
                        ROOT + "connection",
                        ROOT + "embedded",
                        ROOT + "report",
                        ROOT + "resource",
                        ROOT + "slurm",
                        ROOT + "ssh")))
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage("com.github.dockerjava..", "org.apache.maven..", "org.junit..")
        .check(CLASSES);
  }

  @Test
  void shellKnowsNothingOfSlurm() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "testing.mock.shell")
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.github.slurmmaven..")
                .and(resideOutsideOfPackages(ROOT + "testing.mock.shell")))
        .check(CLASSES);
  }

  @Test
  void knowsNothingOfMavenOrDockerJava() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.github.dockerjava..", "org.apache.maven..")
        .check(CLASSES);
  }

  @Test
  void packagesAreFreeOfCyclesAndNullMarked() {
    slices().matching("io.github.slurmmaven.testing.(**)").should().beFreeOfCycles().check(CLASSES);
    Set<String> names =
        CLASSES.stream()
            .map(type -> type.getPackageName())
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(names)
        .isNotEmpty()
        .allMatch(name -> CLASSES.getPackage(name).isAnnotatedWith(NullMarked.class));
  }
}
