# Runs on the controller: await.sh MILLISECONDS STATES IDS FIELDS waits until each of the jobs is in one
# of the states. STATES are separated by commas, with one before the first and one after the last; IDS are
# separated by commas. Each time that a job's state or reason changes, standard output gets a line: what scontrol
# shows of the job. If slurmctld may have forgotten a job and the cluster has accounting, lines "record ..." follow
# at the end, with FIELDS of sacct, of which the sixth is the state.
#
# Exit status 3: the jobs are not in these states within the time; standard error has their states, or the reason
# why accounting did not return them. Exit status 4: slurmctld knows none of the jobs.
export SLURM_TIME_FORMAT=%s
end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000))
declare -A said=()

# squeue waits for a controller that does not answer, so a timeout ends it.
list() { timeout 5 squeue --all --noheader --states=all --jobs="$1" --format='%i %T %r'; }

# Sets the record of a job; to nothing if Slurm does not know it any more.
show() {
  local first=${1/_[/_} # of the waiting tasks of an array, 8_[3-6%2]
  record=$(scontrol --oneliner show job "${first%%[!0-9_+]*}") || record=
  record=${record//$'\n'/ }
}

# Whether slurmctld has shown all the jobs, and all in one of the states. Tasks of an array that it has forgotten
# do not count.
knows_all() { # states, ids
  local id
  for id in ${2//,/ }; do
    [[ -v "said[$id]" && " ${!said[*]}" != *" ${id}_"* ]] || return 1
  done
  for id in "${said[@]}"; do
    [[ $1 == *,${id%% *},* ]] || return 1
  done
}

# Whether a record shows a job that has not ended. It does so until slurmctld has sent the end to slurmdbd.
is_late() { grep -qE '^([^|]*\|){5}(PENDING|RUNNING|SUSPENDED|REQUEUED|RESIZING)\|' <<<"$records"; }

# Whether slurmctld has not shown one of the jobs.
has_forgotten() { # ids
  local id
  for id in ${1//,/ }; do
    [[ -v "said[$id]" || " ${!said[*]}" =~ " $id"[_+] ]] || return 0
  done
  return 1
}

# Sets what accounting has recorded of jobs, or why it does not say. A sacct that waits for slurmdbd is ended, for
# the sake of the deadline.
ask_accounting() { # ids, fields
  why=
  records=$(timeout 5 sacct --allocations --noheader --parsable2 --jobs="$1" --format="$2" 2>&1) && return
  why=${records:-sacct has no answer within 5 s}
  records=
  return 1
}

# Ends with a status, after it has said what is recorded. Of jobs that slurmctld does not know, only accounting can
# say what they are, whose slurmdbd or database may be on its way back.
finish() { # status, states, ids, fields
  local records='' why='' needed=''
  if [ "$1" = 4 ] || has_forgotten "$3"; then
    needed=yes
  fi
  if ! knows_all "$2" "$3" &&
    scontrol show config | grep -q '^AccountingStorageType *= accounting_storage/slurmdbd'; then
    until ask_accounting "$3" "$4" && ! { [ "$1" = 4 ] && is_late; }; do
      if [ -z "$needed" ] || ((${EPOCHREALTIME/[.,]/} >= end)); then
        break
      fi
      sleep 0.05
    done
  fi
  if [[ $needed && $why ]]; then
    echo "slurmctld has forgotten a job of $3, and accounting does not answer: $why" >&2
    exit 3
  fi
  [ -z "$records" ] || sed '/^sacct: /d; s/^/record /' <<<"$records"
  exit "$1"
}

while :; do
  # Without an answer the controller may be on its way back, so that waiting goes on.
  missing=('slurmctld does not answer')
  if jobs=$(list "$3" 2>&1); then
    [ -n "$jobs" ] || finish 4 "${@:2}"
    missing=()
    while read -r id state reason; do
      why=
      [ "$reason" = None ] || why=" ($reason)"
      if [ "${said[$id]-}" != "$state $reason" ]; then
        show "$id"
        # Since squeue's answer it may have ended, or been queued again: the next look will show.
        if [[ $record && $record != *" JobState=$state "* ]]; then
          missing+=("job $id is $state$why")
          continue
        fi
        said[$id]="$state $reason"
        [ -z "$record" ] || printf '%s\n' "$record"
      fi
      [[ $2 == *,$state,* ]] || missing+=("job $id is $state$why")
    done <<<"$jobs"
    ((${#missing[@]})) || finish 0 "${@:2}"
  elif [[ $jobs == *'Invalid job id'* ]]; then
    finish 4 "${@:2}"
  fi
  if ((${EPOCHREALTIME/[.,]/} > end)); then
    printf '%s\n' "${missing[@]}" >&2
    exit 3
  fi
  sleep 0.05
done
