/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** A twin of a site with accounting, as containers. */
@Tag("docker")
class DockerSiteAccountingIT extends SiteAccountingContract {

  DockerSiteAccountingIT() {
    super(TestBackend.DOCKER);
  }

  @BeforeAll
  static void start() {
    start(TestBackend.DOCKER);
  }
}
