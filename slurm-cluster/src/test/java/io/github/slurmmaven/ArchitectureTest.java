/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.github.slurmmaven.connection.ConnectionSearch;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.lifecycle.SlurmCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The package rules that each {@code package-info.java} states. */
class ArchitectureTest {

  private static final String ROOT = "io.github.slurmmaven.";

  /** The classes of the library, and none of its tests. */
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .importUrl(SlurmCluster.class.getProtectionDomain().getCodeSource().getLocation());

  /** Which of our packages a package may use. */
  private static final Map<String, Set<String>> USES =
      Map.ofEntries(
          Map.entry("report", Set.of()),
          Map.entry("digest", Set.of()),
          Map.entry("resource", Set.of()),
          Map.entry("ssh", Set.of("connection", "report", "terminal")),
          Map.entry("connection", Set.of("report")),
          Map.entry("terminal", Set.of("report")),
          Map.entry("spec", Set.of("report", "resource")),
          Map.entry("slurm", Set.of("report", "resource", "spec")),
          Map.entry("engine", Set.of("report", "terminal")),
          Map.entry("engine.endpoint", Set.of("digest", "report")),
          Map.entry("engine.docker", Set.of("engine", "engine.endpoint", "report", "terminal")),
          Map.entry("compose", Set.of("digest", "report")),
          Map.entry("render", Set.of("resource", "spec")),
          Map.entry("image", Set.of("digest", "engine", "report", "resource", "spec")),
          Map.entry("backend", Set.of("digest", "report", "spec", "terminal")),
          Map.entry(
              "backend.container",
              Set.of(
                  "digest",
                  "backend",
                  "compose",
                  "engine",
                  "image",
                  "render",
                  "report",
                  "resource",
                  "spec",
                  "terminal")),
          Map.entry(
              "backend.embedded",
              Set.of("digest", "backend", "embedded", "render", "report", "spec", "terminal")),
          Map.entry("readiness", Set.of("backend", "report", "resource", "spec", "ssh")));

  /** The façade: uses every other package. */
  private static final String FACADE = "lifecycle";

  static Set<String> packages() {
    return CLASSES.stream()
        .map(type -> type.getPackageName().substring(ROOT.length()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everyPackageHasItsRule() {
    Set<String> ruled = new TreeSet<>(USES.keySet());
    ruled.add(FACADE);

    assertThat(packages()).isEqualTo(ruled);
  }

  @ParameterizedTest
  @MethodSource("packages")
  void usesOnlyWhatItMay(String name) {
    Set<String> uses = USES.get(name);
    if (uses == null) {
      assertThat(name).isEqualTo(FACADE);
      return;
    }
    List<String> allowed = new ArrayList<>(List.of(ROOT + name));
    uses.forEach(other -> allowed.add(ROOT + other));

    noClasses()
        .that()
        .resideInAPackage(ROOT + name)
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.github.slurmmaven..")
                .and(resideOutsideOfPackages(allowed.toArray(String[]::new))))
        .check(CLASSES);
  }

  @ParameterizedTest
  @MethodSource("packages")
  void isNullMarked(String name) {
    JavaPackage each = CLASSES.getPackage(ROOT + name);

    assertThat(each.isAnnotatedWith(NullMarked.class)).isTrue();
  }

  @Test
  void packagesAreFreeOfCycles() {
    slices().matching("io.github.slurmmaven.(**)").should().beFreeOfCycles().check(CLASSES);
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
  void onlyOnePackageKnowsDockerJava() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + "engine.docker")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.github.dockerjava..")
        .check(CLASSES);
  }

  @Test
  void onlyOnePackageKnowsSshj() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + "ssh")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("net.schmizz..", "com.hierynomus..")
        .check(CLASSES);
  }

  @Test
  void onlyOnePackageKnowsJLine() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + "terminal")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.jline..")
        .check(CLASSES);
  }

  /** What a test holds in its hand knows nothing of engines. */
  @Test
  void environmentVariablesAreReadInOnePlaceAndByConnections() {
    noClasses()
        .that()
        .doNotBelongToAnyOf(Environment.class, ConnectionSearch.class)
        .should()
        .callMethod(System.class, "getenv")
        .orShould()
        .callMethod(System.class, "getenv", String.class)
        .check(CLASSES);
  }

  @Test
  void nobodyWritesToStandardOutput() {
    noClasses()
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(CLASSES);
  }

  @Test
  void exceptionsOfOursAreOneOfTwoKinds() {
    classes()
        .that()
        .areAssignableTo(RuntimeException.class)
        .and()
        .arePublic()
        .should()
        .beAssignableTo(io.github.slurmmaven.report.UserMistakeException.class)
        .orShould()
        .beAssignableTo(io.github.slurmmaven.report.SlurmClusterException.class)
        .check(CLASSES);
  }
}
