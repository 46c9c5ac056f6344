/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files.render;

import io.github.slurmmaven.common.FileContent;
import java.util.LinkedHashMap;
import java.util.Map;

/** A cluster's files as texts. */
public final class RenderedTexts {

  private RenderedTexts() {}

  /** The rendered files of a cluster whose own files are all texts. */
  public static Map<String, String> of(RenderContext context) {
    Map<String, String> texts = new LinkedHashMap<>();
    Map<String, FileContent> files = new Renderer().render(context);
    files.forEach((name, content) -> texts.put(name, content.text().orElseThrow()));
    return texts;
  }
}
