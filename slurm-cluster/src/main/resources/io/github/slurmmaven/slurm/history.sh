# Runs on the controller as root: history.sh MILLISECONDS deletes accounting's records of jobs. No job may wait
# or run. Accounts, qualities of service and users stay. Lines of standard output that begin with "waiting"
# name what is not done yet.
#
# Exit status 3: it was not done within the time.
end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000))
said=
await() { # what is missing, command...
  until "${@:2}"; do
    if [ "$1" != "$said" ]; then
      said=$1
      printf 'waiting for %s\n' "$1"
    fi
    ((${EPOCHREALTIME/[.,]/} < end)) || exit 3
    sleep 0.05
  done
}

configuration=$(scontrol show config) || exit
# Whoever runs MariaDB gives it the statements of begin.sql when it starts, and starts it again when it ends.
# Without containers, that is in the cluster's directory.
run=${SLURM_CONF:+${SLURM_CONF%/config/slurm.conf}}/run/slurm-accounting

records() { sacct --allusers --allocations --noheader --parsable2 --starttime=1970-01-01 --format="$1"; }

setting() { scontrol show config | sed -nE "s/^$1 *= *//p"; }

# slurmctld knows ended jobs for some minutes, also those whose records an earlier reset has deleted. The file
# has the number of the first job after it.
state=$(setting StateSaveLocation) && [ -n "$state" ] || exit
first=$(cat "$state/history.first" 2>/dev/null || echo 0)

# What comes after the records were deleted would make new ones: what waits in slurmctld, and what Slurm 22.05 adds
# some seconds after a short job's end. What does not come within 15 s is lost, as slurmdbd does not look whether
# its commit succeeded when a database was killed.
missing=
since=0
all_is_recorded() {
  local known ended now=${EPOCHREALTIME/[.,]/} late
  if ! sdiag | grep -qE '^DBD Agent queue size: *0$'; then
    missing=
    return 1
  fi
  ! grep -q '^AccountingStorageEnforce .*nojobs' <<<"$configuration" || return 0
  known=$(squeue --all --noheader --states=all --format=%A) || return 1
  known=$(while read -r job; do ((job < first)) || echo "$job"; done <<<"$known" | sort -u)
  ended=$(records JobIDRaw,Partition,State |
    sed -nE '/\|(PENDING|RUNNING|SUSPENDED|REQUEUED|RESIZING)$/d; s/^([0-9]+)\|[^|]+\|.*/\1/p' | sort -u)
  late=$(comm -23 <(printf '%s\n' "$known") <(printf '%s\n' "$ended"))
  if [ "$late" != "$missing" ]; then
    missing=$late since=$now
  fi
  [ -z "$missing" ] || ((now - since > 15000000))
}

is_another() {
  local now
  now=$(cat "$run/mariadbd.pid" 2>/dev/null) && [ -n "$now" ] && [ "$now" != "$pid" ] &&
    sacctmgr --noheader show cluster >/dev/null 2>&1
}

is_empty() {
  local left
  left=$(records JobID 2>/dev/null) && [ -z "$left" ]
}

await 'the records of ended jobs' all_is_recorded
pid=$(cat "$run/mariadbd.pid") || exit
trap ': >"$run/begin.sql"' EXIT
cat "$run/history.sql" >"$run/begin.sql" && setting NEXT_JOB_ID >"$state/history.first" || exit
kill "$pid" || exit
await 'the database' is_another
await 'the end of all records' is_empty

# slurmctld counts what shares and limits of usage go by itself.
{
  echo 'modify account root set rawusage=0'
  sacctmgr --noheader --parsable2 show qos format=name | sed 's/.*/modify qos & set rawusage=0/'
} | sacctmgr --immediate >/dev/null
