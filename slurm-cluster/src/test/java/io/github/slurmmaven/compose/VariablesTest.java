/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Variables")
@Timeout(120)
class VariablesTest {

  private ProjectDirectory directory = new ProjectDirectory(Path.of(""));

  @BeforeEach
  void make(@TempDir Path parent) {
    directory = new ProjectDirectory(parent).variable("SET", "value").variable("EMPTY", "");
  }

  private String expanded(String text) {
    return directory
        .service("labels:", "  text: '" + text + "'")
        .readService("a")
        .labels()
        .getOrDefault("text", "(no label)");
  }

  private String mistake(String text) {
    return directory.service("labels:", "  text: '" + text + "'").mistake();
  }

  @Nested
  @DisplayName("in a Compose file")
  class InComposeFile {

    @ParameterizedTest
    @CsvSource(
        delimiter = '>',
        nullValues = "-",
        textBlock =
            """
            $SET                     > value
            ${SET}                   > value
            a$SET-b${SET}c           > avalue-bvaluec
            ${EMPTY}                 > ''
            ${SET:-d}                > value
            ${SET-d}                 > value
            ${EMPTY:-d}              > d
            ${EMPTY-d}               > ''
            ${UNSET:-d}              > d
            ${UNSET-d}               > d
            ${UNSET:-}               > ''
            ${SET:+r}                > r
            ${SET+r}                 > r
            ${EMPTY:+r}              > ''
            ${EMPTY+r}               > r
            ${UNSET:+r}              > ''
            ${UNSET+r}               > ''
            ${SET:?m}                > value
            ${EMPTY?m}               > ''
            ${UNSET:-$SET}           > value
            ${UNSET:-${SET}}         > value
            ${UNSET:-a${X:-b${Y-c}}} > abc
            ${SET:-${UNSET}}         > value
            ${SET:+[${SET}]}         > [value]
            ${UNSET:-{x}}            > {x}
            ${UNSET:-a-b:c?d}        > a-b:c?d
            $$SET                    > $SET
            $${SET}                  > ${SET}
            $$$SET                   > $value
            $1 $ a$                  > $1 $ a$
            ${COMPOSE_PROJECT_NAME}  > demo
            """)
    void expand(String text, String expected) {
      assertThat(expanded(text)).isEqualTo(expected);
    }

    @Test
    void valuesAreNotExpandedAgain() {
      directory.variable("SET", "$EMPTY ${UNSET}");

      assertThat(expanded("$SET")).isEqualTo("$EMPTY ${UNSET}");
    }

    @Test
    void mustBeSetOrHaveADefault() {
      assertThat(mistake("${UNSET}"))
          .isEqualTo(
              "docker-compose.yml, line 5: services.a.labels.text uses the variable UNSET, which is"
                  + " not set: set it in .env or in the environment, write ${UNSET:-default} to"
                  + " give a default, or $$ for a plain $");
      assertThat(mistake("$UNSET")).contains("uses the variable UNSET, which is not set");
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '>',
        textBlock =
            """
            ${UNSET?}             > needs the variable UNSET, which is not set
            ${UNSET:?set it}      > needs the variable UNSET, which is not set: set it
            ${EMPTY:?not so}      > needs the variable EMPTY, which is empty: not so
            ${UNSET:?as ${SET}}   > needs the variable UNSET, which is not set: as value
            """)
    void required(String text, String problem) {
      assertThat(mistake(text))
          .isEqualTo("docker-compose.yml, line 5: services.a.labels.text " + problem);
    }

    @ParameterizedTest
    @ValueSource(strings = {"${}", "${1}", "${SET", "${SET!x}", "${SET:x}", "${SET x}", "${ SET}"})
    void malformed(String text) {
      assertThat(mistake(text))
          .startsWith("docker-compose.yml, line 5: services.a.labels.text: '" + text)
          .contains("is not a variable: use $NAME, ${NAME}, ${NAME:-default}");
    }

    @Test
    void nestingIsBounded() {
      assertThat(mistake("${U:-".repeat(10_000) + "}".repeat(10_000)))
          .endsWith("has defaults nested more than 20 deep");
    }

    @Test
    void giveNumbersAndBooleansTheirMeaning() {
      ComposeService service =
          directory
              .variable("CPUS", "1.5")
              .variable("YES", "true")
              .service("cpus: $CPUS", "privileged: ${YES}", "user: ${UID:-1000}")
              .readService("a");

      assertThat(service.cpus()).hasValue(1.5);
      assertThat(service.privileged()).isTrue();
      assertThat(service.user()).contains("1000");
    }

    @Test
    void areNotInKeys() {
      assertThat(directory.service("labels: {$SET: x}").readService("a").labels())
          .containsOnlyKeys("$SET");
    }

    @Test
    void emptyStringsMeanNothing() {
      ComposeService service =
          directory
              .service("user: $EMPTY", "hostname: $EMPTY", "restart: '${UNSET:-}'")
              .readService("a");

      assertThat(service.user()).isEmpty();
      assertThat(service.hostname()).isEmpty();
      assertThat(service.restart()).isEmpty();
    }
  }

  @Nested
  @DisplayName("in the .env file")
  class InEnvFile {

