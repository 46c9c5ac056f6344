/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.definition.ClusterDocument;
import io.github.slurmmaven.definition.ClusterDocument.Gpus;
import java.io.File;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import org.codehaus.plexus.classworlds.ClassWorld;
import org.codehaus.plexus.component.configurator.BasicComponentConfigurator;
import org.codehaus.plexus.component.configurator.expression.ExpressionEvaluator;
import org.codehaus.plexus.configuration.xml.XmlPlexusConfiguration;
import org.codehaus.plexus.util.xml.Xpp3DomBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The nested elements of a POM, as Maven fills them in. */
class ConfigurationTest {

  private final Parameters parameters = new Parameters();

  /** Stands for a goal. */
  private static final class Parameters {
    List<NodeConfiguration> nodes = List.of();
    List<PartitionConfiguration> partitions = List.of();
    List<StepConfiguration> setup = List.of();
    List<UserConfiguration> users = List.of();
    List<AccountConfiguration> accounts = List.of();
    List<QosConfiguration> qos = List.of();
    List<String> packages = List.of();
  }

  /** Text without expressions. */
  private static final class Literal implements ExpressionEvaluator {
    @Override
    public Object evaluate(String expression) {
      return expression;
    }

    @Override
    public File alignToBaseDirectory(File file) {
      return file;
    }
  }

  private Parameters configure(String xml) throws Exception {
    new BasicComponentConfigurator()
        .configureComponent(
            parameters,
            new XmlPlexusConfiguration(
                Xpp3DomBuilder.build(
                    new StringReader("<configuration>" + xml + "</configuration>"))),
            new Literal(),
            new ClassWorld("test", ConfigurationTest.class.getClassLoader()).getRealm("test"));
    return parameters;
  }

  private ClusterDocument.Node node(String xml) throws Exception {
    return configure("<nodes><node>" + xml + "</node></nodes>").nodes.get(0).toDocument();
  }

  @Test
  void nodeHasAllItsElements() throws Exception {
    ClusterDocument.Node node =
        node(
            """
            <name>compute-[0-15]</name>
            <role>compute</role>
            <cpus>4</cpus>
            <memory>4096</memory>
            <gpus>2</gpus>
            <gpuType>a100</gpuType>
            <partitions>
              <partition>cpu</partition>
              <partition>all</partition>
            </partitions>
            <options>
              <Weight>10</Weight>
              <Feature>a,b</Feature>
            </options>
            """);

    assertThat(node.name()).isEqualTo("compute-[0-15]");
    assertThat(node.role()).isEqualTo("compute");
    assertThat(node.cpus()).isEqualTo(4);
    assertThat(node.memory()).isEqualTo(4096);
    assertThat(node.gpus()).usingRecursiveComparison().isEqualTo(Gpus.of(2));
    assertThat(node.gpuType()).isEqualTo("a100");
    assertThat(node.partitions()).containsExactly("cpu", "all");
    assertThat(node.options()).isEqualTo(Map.of("Weight", "10", "Feature", "a,b"));
  }

  @Test
  void nodeComputesUnlessItsRoleSaysOtherwise() throws Exception {
    ClusterDocument.Node node = node("<name>a</name>");

    assertThat(node.role()).isEqualTo("compute");
    assertThat(node.cpus()).isNull();
    assertThat(node.memory()).isNull();
    assertThat(node.gpus()).isNull();
    assertThat(node.partitions()).isNull();
    assertThat(node.options()).isNull();
  }

