# Lets something go wrong in a node's container, as root: disrupt.sh stop-controller|start-controller|
# stop-node|continue-node|drop-connections|stop-rest|start-rest
set -euo pipefail

readonly stopped=/run/slurm-entrypoint.stopped rest_stopped=/run/slurm-rest/slurmrestd.stopped

name_of() { cat "/proc/$1/comm" 2>/dev/null || true; }
state_of() { # pid: a letter and the parent's id, whatever the name in brackets is; fails when it is gone
  local line
  line=$(<"/proc/$1/stat") || return
  line=${line##*) }
  echo "${line:0:1} $(cut -d ' ' -f 2 <<<"$line")"
}

# The entry point, which otherwise ends its container when slurmctld has ended, reads from the file that it was
# ended on purpose.
stop_controller() {
  local pid
  [[ ! -e $stopped ]] || return 0
  pid=$(</run/slurmctld.pid)
  : >"$stopped"
  kill "$pid"
  while [[ $(state_of "$pid" 2>/dev/null) == [!Z]* ]]; do
    sleep 0.02
  done
}

start_controller() { slurm-entrypoint reload; }

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

# The entry point starts slurmrestd when it ends, unless the file is there.
stop_rest() {
  : >"$rest_stopped"
  while pkill -x --runstates D,R,S,T slurmrestd; do
    sleep 0.02
  done
}

# Repeats the signal, because the entry point misses one that comes just before it waits for it.
start_rest() {
  rm -f "$rest_stopped"
  until pgrep -x --runstates D,R,S,T slurmrestd >/dev/null; do
    kill -USR1 1
    sleep 0.1
  done
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
