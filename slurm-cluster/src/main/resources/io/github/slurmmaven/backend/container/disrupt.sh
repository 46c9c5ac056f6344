# Lets something go wrong in a node's container, as root: disrupt.sh stop-controller|start-controller|
# stop-node|continue-node|drop-connections|stop-rest|start-rest
set -euo pipefail

readonly stopped=/run/slurm-entrypoint.stopped generation=/run/slurm-entrypoint.generation
readonly rest_stopped=/run/slurm-rest/slurmrestd.stopped

name_of() { cat "/proc/$1/comm" 2>/dev/null || true; }
state_of() { # pid: a letter and the parent's id, whatever the name in brackets is
  local line
  line=$(<"/proc/$1/stat")
  line=${line##*) }
  echo "${line:0:1} $(cut -d ' ' -f 2 <<<"$line")"
}

# The entry point ends its container when slurmctld has ended, which it does not see while it is stopped
# itself. A hang-up that waits for it then lets it start slurmctld, and not end.
stop_controller() {
  local pid entrypoint
  [[ ! -e $stopped ]] || return 0
  pid=$(</run/slurmctld.pid)
  entrypoint=$(state_of "$pid")
  entrypoint=${entrypoint#* }
  [[ $(name_of "$entrypoint") == slurm-entrypoin ]] ||
    { echo "slurmctld is not of this node's entry point" >&2; return 1; }
  kill -STOP "$entrypoint"
  echo "$entrypoint" >"$stopped"
  kill "$pid"
  until [[ $(state_of "$pid") == Z* ]]; do
    sleep 0.02
  done
}

start_controller() {
  local before now entrypoint=1
  [[ ! -e $stopped ]] || entrypoint=$(<"$stopped")
  before=$(<"$generation")
  kill -HUP "$entrypoint"
  kill -CONT "$entrypoint"
  # With a plus sign behind, the daemons are still on their way.
  until now=$(<"$generation") && [[ $now =~ ^[0-9]+$ && $now != "$before" ]]; do
    sleep 0.02
  done
  rm -f "$stopped"
}

signal_node() { # signal
  kill "-$1" "$(</run/slurmd.pid)"
}

# All of sshd but the process that listens, whose parent is the entry point.
drop_connections() {
  local process pid parent
  for process in /proc/[0-9]*; do
    pid=${process#/proc/}
    [[ $(name_of "$pid") == sshd* ]] || continue
    parent=$(state_of "$pid" 2>/dev/null) || continue
    [[ $(name_of "${parent#* }") == slurm-entrypoin ]] || kill -KILL "$pid" 2>/dev/null || true
  done
}

# The entry point starts it again when the file is gone and it is told to look.
stop_rest() {
  touch "$rest_stopped"
  pkill -x slurmrestd || true
  while pgrep -x slurmrestd >/dev/null; do
    sleep 0.02
  done
}

start_rest() {
  rm -f "$rest_stopped"
  kill -USR1 1
}

case $1 in
  stop-controller) stop_controller ;;
  start-controller) start_controller ;;
  stop-node) signal_node STOP ;;
  continue-node) signal_node CONT ;;
  drop-connections) drop_connections ;;
  stop-rest) stop_rest ;;
  start-rest) start_rest ;;
esac
