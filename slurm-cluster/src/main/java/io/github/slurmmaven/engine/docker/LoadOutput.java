/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.api.model.LoadResponseItem;
import com.github.dockerjava.api.model.ResponseItem.ErrorDetail;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Collects the names of the images in an archive. */
final class LoadOutput extends EngineStream<LoadResponseItem> {

  private static final Pattern LOADED = Pattern.compile("Loaded image(?: ID)?: (\\S+)");

  private final List<String> names = new ArrayList<>();
  private @Nullable String error;

  @Override
  synchronized void onItem(LoadResponseItem item) {
    if (item.getStream() != null) {
      Matcher loaded = LOADED.matcher(item.getStream());
      while (loaded.find()) {
        // Podman prints all in one line.
        Arrays.stream(loaded.group(1).split(",", -1)).map(Names::familiar).forEach(names::add);
      }
    }
    ErrorDetail detail = item.getErrorDetail();
    if (detail != null) {
      error = detail.getMessage();
    }
  }

  synchronized List<String> names() {
    return List.copyOf(names);
  }

  Optional<String> error() {
    return Optional.ofNullable(error);
  }
}
