#!/usr/bin/env bash
# From nothing to a job on a real Slurm cluster: sets up what is missing, installs the plugin into
# the local Maven repository and builds examples/quickstart. Arguments go to that build.
#
# If a Docker engine answers, the cluster runs in containers, otherwise as plain processes.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/engine.sh
source scripts/lib/engine.sh

ensure_java_maven
bundle=()
if engine_answers; then
  ensure_base_image debian:trixie-slim
  bundle+=(-Dexec.skip) # Slurm's programs for machines without an engine
elif ! ensure_bundle_tools; then
  ensure_docker
  ensure_base_image debian:trixie-slim
fi

echo "quickstart.sh: installing the plugin"
mvn --batch-mode --no-transfer-progress --quiet install \
  -Dmaven.test.skip -Dinvoker.skip -Dspotless.check.skip "${bundle[@]}"

echo "quickstart.sh: building examples/quickstart"
mvn --batch-mode --no-transfer-progress --file examples/quickstart verify "$@"

echo "quickstart.sh: done in $SECONDS s"
