/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
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
  void mockUsesOnlyClientResourcesAndTheSshServer() {
    noClasses()
        .that()
        .resideInAPackage("io.github.slurmmaven.mock..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.github.slurmmaven..")
                .and(
                    resideOutsideOfPackages(
                        ROOT + "mock..", ROOT + "client", ROOT + "resource", ROOT + "embedded")))
        .check(CLASSES);
  }

  @Test
  void shellKnowsNothingOfSlurm() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "mock.shell")
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.github.slurmmaven..")
                .and(resideOutsideOfPackages(ROOT + "mock.shell")))
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
  void packagesHaveNoCyclesAndAreNullMarked() {
    slices()
        .matching("io.github.slurmmaven.(**)")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(CLASSES);
    Set<String> names =
        CLASSES.stream()
            .map(JavaClass::getPackageName)
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(names)
        .isNotEmpty()
        .allMatch(name -> CLASSES.getPackage(name).isAnnotatedWith(NullMarked.class));
  }
}
