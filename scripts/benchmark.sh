#!/usr/bin/env bash
# Times the start and removal of a cluster beside Docker Compose's, in one run:
#   scripts/benchmark.sh [rounds]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/engine.sh
source "$root/scripts/lib/engine.sh"

ensure_java_maven
ensure_docker
ensure_base_image debian:trixie-slim
compose=$(ensure_compose)

cd "$root"
classpath=$root/slurm-cluster/target/benchmark.classpath
mvn --batch-mode --quiet --no-transfer-progress -pl slurm-cluster -am test-compile \
  dependency:build-classpath -Dmdep.outputFile="$classpath" -Dmdep.includeScope=test
exec java -cp "slurm-cluster/target/classes:slurm-cluster/target/test-classes:slurm-cluster-images/target/classes:$(cat "$classpath")" \
  -Dorg.slf4j.simpleLogger.defaultLogLevel=error \
  io.github.slurmmaven.benchmark.StartBenchmark "$compose" "${1:-7}"
