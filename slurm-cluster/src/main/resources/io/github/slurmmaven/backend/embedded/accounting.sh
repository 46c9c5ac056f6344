# Runs a daemon of a cluster's accounting, and again each time that it ends: slurmctld keeps records until
# slurmdbd is there again, and slurmdbd waits for the database.
#
#   accounting.sh mariadbd|slurmdbd DIRECTORY
#
# DIRECTORY is the cluster's, by a path that a socket can have. In it are, beside the configuration
#
#   accounting/bundle                      the programs, and the database that a cluster begins with
#   accounting/data                        the database
#   accounting/named                       is there once it has the cluster's name
#   run/slurm-accounting/database          its socket
#   run/slurm-accounting/begin.sql         what it does before it takes connections
#   run/slurm-accounting/history.sql       statements that delete what was recorded of jobs
#   run/slurm-accounting/added, changed    what of config/sacctmgr.txt is done before slurmctld starts, and after
#   run/slurm-accounting/listens           is there once slurmdbd listens, and knows all names
#   run/slurm-accounting/slurmdbd.stopped  keeps slurmdbd from being started again while it is there
#   run/slurm-accounting.state             for await-slurm.sh: the daemon that is being started, "ready", or why
#                                          accounting will not be
#
# Exit status: 0 after SIGTERM; 1 or that of the daemon when it ended before it was ready.
set -uo pipefail

readonly name=$1 root=$2
readonly accounting=$root/accounting run=$root/run/slurm-accounting log=$root/log/mariadbd.log
readonly bundle=$accounting/bundle share=$accounting/bundle/share state=$root/run/slurm-accounting.state
pid= # the daemon's

say() { echo "slurm-accounting: $*" >&2; }

fail() {
  say "$name exited with status 1: $*"
  [[ -z $pid ]] || kill "$pid" 2>/dev/null
  exit 1
}

# A sleep without a process: nothing is ever written to this pipe.
exec {silence}<> <(:)
pause() { read -rt "$1" -u "$silence" || true; }

finish() {
  trap '' TERM
  if [[ -n $pid ]]; then
    kill -CONT "$pid" 2>/dev/null
    kill "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
  fi
  exit 0
}

