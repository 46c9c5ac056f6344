# Runs on the controller: await.sh MILLISECONDS STATES IDS waits until each of the jobs is in one of
# the states; STATES are words between commas with a comma around, IDS are between commas. Says on
# standard output what scontrol shows of a job, on one line, each time that the job's state or reason
# has changed.
#
# Exit status 3: they are not at the end of the time, and standard error says what they are; 4: Slurm
# knows none of them.
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

while :; do
  # Without an answer the controller may be on its way back, so that waiting goes on.
  missing=('slurmctld does not answer')
  if jobs=$(list "$3" 2>&1); then
    if [ -z "$jobs" ]; then
      exit 4
    fi
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
    ((${#missing[@]})) || exit 0
  elif [[ $jobs == *'Invalid job id'* ]]; then
    exit 4
  fi
  if ((${EPOCHREALTIME/[.,]/} > end)); then
    printf '%s\n' "${missing[@]}" >&2
    exit 3
  fi
  sleep 0.05
done
