# Runs on the controller: await.sh MILLISECONDS STATES IDS FIELDS waits until each of the jobs is in one
# of the states; STATES are words between commas with a comma around, IDS are between commas. Says on
# standard output what scontrol shows of a job, on one line, each time that the job's state or reason
# has changed. At the end, where slurmctld may have forgotten one, lines "record ..." say what
# accounting, if the cluster has it, has recorded: FIELDS of sacct, of which the sixth is the state.
#
# Exit status 3: they are not at the end of the time, and standard error says what they are, or why accounting does
# not say it; 4: slurmctld knows none of them.
export SLURM_TIME_FORMAT=%s
end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000))
declare -A said=()

# A squeue that waits for the controller is ended, for the sake of the deadline.
list() { timeout 5 squeue --all --noheader --states=all --jobs="$1" --format='%i %T %r'; }

# Sets the record of a job; to nothing if Slurm does not know it any more.
show() {
  local first=${1/_[/_} # of the waiting tasks of an array, 8_[3-6%2]
  record=$(scontrol --oneliner show job "${first%%[!0-9_+]*}") || record=
  record=${record//$'\n'/ }
}

# Whether slurmctld has told of all the jobs, and of their ends. Of an array only those tasks count that
# it has not forgotten.
knows_all() { # states, ids
  local id
  for id in ${2//,/ }; do
    [[ -v "said[$id]" && " ${!said[*]}" != *" ${id}_"* ]] || return 1
  done
  for id in "${said[@]}"; do
    [[ $1 == *,${id%% *},* ]] || return 1
  done
}

# Whether a record says that a job has not ended, which is so until slurmdbd has been told.
is_late() { grep -qE '^([^|]*\|){5}(PENDING|RUNNING|SUSPENDED|REQUEUED|RESIZING)\|' <<<"$records"; }

# Whether slurmctld has told nothing of one of the jobs.
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
