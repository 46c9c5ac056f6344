/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

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
}
