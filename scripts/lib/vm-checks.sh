#!/usr/bin/env bash
# Runs in a virtual machine of scripts/test-vm.sh: clusters of one place, checked one after another.
#   vm-checks.sh docker|podman|embedded|embedded-root [--list] [what...]
#
# --list prints the names of the checks that would run, and runs none.
#
# The environment has TIME_FACTOR, PLUGIN (the plugin's coordinates) and RELEASES of Slurm. For each
# check a line "=== NAME passed|FAILED SECONDS" is printed; the logs are in /var/tmp/test-vm.
# shellcheck disable=SC2016,SC2317 # commands for the cluster's shell; checks are called by their names
set -euo pipefail

place=$1
shift
what=("$@")

project=/home/ci/project
work=$HOME/test-vm/$place
# A check that hangs is a failure after so many seconds.
limit=$((600 * ${TIME_FACTOR:=1}))
export MAVEN_OPTS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dmaven.repo.local=/home/ci/.m2/repository"
unset engine DOCKER_HOST

case $place in
  docker) engine=docker ;;
  podman)
    engine=docker
    export XDG_RUNTIME_DIR=/run/user/$UID
    export DOCKER_HOST=unix://$XDG_RUNTIME_DIR/podman/podman.sock
    ;;
  *) engine=embedded ;;
esac

# ---- what a check does ---------------------------------------------------------------------------

fail() {
  echo "$*" >&2
  return 1
}

common() {
  ${exec-} mvn --batch-mode --offline -Dslurm.engine="$engine" -Dslurm.slurmVersion="$release" \
    -Dslurm.timeout=$((120 * TIME_FACTOR)) -Dstyle.color=never "$@"
}

goals() { # goals, separated by commas; options
  local -a goals
  IFS=, read -r -a goals <<<"$1"
  shift
  common "${goals[@]/#/$PLUGIN:}" "$@"
}

check_quickstart() {
  cp -r "$project"/examples/quickstart .
  common --file quickstart verify
}

# A build that is killed while its cluster runs; the next one removes what it left.
check_killed() {
  local build
  cp -r "$project"/examples/quickstart .
  (exec="exec" && common --file quickstart verify) >build.log 2>&1 & # in the shell's stead: Maven has its id
  build=$!
  until grep -q 'is ready' build.log; do
    kill -0 "$build" 2>/dev/null || fail "the build ended before it was killed: $(cat build.log)"
    sleep 0.2
  done
  kill -KILL "$build"
  wait "$build" || true
  common --file quickstart verify
}

# A start of Maven takes long in an emulated machine: the goals of a check share few.
check_preset() { # name, options
  printf '%s\n' '#!/bin/bash' 'sleep 1000' >job
  goals start,status,copy,exec -Dslurm.preset="$1" "${@:2}" -Dslurm.source=job -Dslurm.target=:job \
    -Dslurm.command='for partition in $(sinfo -h -o %R); do srun -p $partition true || exit; done; \
      sbatch job && until squeue -h -t running | grep -q .; do sleep 0.1; done'
  stays_in_its_place
  ! grep -rn SLF4J .slurm-cluster || fail "lines of a logging library that nobody asked for"
  goals destroy
}

check_cpu() { check_preset cpu; }
check_gpu() { check_preset gpu; }
check_multi-node() { check_preset multi-node; }
check_full() {
  if [[ $engine == embedded ]]; then
    check_preset full -Dslurm.withPyxis=false -Dslurm.withRegistry=false
  else
    check_preset full -Dslurm.withPyxis=false
  fi
}

check_restart() {
  goals start,exec,stop -Dslurm.preset=multi-node -Dslurm.command='sbatch --hold --wrap true'
  goals start,exec -Dslurm.command='squeue -h -t pending | grep JobHeldUser'
  goals reset,exec,destroy -Dslurm.command='! squeue -h | grep . && srun true'
}

# That the looks at the machine below see what somebody leaves there: each of two checks that leave a
# unit, and so a control group, must fail for it.
check_looks() {
  local seen
  cd /
  ! seen=$("$0" "$place" --run "$release" unit_there 2>&1) || fail "a unit of Slurm was not seen"
  [[ $seen == *"control groups of Slurm"* ]] || fail "a unit of Slurm was not named: $seen"
  leave_unit stop
  ! seen=$(TIME_FACTOR=0 "$0" "$place" --run "$release" unit_left 2>&1) || fail "a unit that stayed was not seen"
  [[ $seen == *"> "*slurm-test-left.service* ]] || fail "a unit that stayed was not named: $seen"
  leave_unit stop
}

check_unit_there() {
  leave_unit start
  stays_in_its_place
}

check_unit_left() { leave_unit start; }

leave_unit() { # start or stop
  local -a user=()
  [[ $UID == 0 ]] || user=(--user)
  case $1 in
    start) systemd-run "${user[@]}" --quiet --unit=slurm-test-left sleep infinity ;;
    stop) systemctl "${user[@]}" stop slurm-test-left ;;
  esac
}

