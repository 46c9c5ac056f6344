/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

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
          .importUrl(StartMojo.class.getProtectionDomain().getCodeSource().getLocation());

  @Test
  void usesNoBackendAndNoRenderer() {
    noClasses()
        .that()
        .resideInAPackage("io.github.slurmmaven..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.github.slurmmaven..")
                .and(
                    resideOutsideOfPackages(
                        ROOT + "plugin",
                        ROOT + "client",
                        ROOT + "cluster",
                        ROOT + "definition",
                        ROOT + "site",
                        ROOT + "status",
                        ROOT + "terminal")))
        .check(CLASSES);
  }

  @Test
  void knowsNoLibraryOfTheCore() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "com.github.dockerjava..", "org.apache.velocity..", "net.schmizz..", "com.fasterxml..")
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
