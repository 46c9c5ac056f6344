#!/usr/bin/env bash
# Sets up what is missing and runs all tests: unit tests, tests against the engine, and the builds of src/it and
# examples, some of them on other versions of Maven and Java, too. What takes long is left to scripts/test-long.sh.
# Arguments go to Maven. The last lines report how long each layer of tests took, and which tests failed first and
# then passed.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/engine.sh
source scripts/lib/engine.sh
# shellcheck source=scripts/lib/maven.sh
source scripts/lib/maven.sh

ensure_test_engine

# Slurm without containers, from the bundles that slurm-embedded makes.
options=()
if [[ $(uname -s) == Linux ]]; then
  ensure_bundle_tools || true # they are made with Docker then
  options+=(-Dembedded.tests)
fi

# Without Compose, the tests that compare with it are skipped.
if COMPOSE_BINARY=$(ensure_compose); then
  export COMPOSE_BINARY
fi

# Without tmux, the tests of a terminal are skipped; in a CI job they fail.
ensure_tmux || true

# A test that fails on a busy machine may pass the second time. The report counts it as a flake.
options+=(-Dsurefire.rerunFailingTestsCount=1 -Dfailsafe.rerunFailingTestsCount=1)

TEST_REPORT=$(mktemp -d)
export TEST_REPORT
trap 'print_report; rm -r "$TEST_REPORT"' EXIT

verify "${options[@]}" "$@"

# Some of the builds of src/it on the oldest and the newest Maven; scripts/test-versions.sh alone runs all of them.
TEST_PROJECTS=setup-login,parent,basic,prefix,signal,submit \
  TEST_PAIRS="3.6.3/17 4.0.0-rc-5/newest" scripts/test-versions.sh "$@"
