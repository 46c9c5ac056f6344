#!/usr/bin/env bash
# Times the start and removal of a cluster, without and with containers, beside Docker Compose's, in one
# run:
#   scripts/benchmark.sh [rounds [numbers of compute nodes...]]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/engine.sh
source "$root/scripts/lib/engine.sh"

ensure_java_maven
ensure_docker
ensure_base_image debian:trixie-slim
ensure_bundle_tools
compose=$(ensure_compose)

cd "$root"
classpath=$root/slurm-cluster/target/benchmark.classpath
mvn --batch-mode --quiet --no-transfer-progress -pl slurm-cluster -am package -DskipTests \
  dependency:build-classpath -Dmdep.outputFile="$classpath" -Dmdep.includeScope=test
rounds=${1:-5}
if (($# > 1)); then shift; else set -- 1 2 4 8 16 32 64 256; fi
exec java -Dorg.slf4j.simpleLogger.defaultLogLevel=error \
  -cp "$(echo slurm-cluster/target/slurm-cluster-*.jar):slurm-cluster/target/test-classes:$(cat "$classpath")" \
  io.github.slurmmaven.benchmark.StartBenchmark "$compose" \
  slurm-embedded/target/bundles/24.11/io/github/slurmmaven/embedded "$rounds" "$@"
