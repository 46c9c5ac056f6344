#!/usr/bin/env bash
# Builds the manual as a site, target/site/index.html, and checks the links within it. Arguments go
# to Maven.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
mvn --batch-mode --no-transfer-progress --non-recursive site "$@"
java src/site/CheckLinks.java target/site
