# Shows what a job writes, while it writes it: bash -c <this> follow JOB
# Ends when the job has ended, or Slurm no longer knows it, and all is shown.
job=$1
declare -A shown=()

# Each tail ends with this process, after a last look at its file.
sleep infinity &
alive=$!
trap 'kill "$alive" 2>/dev/null' EXIT

value() { # record, key
  sed -n "s/.* $2=\([^ ]*\).*/\1/p" <<<" $1"
}

ended=
until [[ -n $ended ]]; do
  ended=yes
  while IFS= read -r record; do
    case $(value "$record" JobState) in
      PENDING | CONFIGURING | RUNNING | SUSPENDED | STOPPED | COMPLETING | REQUEUED | RESIZING | \
        SIGNALING | STAGE_OUT) ended= ;;
    esac
    for key in StdOut StdErr; do
      file=$(value "$record" "$key")
      # A task of an array that has not begun has no name for its output yet.
      [[ -z $file || $file == *%* || $file == /dev/null || -v "shown[$file]" ]] && continue
      shown[$file]=yes
      tail --lines=+1 --follow=name --retry --sleep-interval=0.05 --pid="$alive" -- "$file" \
        2>/dev/null &
    done
  done < <(scontrol --oneliner show job "$job" 2>/dev/null)
  [[ -n $ended ]] || sleep 0.05
done
kill "$alive"
wait