  @Test
  void gpusMayBeOfSeveralTypes() throws Exception {
    assertThat(node("<gpus> a100:2, h100:4 </gpus>").gpus())
        .usingRecursiveComparison()
        .isEqualTo(Gpus.of(Map.of("a100", 2, "h100", 4)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"many", "a100:", "a100:2,", "a100:x", "a100:2:3", "2,3", "1.5"})
  void invalidGpusAreRefused(String gpus) throws Exception {
    configure("<nodes><node><gpus>" + gpus + "</gpus></node></nodes>");

    assertThatThrownBy(() -> parameters.nodes.get(0).toDocument())
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageStartingWith("nodes.node.gpus: ")
        .hasMessageEndingWith("use a number, or numbers by type as in a100:2,h100:4");
  }

  @ParameterizedTest
  @CsvSource({"cpus, four, use 1 or more", "memory, 4g, 'use megabytes, for example 4096'"})
  void invalidNumberIsRefused(String element, String value, String allowed) throws Exception {
    configure("<nodes><node><%1$s>%2$s</%1$s></node></nodes>".formatted(element, value));

    assertThatThrownBy(() -> parameters.nodes.get(0).toDocument())
        .isInstanceOf(InvalidParameterException.class)
        .hasMessage(
            "nodes.node.%s: '%s' is not a whole number: %s".formatted(element, value, allowed));
  }

  @Test
  void partitionHasAllItsElements() throws Exception {
    configure(
        """
        <partitions>
          <partition>
            <name>long</name>
            <default>true</default>
            <maxTime>1:00:00</maxTime>
            <features>
              <feature>new</feature>
              <feature>big</feature>
            </features>
            <nodes>
              <node>compute-[0-1]</node>
              <node>gpu-0</node>
            </nodes>
            <options>
              <OverSubscribe>FORCE:2</OverSubscribe>
            </options>
          </partition>
          <partition>
            <name>short</name>
          </partition>
        </partitions>
        """);

    assertThat(parameters.partitions)
        .extracting(PartitionConfiguration::toDocument)
        .containsExactly(
            new ClusterDocument.Partition(
                "long",
                true,
                "1:00:00",
                List.of("new", "big"),
                List.of("compute-[0-1]", "gpu-0"),
                Map.of("OverSubscribe", "FORCE:2")),
            new ClusterDocument.Partition("short", null, null, null, null, null));
  }

  @Test
  void stepIsTextOrTextAndPlace() throws Exception {
    configure(
        """
        <setup>
          <step>echo "$HOME" &amp;&amp; true</step>
          <step>
            <run>
              line one
              line two
            </run>
            <on>compute</on>
          </step>
        </setup>
        """);

    assertThat(parameters.setup)
        .extracting(StepConfiguration::toDocument)
        .containsExactly(
            new ClusterDocument.Step("echo \"$HOME\" && true", null),
            new ClusterDocument.Step("line one\n      line two", "compute"));
  }

  @Test
  void listsOfTextMayBeOneTextWithCommas() throws Exception {
    assertThat(configure("<packages><package>gcc</package><package>make</package></packages>"))
        .extracting(parameters -> parameters.packages)
        .isEqualTo(List.of("gcc", "make"));
    assertThat(configure("<packages>gcc,make</packages>").packages).containsExactly("gcc", "make");
  }

  @Test
  void usersAreTextOrHaveElements() throws Exception {
    List<ClusterDocument.User> text =
        List.of(
            new ClusterDocument.User("alice", null, null, null, null),
            new ClusterDocument.User("bob", 1500, null, null, null));

    assertThat(configure("<users><user>alice</user><user>bob:1500</user></users>").users)
        .extracting(UserConfiguration::toDocument)
        .isEqualTo(text);
    assertThat(configure("<users>alice,bob:1500</users>").users)
        .extracting(UserConfiguration::toDocument)
        .isEqualTo(text);
    assertThat(
            configure(
                    """
                    <users>
                      <user>
                        <name>alice</name>
                        <uid>1500</uid>
                        <accounts><account>theory</account></accounts>
                        <defaultQos>short</defaultQos>
                        <qos><one>short</one><one>long</one></qos>
                      </user>
                    </users>
                    """)
                .users)
        .extracting(UserConfiguration::toDocument)
        .containsExactly(
            new ClusterDocument.User(
                "alice", 1500, List.of("theory"), "short", List.of("short", "long")));
  }

  @Test
  void accountsAreTextOrHaveElements() throws Exception {
    configure(
        """
        <accounts>
          <account>physics</account>
          <account>
            <name>theory</name><parent>physics</parent><shares>10</shares>
            <limits><MaxJobs>3</MaxJobs></limits><defaultQos>low</defaultQos><qos><one>low</one></qos>
            <users>
              <user>mia</user>
              <user><name>bob</name><default>true</default><partition>gpu</partition><shares>2</shares></user>
            </users>
          </account>
        </accounts>
        """);

    assertThat(parameters.accounts)
        .extracting(AccountConfiguration::toDocument)
        .containsExactly(
            ClusterDocument.Account.of("physics"),
            new ClusterDocument.Account(
                "theory",
                "physics",
                10,
                Map.of("MaxJobs", "3"),
                "low",
                List.of("low"),
                List.of(
                    ClusterDocument.AccountUser.of("mia"),
                    new ClusterDocument.AccountUser("bob", true, "gpu", 2, null, null, null))));
  }

  @Test
  void qualitiesOfServiceAreTextOrHaveElements() throws Exception {
    configure(
        """
        <qos>
          <one>low</one>
          <one>
            <name>short</name>
            <priority>100</priority>
            <limits><MaxWall>10:00</MaxWall><GrpTRES>cpu=4</GrpTRES></limits>
            <flags><flag>DenyOnLimit</flag></flags>
            <preempt><one>low</one></preempt>
            <options><UsageFactor>0.5</UsageFactor></options>
          </one>
        </qos>
        """);

    assertThat(parameters.qos)
        .extracting(QosConfiguration::toDocument)
        .containsExactly(
            ClusterDocument.Qos.of("low"),
            new ClusterDocument.Qos(
                "short",
                100,
                Map.of("MaxWall", "10:00", "GrpTRES", "cpu=4"),
                List.of("DenyOnLimit"),
                List.of("low"),
                Map.of("UsageFactor", "0.5")));
  }

  @Test
  void elementThatIsNotKnownIsRefused() {
    assertThatThrownBy(() -> node("<gputype>a100</gputype>")).hasMessageContaining("gputype");
  }
}
