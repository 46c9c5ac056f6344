/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition.yaml;

import static io.github.slurmmaven.definition.yaml.YamlText.MAPPER;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.github.slurmmaven.client.Quoted;
import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads YAML into records. Errors say where a mistake is and what is allowed there. */
public final class YamlReader {

  /** A whole number, also in Jackson's message about a value of a map. */
  private static final Pattern WHOLE_NUMBER =
      Pattern.compile("(?:Numeric value \\()?(-?\\d+)(?:\\) out of range.*)?");

  private static final String NOT_ONE_MAPPING =
      "the file is %s, and must be one mapping, as in 'preset: cpu'";

  /** Twice the depth of a definition. */
  private static final int MAX_DEPTH = 10;

  private final String source;
  private final Map<Class<?>, String> kinds;

  /**
   * @param source the name of the text in an error, usually its file
   * @param kinds descriptions of the types that only the caller knows, for messages
   */
  public YamlReader(String source, Map<Class<?>, String> kinds) {
    this.source = source;
    this.kinds = Map.copyOf(kinds);
  }

  /**
   * Reads a document.
   *
   * @throws UserMistakeException naming line, column and path of what cannot be read
   */
  public <T extends Record> T read(String yaml, Class<T> type) {
    try {
      requirePlain(yaml);
      return MAPPER.readValue(yaml, type);
    } catch (UnrecognizedPropertyException e) {
      // Jackson reports the end of the record, because it checks keys after it has read the record.
      throw new UserMistakeException(
          place(Found.in(yaml, e).location())
              + path(e)
              + " is not known here: use one of "
              + e.getKnownPropertyIds().stream()
                  .map(String::valueOf)
                  .sorted()
                  .collect(Collectors.joining(", ")),
          e);
    } catch (MismatchedInputException e) {
      if (e.getPath().isEmpty()) {
        // After requirePlain, this can only be one mapping followed by another document.
        throw new UserMistakeException(
            place(e.getLocation()) + ": " + NOT_ONE_MAPPING.formatted("several documents"), e);
      }
      Found found = Found.in(yaml, e);
      requireInRange(e, found);
      throw new UserMistakeException(
          place(found.location())
              + path(e)
              + (found.scalar() == null ? "" : ": " + Quoted.of(found.scalar()))
              + " is not "
              + kind(e.getTargetType()),
          e);
    } catch (JsonMappingException e) {
      requireInRange(e, Found.in(yaml, e));
      throw new UserMistakeException(
          place(e.getLocation()) + path(e) + ": " + e.getOriginalMessage(), e);
    } catch (JsonProcessingException e) {
      throw new UserMistakeException(place(e.getLocation()) + ": " + e.getOriginalMessage(), e);
    }
  }

  /** Refuses a whole number that is too large. Jackson reports it in several ways. */
  private void requireInRange(JsonMappingException e, Found found) {
    Matcher number =
        WHOLE_NUMBER.matcher(
            found.scalar() == null ? String.valueOf(e.getOriginalMessage()) : found.scalar());
    if (number.matches() && new BigInteger(number.group(1)).bitLength() >= Integer.SIZE) {
      throw new UserMistakeException(
          place(found.location())
              + path(e)
              + ": "
              + Quoted.of(number.group(1))
              + " is too large or too small for any number here: use one between "
              + Integer.MIN_VALUE
              + " and "
              + Integer.MAX_VALUE,
          e);
    }
  }

  /**
   * Refuses YAML that no definition needs: Jackson would misread all but mappings, lists and
   * scalars.
   */
  private void requirePlain(String yaml) throws JsonProcessingException {
    try (YAMLParser parser = (YAMLParser) MAPPER.createParser(yaml)) {
      int depth = 0;
      JsonToken first = parser.nextToken();
      if (first != JsonToken.START_OBJECT) {
        throw new UserMistakeException(
            first == null || first == JsonToken.VALUE_NULL
                ? source + " is empty: write a definition, or begin with the one of slurm:init"
                : place(parser.currentTokenLocation())
                    + ": "
                    + NOT_ONE_MAPPING.formatted(
                        first == JsonToken.START_ARRAY
                            ? "a list"
                            : "the text " + Quoted.of(parser.getText())));
      }
      for (JsonToken token = first; token != null; token = parser.nextToken()) {
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        String what =
            depth > MAX_DEPTH
                ? "is nested deeper than " + MAX_DEPTH + " levels"
                : parser.isCurrentAlias() || parser.getObjectId() != null
                    ? "has an anchor or an alias: write the value itself, in quotes where it begins"
                        + " with & or *"
                    : parser.getTypeId() != null
                        ? "has the tag !" + parser.getTypeId() + ": remove it"
                        : null;
        if (what != null) {
          String path = parser.getParsingContext().pathAsPointer().toString();
          throw new UserMistakeException(
              place(parser.currentTokenLocation())
                  + ": "
                  + (path.isEmpty() ? "the file" : Quoted.plain(path.substring(1)))
                  + " "
                  + what);
        }
      }
    } catch (JsonProcessingException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Describes a type for the author of a YAML file. */
  private String kind(@Nullable Class<?> type) {
    if (type == Integer.class) {
      return "a whole number";
    }
    if (type == Boolean.class) {
      return "true or false";
    }
    if (type == String.class) {
      return "text";
    }
    String known = type == null ? null : kinds.get(type);
    if (known != null) {
      return known;
    }
    return type != null && List.class.isAssignableFrom(type) ? "a list" : "a mapping";
  }

  /** The value that Jackson refused, with its place. Jackson's path is more exact than its line. */
  private record Found(@Nullable JsonLocation location, @Nullable String scalar) {

    static Found in(String yaml, JsonMappingException e) {
      JsonPointer wanted = JsonPointer.empty();
      for (JsonMappingException.Reference step : e.getPath()) {
        wanted =
            step.getFieldName() == null
                ? wanted.appendIndex(step.getIndex())
                : wanted.appendProperty(step.getFieldName());
      }
      try (JsonParser parser = MAPPER.createParser(yaml)) {
        while (parser.nextToken() != null) {
          if (parser.getParsingContext().pathAsPointer().equals(wanted)) {
            JsonLocation location = parser.currentTokenLocation();
            JsonToken value =
                parser.currentToken() == JsonToken.FIELD_NAME
                    ? parser.nextToken()
                    : parser.currentToken();
            return new Found(
                location, value != null && value.isScalarValue() ? parser.getText() : null);
          }
        }
      } catch (IOException unreadable) {
        e.addSuppressed(unreadable);
      }
      return new Found(e.getLocation(), null);
    }
  }

  private String place(@Nullable JsonLocation location) {
    return location == null ? source : source + ", " + YamlText.place(location);
  }

  private static String path(JsonMappingException e) {
    return e.getPath().stream()
        .map(
            step ->
                step.getFieldName() == null
                    ? "[" + step.getIndex() + "]"
                    : "." + step.getFieldName())
        .collect(Collectors.joining())
        .replaceFirst("^\\.?(.+)$", ": $1");
  }
}