    @ParameterizedTest
    @CsvSource(
        delimiter = '>',
        quoteCharacter = '`',
        textBlock =
            """
            X=plain               > plain
            X=two words           > two words
            X=trailing   # no     > trailing
            X=a#b                 > a#b
            X=#b                  > #b
            X="a # b" # c         > a # b
            X='a $SET ${U'#c      > a $SET ${U
            X='it\\'s'            > it's
            X="say \\"a\\" \\$SET"> say "a" $SET
            X="a\\\\b\\qc"        > a\\b\\qc
            X=a\\nb               > a\\nb
            X=$SET-${U:-d}        > value-d
            X="$SET"              > value
            X=$$SET               > $SET
            X=                    > ``
            X=""                  > ``
            export X=y            > y
            X: y                  > y
            X = y                 > y
              X=indented          > indented
            X=a'b'c               > a'b'c
            X=a=b                 > a=b
            X=one\\two            > one\\two
            """)
    void values(String line, String value) {
      directory.env("# before\n\n" + line + "\n# after\n");

      assertThat(expanded("$X")).isEqualTo(value);
    }

    @Test
    void mayHaveSeveralLines() {
      directory.env("A=\"one\ntwo\"\nB='three\nfour'\nX=\"$A\\n$B\"\n");

      assertThat(expanded("$X")).isEqualTo("one\ntwo\nthree\nfour");
    }

    @Test
    void mayUseEarlierOnesAndTheEnvironmentIsStronger() {
      directory.env("A=file\nSET=file\nX=$A-$SET\r\nLAST=end");

      assertThat(expanded("$X $SET $LAST")).isEqualTo("file-value value end");
    }

    @Test
    void laterOnesWin() {
      directory.env("X=1\nX=2\n");

      assertThat(expanded("$X")).isEqualTo("2");
    }

    @Test
    void nameAloneSetsNothing() {
      directory.env("SET\nX\n");

      assertThat(expanded("$SET")).isEqualTo("value");
      assertThat(mistake("$X")).contains("uses the variable X, which is not set");
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '>',
        quoteCharacter = '`',
        textBlock =
            """
            1X=y        > 1X=y is not a variable: write NAME=value, or # before a comment
            =y          > =y is not a variable: write NAME=value, or # before a comment
            X Y=z       > X is followed by 'Y=z': write NAME=value
            X # none    > X is followed by '# none': write NAME=value
            X+=z        > X is followed by '+=z': write NAME=value
            X="a        > X has no closing "
            X='a        > X has no closing '
            X="a"b      > X has 'b' after the closing quote: only a comment may follow
            X="\\a"     > X: '\\a' is not a supported escape: use \\n, \\r, \\t, \\", \\\\ or \\$
            X=${U       > X: '${U' is not a variable: use $NAME, ${NAME}, ${NAME:-default}, ${NAME:?message} or ${NAME:+replacement}, or $$ for a plain $
            X= # none   > X has no value but '# none', which versions of Compose read in two ways: remove the comment, or write "" before it
            """)
    void mistakes(String line, String problem) {
      directory.env("A=1\nB='\n'\n" + line);

      assertThat(mistake("x")).isEqualTo(".env, line 4: " + problem);
    }

    @Test
    void unsetOnesAreMistakesThereToo() {
      directory.env("A=1\nX=$UNSET\n");

      assertThat(mistake("x"))
          .startsWith(".env, line 2: X uses the variable UNSET, which is not set");
    }

    @Test
    void growthIsBounded() {
      StringBuilder env = new StringBuilder("V0=0123456789\n");
      for (int i = 1; i < 40; i++) {
        env.append("V%d=$V%d$V%d\n".formatted(i, i - 1, i - 1));
      }
      directory.env(env.toString());

      assertThat(mistake("x")).contains("grows beyond 1048576 characters with its variables");
    }

    @Test
    void growthOfManyIsBounded() {
      StringBuilder env = new StringBuilder("LONG=" + "x".repeat(500_000) + "\n");
      for (int i = 0; i < 100; i++) {
        env.append("V%d=$LONG$LONG\n".formatted(i));
      }
      directory.env(env.toString());

      assertThat(mistake("x"))
          .startsWith(".env, line ")
          .endsWith("is too much: with its variables, the file grows beyond 16 MiB");
    }

    @Test
    void composeVariablesThatWouldChangeTheProjectAreRefused() {
      assertThat(directory.env("COMPOSE_FILE=other.yml").service("").mistake())
          .isEqualTo(
              ".env: COMPOSE_FILE: 'other.yml' is not supported by slurm-maven-plugin; remove it");
      assertThat(directory.env("COMPOSE_PROJECT_NAME=other").service("").mistake())
          .isEqualTo(
              ".env: COMPOSE_PROJECT_NAME: 'other' is not supported by slurm-maven-plugin; remove"
                  + " it, and give the project's name with name: in docker-compose.yml");
      assertThat(directory.env("COMPOSE_PROJECT_NAME=demo").service("").read().name())
          .isEqualTo("demo");
    }
  }

  @Test
  @DisplayName("of a service pass through from .env and the environment, or are left out")
  void passThrough() {
    ComposeService service =
        directory
            .env("FILE=file")
            .service("environment: [SET, FILE, EMPTY, UNSET, OWN=own]")
            .readService("a");

    assertThat(service.environment())
        .isEqualTo(Map.of("SET", "value", "FILE", "file", "EMPTY", "", "OWN", "own"));
  }
}
