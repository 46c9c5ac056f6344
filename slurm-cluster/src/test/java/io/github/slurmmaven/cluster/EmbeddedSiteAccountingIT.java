/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A twin of a site with accounting, as processes of this machine. */
@Tag("embedded")
class EmbeddedSiteAccountingIT extends SiteAccountingContract {

  EmbeddedSiteAccountingIT() {
    super(TestBackend.EMBEDDED);
  }

  @BeforeAll
  static void start() {
    start(TestBackend.EMBEDDED);
  }

  @Test
  void checksNoScriptAsAUserWhomOnlyAccountingKnows() throws IOException {
    Path script = Files.writeString(site.resolve("mia.sh"), "#!/bin/sh\n");

    assertThatExceptionOfType(UserMistakeException.class)
        .isThrownBy(() -> cluster().check(script, Optional.of("mia"), List.of()))
        .withMessageContaining("'mia' is not a user of cluster institute")
        .withMessageContaining("only containers have other users");
  }
}
