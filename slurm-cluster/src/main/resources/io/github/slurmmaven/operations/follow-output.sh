# Runs on the node of a batch script, as the job's user: shows on standard output and standard error what
# one run of a job writes to its two files, while it writes it. Ends when the run has ended and all is
# shown.
#
# follow-output.sh JOB MICROSECONDS BYTES SUM BYTES SUM: what a file holds since before that time is not
# the job's. BYTES and their SHA-256 are what earlier runs of the job have written to each of the files: one
# that begins with them is shown from there on.
#
# Exit status 10 and 1 when there is no such standard output, 2 when there is no such standard error.
export LC_ALL=C
job=$1 since=$2

# Each tail ends with this process, after a last look at its file.
sleep infinity &
alive=$!
trap 'kill "$alive" 2>/dev/null' EXIT

# The last one, as a line break in a name may be followed by anything.
value() { # variable, key
  [[ $record =~ .*$'\n   '"$2"=([^$'\n']*) ]] && printf -v "$1" %s "${BASH_REMATCH[1]}"
}

look() {
  record=$(scontrol show job "$job" 2>&1) && [[ $record =~ ^JobId= ]]
}

# Without an answer the controller may be on its way back.
over() {
  if ! look; then
    [[ $record == *'Invalid job id'* ]]
    return
  fi
  [[ $record =~ $'\n   JobState='([A-Z_]+) ]]
  case ${BASH_REMATCH[1]} in
    COMPLETING) return 1 ;;
    CONFIGURING | RUNNING | SUSPENDED | STOPPED | RESIZING | SIGNALING | STAGE_OUT)
      [[ $record =~ Restarts=([0-9]+) && ${BASH_REMATCH[1]} != "$restarts" ]]
      ;;
  esac
}

number() { # number, width
  printf '%0*d' "$((10#0$2))" "$1"
}

# scontrol replaces some of the patterns in a file's name, and slurmd all.
expand() {
  local rest=$1 letter width
  expanded=
  while [[ $rest =~ ^([^%]*)%([0-9]*)(.)(.*)$ ]]; do
    expanded+=${BASH_REMATCH[1]} width=${BASH_REMATCH[2]} letter=${BASH_REMATCH[3]}
    rest=${BASH_REMATCH[4]}
    case $letter in
      N) expanded+=${HOSTNAME%%.*} ;;
      n | t) expanded+=$(number 0 "$width") ;;
      s) expanded+=batch ;;
      j | J) expanded+=$(number "$number" "$width") ;;
      A) expanded+=$(number "$array" "$width") ;;
      a) expanded+=$(number "$task" "$width") ;;
      u) expanded+=$user ;;
      x) expanded+=$name ;;
      %) expanded+=$width% ;;
      *) expanded+=%$width$letter ;;
    esac
  done
  expanded+=$rest
}

show() { # name, bytes, sum
  local name file stamp checked= size offset running
  expand "$1"
  while :; do
    kill -0 "$alive" 2>/dev/null
    running=$?
    # A file name may still look like a pattern: %%N stands for the name %N.
    for file in "$expanded" "$1" "${1//\\/}"; do
      [[ -f $file ]] && stamp=$(stat --format='%.6Y %s' -- "$file") || continue
      size=${stamp#* }
      stamp=${stamp% *}
      ((10#${stamp/./} >= since)) || continue
      offset=0
      if (($2 && size >= $2)); then
        [[ "$stamp $size" != "$checked" ]] || continue
        checked="$stamp $size"
        if [[ $(head --bytes="$2" -- "$file" | sha256sum) == "$3 "* ]]; then
          ((size > $2)) || continue
          offset=$2
        fi
      fi
      exec tail --bytes="+$((offset + 1))" --follow=name --retry --sleep-interval=0.05 \
        --pid="$alive" -- "$file"
    done
    if ((running)); then
      [[ -n $checked ]]
      return
    fi
    sleep 0.05
  done
}

until look; do
  [[ $record != *'Invalid job id'* ]] || exit 0
  sleep 0.1
done
[[ $record =~ ^JobId=([0-9]+) ]] && number=${BASH_REMATCH[1]} array=$number task=4294967294
[[ $record =~ ArrayJobId=([0-9]+)\ ArrayTaskId=([0-9]+)\  ]] &&
  array=${BASH_REMATCH[1]} task=${BASH_REMATCH[2]}
[[ $record =~ \ JobName=([^$'\n']*) ]] && name=${BASH_REMATCH[1]}
[[ $record =~ UserId=([^$'\n'\(]*) ]] && user=${BASH_REMATCH[1]}
[[ $record =~ Restarts=([0-9]+) ]] && restarts=${BASH_REMATCH[1]}
out=/dev/null err=/dev/null
value out StdOut
value err StdErr
# Since 25.11 it is not named where it is the same.
[[ -n $err ]] || err=$out

shows=()
if [[ $out != /dev/null ]]; then
  show "$out" "$3" "$4" 2>/dev/null &
  shows[1]=$!
fi
if [[ $err != /dev/null && $err != "$out" ]]; then
  show "$err" "$5" "$6" >&2 2>/dev/null &
  shows[2]=$!
fi
until over; do
  sleep 0.1
done
kill "$alive"
missing=0
for stream in "${!shows[@]}"; do
  wait "${shows[stream]}" || ((missing += stream))
done
((!missing)) || exit "$((10 + missing))"
