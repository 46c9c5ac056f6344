#!/usr/bin/env bash
# Measures how long the start and removal of a cluster take, without containers, with containers, and with Docker
# Compose, in one run:
#   scripts/benchmark.sh [rounds [numbers of compute nodes...]]
# or the same of one node as a person sees it, each start in a new process:
#   scripts/benchmark.sh cold [rounds]
# or jobs in containers beside ordinary ones:
#   scripts/benchmark.sh container-jobs [rounds]
# or the start of a cluster with accounting or slurmrestd beside one without, on each engine (docker,
# embedded):
#   scripts/benchmark.sh accounting|rest [rounds [engines...]]
# or jobs, with and without what has slurmctld look for work at once, and what an idle cluster uses of a processor:
#   scripts/benchmark.sh latency [rounds [engines...]]
# or how many simulated hours of a busy cluster without containers pass in a minute:
#   scripts/benchmark.sh hours [numbers of compute nodes...]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/engine.sh
source "$root/scripts/lib/engine.sh"

# Of accounting, rest and latency alone.
engines=("${@:3}")
((${#engines[@]})) || engines=(docker embedded)

ensure_java_maven
if [[ ${1-} != @(accounting|rest|latency|hours) || ${1-} != hours && " ${engines[*]} " == *' docker '* ]]; then
  ensure_docker
  ensure_base_image debian:trixie-slim
fi

case ${1-} in
  container-jobs) ensure_base_image debian:12-slim registry:2 ;;
  accounting | rest | latency | hours) ensure_bundle_tools ;;
  *)
    ensure_bundle_tools
    compose=$(ensure_compose)
    ;;
esac

cd "$root"
if [[ ${1-} == cold ]]; then
  # Maven takes a plugin from a repository only.
  mvn --batch-mode --quiet --no-transfer-progress -pl slurm-maven-plugin -am install -DskipTests -Dinvoker.skip
  version=$(sed -n 's:^  <version>\(.*\)</version>$:\1:p' pom.xml)
  exec java slurm-cluster/src/test/java/io/github/slurmmaven/benchmark/ColdStartBenchmark.java \
    "$compose" "$version" "${2:-5}"
fi
classpath=$root/slurm-cluster/target/benchmark.classpath
mvn --batch-mode --quiet --no-transfer-progress -pl slurm-cluster -am package -DskipTests \
  dependency:build-classpath -Dmdep.outputFile="$classpath" -Dmdep.includeScope=test
java=(java -Dorg.slf4j.simpleLogger.defaultLogLevel=error
  -cp "$(echo slurm-cluster/target/slurm-cluster-*.jar):slurm-cluster/target/test-classes:$(cat "$classpath")")
if [[ ${1-} == container-jobs ]]; then
  exec "${java[@]}" io.github.slurmmaven.benchmark.ContainerJobsBenchmark "${2:-3}"
fi
bundles=slurm-embedded/target/bundles/24.11/io/github/slurmmaven/embedded
if [[ ${1-} == @(accounting|rest) ]]; then
  exec "${java[@]}" io.github.slurmmaven.benchmark.ServiceBenchmark "$1" "$bundles" "${2:-5}" "${engines[@]}"
fi
if [[ ${1-} == latency ]]; then
  exec "${java[@]}" io.github.slurmmaven.benchmark.ClockBenchmark latency "$bundles" "${2:-5}" "${engines[@]}"
fi
if [[ ${1-} == hours ]]; then
  shift
  (($#)) || set -- 1 8 64
  exec "${java[@]}" io.github.slurmmaven.benchmark.ClockBenchmark hours "$bundles" "$@"
fi
rounds=${1:-5}
if (($# > 1)); then shift; else set -- 1 2 4 8 16 32 64 256; fi
exec "${java[@]}" io.github.slurmmaven.benchmark.StartBenchmark "$compose" \
  "$bundles" "$rounds" "$@"
