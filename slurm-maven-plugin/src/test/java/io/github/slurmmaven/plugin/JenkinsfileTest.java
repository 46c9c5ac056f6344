/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.TupleExpression;
import org.codehaus.groovy.ast.stmt.BlockStatement;
import org.codehaus.groovy.ast.stmt.ExpressionStatement;
import org.codehaus.groovy.ast.stmt.Statement;
import org.codehaus.groovy.control.CompilationFailedException;
import org.codehaus.groovy.control.CompilationUnit;
import org.codehaus.groovy.control.Phases;
import org.codehaus.groovy.control.SourceUnit;
import org.junit.jupiter.api.Test;

/** The Jenkinsfile of ci-templates: what can be checked without Jenkins. */
class JenkinsfileTest {

  private static final Path FILE = Path.of("../ci-templates/jenkins/Jenkinsfile");

  private static final Set<String> STAGE =
      Set.of(
          "agent",
          "environment",
          "failFast",
          "input",
          "matrix",
          "options",
          "parallel",
          "post",
          "stages",
          "steps",
          "tools",
          "when");

  /** What each section of a declarative pipeline may contain. Other blocks contain steps. */
  private static final Map<String, Set<String>> SECTIONS =
      Map.of(
          "",
          Set.of("pipeline"),
          "pipeline",
          Set.of(
              "agent",
              "environment",
              "libraries",
              "options",
              "parameters",
              "post",
              "stages",
              "tools",
              "triggers"),
          "stages",
          Set.of("stage"),
          "stage",
          STAGE,
          "matrix",
          Set.of(
              "agent",
              "axes",
              "environment",
              "excludes",
              "input",
              "options",
              "post",
              "stages",
              "tools",
              "when"),
          "axes",
          Set.of("axis"),
          "axis",
          Set.of("name", "values", "notValues"),
          "post",
          Set.of(
              "aborted",
              "always",
              "changed",
              "cleanup",
              "failure",
              "fixed",
              "regression",
              "success",
              "unstable",
              "unsuccessful"));

  /** A section, directive or step, and the section that it is in. */
  private record Call(String section, String name, List<Expression> arguments) {}

  private static List<Call> calls(String pipeline) {
    CompilationUnit compilation = new CompilationUnit();
    SourceUnit source = compilation.addSource("Jenkinsfile", pipeline);
    compilation.compile(Phases.CONVERSION);
    List<Call> calls = new ArrayList<>();
    collect("", source.getAST().getStatementBlock(), calls);
    return calls;
  }

  private static void collect(String section, BlockStatement block, List<Call> calls) {
    for (Statement statement : block.getStatements()) {
      assertThat(statement).as("a statement of " + section).isInstanceOf(ExpressionStatement.class);
      Expression expression = ((ExpressionStatement) statement).getExpression();
      assertThat(expression)
          .as("an expression of " + section)
          .isInstanceOf(MethodCallExpression.class);
      MethodCallExpression call = (MethodCallExpression) expression;
      List<Expression> arguments = ((TupleExpression) call.getArguments()).getExpressions();
      calls.add(new Call(section, call.getMethodAsString(), arguments));
      for (Expression argument : arguments) {
        if (argument instanceof ClosureExpression closure) {
          collect(call.getMethodAsString(), (BlockStatement) closure.getCode(), calls);
        }
      }
    }
  }

  private static List<String> misplaced(List<Call> calls) {
    return calls.stream()
        .filter(call -> SECTIONS.containsKey(call.section))
        .filter(call -> !SECTIONS.get(call.section).contains(call.name))
        .map(call -> call.section + ": " + call.name)
        .toList();
  }

  @Test
  void eachSectionIsWhereADeclarativePipelineHasIt() throws IOException {
    List<Call> calls = calls(Files.readString(FILE));

    assertThat(calls).extracting(Call::name).contains("agent", "stages", "matrix", "steps", "post");
    assertThat(misplaced(calls)).isEmpty();
  }

  @Test
  void aMisspelledSectionIsFound() throws IOException {
    String pipeline = Files.readString(FILE);

    assertThat(misplaced(calls(pipeline.replace("axes {", "axises {"))))
        .containsExactly("matrix: axises");
    assertThatThrownBy(() -> calls(pipeline.replace("axes {", "axes")))
        .isInstanceOf(CompilationFailedException.class);
  }

  @Test
  void shellStepsHaveNoSyntaxError() throws Exception {
    List<Call> steps =
        calls(Files.readString(FILE)).stream().filter(call -> call.name.equals("sh")).toList();

    assertThat(steps).isNotEmpty();
    for (Call step : steps) {
      String script = ((ConstantExpression) step.arguments.get(0)).getText();
      Process bash = new ProcessBuilder("bash", "-n").redirectErrorStream(true).start();
      bash.getOutputStream().write(script.getBytes(StandardCharsets.UTF_8));
      bash.getOutputStream().close();
      String errors = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(bash.waitFor()).as(errors + script).isZero();
    }
  }
}
