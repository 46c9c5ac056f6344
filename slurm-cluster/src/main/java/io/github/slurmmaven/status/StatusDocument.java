/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.status;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Writes records about clusters as JSON and YAML. */
public final class StatusDocument {

  private static final SimpleModule VALUES =
      new SimpleModule()
          .addSerializer(
              new MaybeSerializer<Optional<?>>(Optional.class, value -> value.orElse(null)))
          .addSerializer(
              new MaybeSerializer<OptionalInt>(
                  OptionalInt.class, value -> value.isPresent() ? value.getAsInt() : null))
          .addSerializer(
              new MaybeSerializer<OptionalLong>(
                  OptionalLong.class, value -> value.isPresent() ? value.getAsLong() : null))
          // Jackson would write a path as a URI, and cannot write an Instant.
          .addSerializer(new ToStringSerializer(Path.class))
          .addSerializer(new ToStringSerializer(Instant.class));

  private static final ObjectMapper JSON = JsonMapper.builder().addModule(VALUES).build();

  private static final ObjectMapper YAML =
      YAMLMapper.builder(
              YAMLFactory.builder()
                  .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
                  .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                  .disable(YAMLGenerator.Feature.SPLIT_LINES)
                  .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                  .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                  .build())
          .addModule(VALUES)
          .build();

  private StatusDocument() {}

  /**
   * Returns indented JSON, with a line end at the end.
   *
   * @param status a {@link ClusterStatus}, which {@code status.schema.json} describes, or another
   *     record
   */
  public static String json(Record status) {
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    return write(
            JSON,
            new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter),
            status)
        + "\n";
  }

  /** Returns a record as YAML. */
  public static String yaml(Record status) {
    return write(YAML, new DefaultPrettyPrinter(), status);
  }

  private static String write(ObjectMapper mapper, DefaultPrettyPrinter printer, Record status) {
    try {
      return mapper.writer(printer).writeValueAsString(status);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a status can always be written", e);
    }
  }

  /** Writes an optional value as the value or null. */
  private static final class MaybeSerializer<T> extends StdSerializer<T> {
    private static final long serialVersionUID = 1L;

    private final transient Function<T, @Nullable Object> value;

    MaybeSerializer(Class<?> type, Function<T, @Nullable Object> value) {
      super(type, false);
      this.value = value;
    }

    @Override
    public void serialize(T maybe, JsonGenerator generator, SerializerProvider provider)
        throws IOException {
      provider.defaultSerializeValue(value.apply(maybe), generator);
    }
  }
}