# The statements of a file of the bundle, for this cluster and its user.
statements() { # file
  local cluster sql user
  cluster=$(sed -n 's/^ClusterName=//p' "$root/config/slurm.conf")
  [[ $cluster =~ ^[a-z0-9][a-z0-9_-]*$ ]] ||
    fail "the ClusterName of slurm.conf, '$cluster', cannot be that of a database's tables"
  user=$(id -un)
  user=${user//\\/\\\\} # winbind calls one DOMAIN\name
  user=${user//\'/\'\'}
  sql=$(<"$share/slurm/$1")
  sql=${sql//@CLUSTER@/"$cluster"}
  printf '%s\n' "${sql//@USER@/"$user"}"
}

# A new cluster begins with the database of the bundle, and gives it its name and its user.
prepare_database() {
  statements history.sql >"$run/history.sql" || exit
  : >"$run/begin.sql"
  if [[ ! -e $accounting/named ]]; then
    rm -rf "$accounting/data"
    mkdir -m 0700 "$accounting/data"
    tar -xzf "$share/slurm/database.tar.gz" -C "$accounting/data" ||
      fail "the database that a cluster begins with cannot be unpacked into $accounting/data"
    statements database.sql >"$run/begin.sql"
  fi
}

# Before it takes connections, it does what begin.sql says.
start_mariadbd() {
  local -a options
  mapfile -t options <"$share/slurm/mariadbd.options"
  "$bundle/bin/mariadbd" "${options[@]}" --user="$(id -un)" --basedir="$bundle" --datadir="$accounting/data" \
    --lc-messages-dir="$share/mariadb" --character-sets-dir="$share/mariadb/charsets" --tmpdir="$run" \
    --socket="$run/database" --pid-file="$run/mariadbd.pid" --init-file="$run/begin.sql" >>"$log" 2>&1 &
  pid=$!
}

mariadbd_listens() { [[ -S $run/database ]]; }

# slurmdbd wants its configuration to be closed to others.
start_slurmdbd() {
  chmod 0600 "$root/config/slurmdbd.conf"
  MYSQL_UNIX_PORT=$run/database "$bundle/bin/slurmdbd" -D &
  pid=$!
}

# slurmdbd's port, as in /proc/net/tcp: 6819 when slurmdbd.conf does not have it.
read_slurmdbd_port() {
  local line
  port=6819
  while IFS= read -r line || [[ -n $line ]]; do
    [[ ! ${line,,} =~ ^[[:space:]]*dbdport[[:space:]]*=[[:space:]]*([^[:space:]#]*) ]] || port=${BASH_REMATCH[1]}
  done <"$root/config/slurmdbd.conf"
  [[ $port =~ ^[1-9][0-9]{0,4}$ ]] ||
    fail "DbdPort of config/slurmdbd.conf is '$port', which is not a port: correct it there, then start again"
  printf -v port '%04X' "$port"
}

# Without a connection, of which slurmdbd would expect a message. Another process may have the port. The machine
# may have many sockets, whose table takes bash long to read.
slurmdbd_listens() {
  local inode
  # shellcheck disable=SC2013 # numbers
  for inode in $(sed -nE "s/^ *[0-9]+: [0-9A-F]+:$port [0-9A-F:]+ 0A( +[^ ]+){5} +([0-9]+) .*/\2/p" \
    /proc/net/tcp /proc/net/tcp6 2>/dev/null); do
    [[ $(ls -l "/proc/$pid/fd" 2>/dev/null) != *"-> socket:[$inode]"* ]] || return 0
  done
  return 1
}

# Whether a partition is for some accounts or qualities of service.
partitions_have_rules() {
  local line
  while IFS= read -r line; do
    [[ ! ${line,,} =~ ^[[:space:]]*partitionname=.*[[:space:]](qos|(allow|deny)(accounts|qos))= ]] || return 0
  done <"$root/config/slurm.conf"
  return 1
}

# Divides the commands for sacctmgr where partitions need it: what is added goes first, unless it stands behind what
# is removed.
divide_commands() {
  local line file=added
  : >"$run/added"
  if ! partitions_have_rules; then
    cp "$root/config/sacctmgr.txt" "$run/changed"
    return
  fi
  : >"$run/changed"
  while IFS= read -r line; do
    case $line in
      'add '*) echo "$line" >>"$run/$file" ;;
      'modify '* | '#'*) echo "$line" >>"$run/changed" ;;
      *)
        file=changed
        echo "$line" >>"$run/changed"
        ;;
    esac
  done <"$root/config/sacctmgr.txt"
}

is_defined() { cmp -s "$root/config/sacctmgr.txt" "$accounting/defined"; }

define() { # file of commands
  local refusal
  if ! refusal=$("$share/slurm/define-accounts" "$1"); then
    say "sacctmgr does not take $refusal"
    echo "sacctmgr does not take $refusal" >"$state"
    return 1
  fi
}

# Names of accounts, qualities of service and users, when they are new or were changed, before slurmctld starts: it
# ends at once when a partition has a QOS that slurmdbd does not know.
define_names() {
  is_defined && return
  divide_commands
  [[ ! -s $run/added ]] || define "$run/added"
}

# Sets their values when slurmctld runs. A limit may name something that slurmctld must first register with slurmdbd,
# such as a type of GPU.
define_values() {
  if ! is_defined; then
    until scontrol ping >/dev/null 2>&1; do
      pause 0.01
    done
    define "$run/changed" || return
    cp "$root/config/sacctmgr.txt" "$accounting/defined"
  fi
  echo ready >"$state"
}

trap finish TERM
echo "$name" >"$state"
if [[ $name == slurmdbd ]]; then
  rm -f "$run/slurmdbd.stopped" # of an earlier life
  read_slurmdbd_port
else
  prepare_database
fi

"start_$name"
until "${name}_listens"; do
  if ! kill -0 "$pid" 2>/dev/null; then
    wait "$pid"
    status=$?
    [[ $name != mariadbd ]] || tail -n 5 "$log" >&2
    say "$name exited with status $status"
    exit $((status ? status : 1))
  fi
  pause 0.02
done
if [[ $name == slurmdbd ]]; then
  # It listens when it has a connection, which mariadbd takes when it has done what begin.sql says, or could not.
  if [[ ! -e $accounting/named ]]; then
    tail -n 5 "$log" >&2
    fail "the database did not take the cluster's name and user: $log says why, $run/begin.sql has the statements"
  fi
  : >"$run/begin.sql"
  if define_names; then
    echo slurmctld >"$state"
    define_values &
  fi
  : >"$run/listens"
fi

while :; do
  wait "$pid"
  status=$?
  [[ $name != mariadbd ]] || tail -n 5 "$log" >&2
  say "$name ended with status $status"
  while [[ -e $run/$name.stopped ]]; do
    pause 0.05
  done
  pause 0.2 # one that ends at once must not take all of the processor
  say "starting $name again"
  "start_$name"
done
