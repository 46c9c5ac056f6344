/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.github.slurmmaven.client.ConnectionSearch;
import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.engine.endpoint.Environment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
          Map.entry("common", Set.of("client")),
          Map.entry("terminal", Set.of("client")),
          Map.entry("definition.yaml", Set.of("client")),
          Map.entry("definition", Set.of("client", "definition.yaml", "resource")),
          Map.entry("slurm", Set.of("client", "definition", "resource")),
          Map.entry("site", Set.of("client", "definition", "resource")),
          Map.entry("ssh", Set.of("client", "common", "terminal")),
          Map.entry("engine", Set.of("client", "common", "terminal")),
          Map.entry("engine.endpoint", Set.of("client", "common")),
          Map.entry(
              "engine.docker", Set.of("client", "common", "engine", "engine.endpoint", "terminal")),
          Map.entry("compose", Set.of("client", "common")),
          Map.entry("files.render", Set.of("client", "common", "definition", "resource")),
          Map.entry("image", Set.of("client", "common", "definition", "engine", "resource")),
          Map.entry("files", Set.of("client", "common", "compose", "definition")),
          Map.entry("backend", Set.of("client", "common", "definition", "files", "terminal")),
          Map.entry(
              "backend.container",
              Set.of(
                  "backend",
                  "client",
                  "common",
                  "compose",
                  "definition",
                  "engine",
                  "files",
                  "files.render",
                  "image",
                  "resource",
                  "terminal")),
          Map.entry(
              "backend.embedded.bundle", Set.of("client", "common", "definition", "embedded")),
          Map.entry("backend.embedded.supervisor", Set.of("backend.embedded.bundle", "client")),
          Map.entry(
              "backend.embedded",
              Set.of(
                  "backend",
                  "backend.embedded.bundle",
                  "backend.embedded.supervisor",
                  "client",
                  "common",
                  "compose",
                  "definition",
                  "embedded",
                  "files",
                  "files.render",
                  "resource",
                  "terminal")),
          Map.entry(
              "readiness",
              Set.of("backend", "client", "common", "definition", "resource", "slurm", "ssh")),
          Map.entry(
              "operations",
              Set.of(
                  "backend",
                  "client",
                  "common",
                  "definition",
                  "files",
                  "resource",
                  "slurm",
                  "terminal")),
          Map.entry(
              "status",
              Set.of("backend", "client", "common", "definition", "files", "operations", "slurm")),
          Map.entry(
              "report",
              Set.of(
                  "backend", "client", "common", "definition", "operations", "resource", "slurm")),
          Map.entry(
              "lifecycle",
              Set.of(
                  "backend",
                  "backend.container",
                  "backend.embedded",
                  "backend.embedded.bundle",
                  "client",
                  "definition",
                  "engine.docker",
                  "engine.endpoint",
                  "files",
                  "operations",
                  "readiness",
                  "ssh")));

  /** The façade: uses every other package. */
  private static final String FACADE = "cluster";

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
  void publicSignaturesHaveNoInternalTypes() {
    String[] known =
        Stream.of(FACADE, "client", "definition", "status")
            .map(ROOT::concat)
            .toArray(String[]::new);
    List<String> internal =
        CLASSES.getPackage(ROOT + FACADE).getClasses().stream()
            .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
            .flatMap(type -> type.getCodeUnits().stream())
            .filter(unit -> unit.getModifiers().contains(JavaModifier.PUBLIC))
            .filter(unit -> !unit.getModifiers().contains(JavaModifier.SYNTHETIC))
            .filter(
                unit ->
                    Stream.concat(
                            unit.getReturnType().getAllInvolvedRawTypes().stream(),
                            unit.getParameterTypes().stream()
                                .flatMap(type -> type.getAllInvolvedRawTypes().stream()))
                        .anyMatch(
                            resideInAPackage("io.github.slurmmaven..")
                                .and(resideOutsideOfPackages(known))))
            .map(JavaCodeUnit::getFullName)
            .toList();

    assertThat(internal).isEmpty();
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
        .beAssignableTo(io.github.slurmmaven.client.UserMistakeException.class)
        .orShould()
        .beAssignableTo(io.github.slurmmaven.client.SlurmClusterException.class)
        .check(CLASSES);
  }
}
