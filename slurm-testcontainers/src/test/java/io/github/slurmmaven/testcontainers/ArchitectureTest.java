/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testcontainers;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The package rules that {@code package-info.java} states. */
class ArchitectureTest {

  private static final String ROOT = "io.github.slurmmaven.";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .importUrl(SlurmContainer.class.getProtectionDomain().getCodeSource().getLocation());

  @Test
  void usesOnlyThePublicApi() {
    noClasses()
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.github.slurmmaven..")
                .and(
                    resideOutsideOfPackages(
                        ROOT + "testcontainers",
                        ROOT + "client",
                        ROOT + "cluster",
                        ROOT + "definition")))
        .check(CLASSES);
  }

  @Test
  void knowsNothingOfMaven() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.maven..")
        .check(CLASSES);
  }

  @Test
  void isOnePackageAndNullMarked() {
    Set<String> names =
        CLASSES.stream()
            .map(JavaClass::getPackageName)
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(names).containsExactly(ROOT + "testcontainers");
    assertThat(CLASSES.getPackage(ROOT + "testcontainers").isAnnotatedWith(NullMarked.class))
        .isTrue();
  }
}
