/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition.yaml;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import com.fasterxml.jackson.dataformat.yaml.util.StringQuotingChecker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Writes records as YAML that every reader understands in the same way, and finds the places of
 * values.
 */
public final class YamlText {

  /**
   * Quotes texts that YAML 1.1 readers misread: {@code 1:00:00} is a number of base 60 to them, and
   * they break lines at other characters than line feeds, too.
   */
  private static final class CarefulQuotingChecker extends StringQuotingChecker.Default {
    private static final long serialVersionUID = 1L;

    @Override
    public boolean needToQuoteValue(String value) {
      return value.indexOf(':') >= 0
          || value.chars().anyMatch(c -> c != '\n' && Character.isISOControl(c))
          || super.needToQuoteValue(value);
    }
  }

  /** Keeps line breaks other than LF, which a block scalar would lose. */
  private static final class CarefulText extends StdScalarSerializer<String> {

    private static final long serialVersionUID = 1L;

    private static final Pattern OTHER_BREAKS = Pattern.compile("[\\x85\\u2028\\u2029]");

    CarefulText() {
      super(String.class);
    }

    @Override
    public void serialize(String text, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      if (json instanceof YAMLGenerator yaml && OTHER_BREAKS.matcher(text).find()) {
        yaml.disable(YAMLGenerator.Feature.MINIMIZE_QUOTES);
        yaml.writeString(text);
        yaml.enable(YAMLGenerator.Feature.MINIMIZE_QUOTES);
      } else {
        json.writeString(text);
      }
    }
  }

  static final YAMLMapper MAPPER =
      YAMLMapper.builder(
              YAMLFactory.builder()
                  .stringQuotingChecker(new CarefulQuotingChecker())
                  .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                  .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                  .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
                  .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                  .disable(YAMLGenerator.Feature.SPLIT_LINES)
                  .enable(YAMLParser.Feature.EMPTY_STRING_AS_NULL)
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .addModule(new SimpleModule().addSerializer(new CarefulText()))
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_EMPTY, JsonInclude.Include.NON_EMPTY))
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .build();

  private YamlText() {}

  /** Writes a record. Null and empty values are left out. */
  public static String write(Record document) {
    try {
      return MAPPER.writeValueAsString(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record could not be written as YAML", e);
    }
  }

  /** Returns the keys with which a record is written. */
  public static Set<String> keys(Record document) {
    Set<String> keys = new HashSet<>();
    JsonNode tree = MAPPER.valueToTree(document);
    tree.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  /**
   * Returns the places of the values of a text.
   *
   * @param yaml a readable text
   * @return places by path, for example {@code line 3, column 5} by {@code nodes[0].memory}
   */
  public static Map<String, String> places(String yaml) {
    Map<String, String> places = new HashMap<>();
    try (JsonParser parser = MAPPER.createParser(yaml)) {
      while (parser.nextToken() != null) {
        places.putIfAbsent(
            path(parser.getParsingContext().pathAsPointer()), place(parser.currentTokenLocation()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return places;
  }

  static String place(JsonLocation location) {
    return "line %d, column %d".formatted(location.getLineNr(), location.getColumnNr());
  }

  private static String path(JsonPointer pointer) {
    StringBuilder path = new StringBuilder();
    for (JsonPointer rest = pointer; !rest.matches(); rest = rest.tail()) {
      if (rest.mayMatchElement()) {
        path.append('[').append(rest.getMatchingIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(rest.getMatchingProperty());
      }
    }
    return path.toString();
  }
}