CHECKS=(looks quickstart cpu gpu multi-node full restart killed)

# ---- the machine that it runs on -----------------------------------------------------------------

# Processes of clusters, with their cgroups.
cluster_processes() {
  local directory
  for directory in /proc/[0-9]*; do
    case $(cat "$directory/comm" 2>/dev/null) in
      slurmctld | slurmd | slurmstepd | munged | slurm-supervisor)
        echo "$(cat "$directory/comm") ${directory#/proc/} $(cut -d : -f 3 "$directory/cgroup" 2>/dev/null)"
        ;;
    esac
  done
}

# Control groups, and units that have some. Those of logins come and go, and Podman's own service.
host_state() {
  {
    (cd /sys/fs/cgroup && find . -type d)
    systemctl list-units --type=service,scope,slice --plain --no-legend | awk '{ print $1 }'
    cluster_processes
    if [[ $place == docker || $place == podman ]]; then
      "$place" ps --all --format 'container {{.Names}}'
      "$place" network ls --format 'network {{.Name}}'
      "$place" volume ls --format 'volume {{.Name}}'
    fi
  } | grep -v -E 'session-[0-9c]+\.scope|podman\.service|podman-pause|user@[0-9]+\.service/init\.scope/' | sort
}

# While a cluster runs: it has no unit and no control group but those that the engine made for its
# containers, and without containers its processes are where the build was.
stays_in_its_place() {
  local own name pid group count=0
  own=$(cut -d : -f 3 /proc/self/cgroup)
  ! find /sys/fs/cgroup -type d -iname '*slurm*' | grep . || fail "control groups of Slurm"
  ! systemctl list-units --all --plain --no-legend | grep -i slurm || fail "units of Slurm"
  while read -r name pid group; do
    count=$((count + 1))
    if [[ $engine == embedded ]]; then
      [[ $group == "$own" ]] || fail "$name ($pid) is in $group instead of $own"
    else
      [[ $group =~ (docker|libpod)-[0-9a-f]{64} ]] || fail "$name ($pid) is in $group, which is no container's"
    fi
  done < <(cluster_processes)
  ((count)) || fail "no process of a cluster was found"
}

# What a cluster's engine ends is gone a little later.
left_nothing() { # state before
  local deadline=$((SECONDS + 30 * TIME_FACTOR))
  until [[ $(host_state) == "$1" ]]; do
    if ((SECONDS >= deadline)); then
      diff <(echo "$1") <(host_state) >&2
      fail "this machine is not as it was before"
    fi
    sleep 1
  done
}

# ---- all of them ---------------------------------------------------------------------------------

chosen() { # name
  local word
  ((${#what[@]})) || return 0
  for word in "${what[@]}"; do
    [[ $1 != *"$word"* ]] || return 0
  done
  return 1
}

run() { # check, in a shell of its own: a command that fails ends it
  local before
  before=$(host_state)
  rm -rf "$work"
  mkdir -p "$work"
  cd "$work"
  "check_$1"
  left_nothing "$before"
}

case ${1-} in
  --run)
    release=$2
    run "$3"
    exit
    ;;
  --clean) # what a failed check has left, for the next one's sake
    release=$2
    cd "$work"
    goals destroy
    exit
    ;;
esac

# The images of Docker's archive have no registry in their names.
prepare_podman() {
  local image
  systemctl --user start podman.socket
  podman load --quiet --input /mnt/images/images.tar
  while read -r image; do
    podman tag "localhost/$image" "docker.io/library/$image"
  done < <(podman images --format '{{.Repository}}:{{.Tag}}' | sed -n 's|^localhost/||p')
}

if [[ ${what-} == --list ]]; then
  what=("${what[@]:1}")
  for release in $RELEASES; do
    for check in "${CHECKS[@]}"; do
      ! chosen "$release/$place/$check" || echo "$release/$place/$check"
    done
  done
  exit
fi

install -d -m 1777 /var/tmp/test-vm
failed=0
prepared=
for release in $RELEASES; do
  for check in "${CHECKS[@]}"; do
    name=$release/$place/$check
    chosen "$name" || continue
    log=/var/tmp/test-vm/${name//\//-}.log
    if [[ $place == podman && -z $prepared ]]; then
      prepare_podman
      prepared=yes
    fi
    start=$SECONDS
    if timeout --kill-after=10 "$limit" "$0" "$place" --run "$release" "$check" >"$log" 2>&1; then
      verdict=passed
    else
      verdict=FAILED
      failed=1
      tail -n 40 "$log"
      timeout --kill-after=10 "$limit" "$0" "$place" --clean "$release" >>"$log" 2>&1 || true
    fi
    echo "=== $name $verdict $((SECONDS - start))s"
  done
done
exit $failed
