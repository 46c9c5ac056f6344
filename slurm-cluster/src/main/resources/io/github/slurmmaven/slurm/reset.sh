# Runs on the controller as root: reset.sh MILLISECONDS empties the queue, and takes back the nodes
# that were taken out. Says on standard output what it did, in lines "job ID", "reservation NAME" and
# "node NAME", and on lines that begin with "waiting" what is still missing.
#
# Exit status 3: something is still missing at the end of the time.
end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000))
said=
say() {
  if [ "$1" != "$said" ]; then
    said=$1
    printf '%s\n' "$1"
  fi
}

pause() {
  ((${EPOCHREALTIME/[.,]/} < end)) || exit 3
  sleep 0.02
}

# A line per record; names have no blanks.
names() { scontrol --oneliner show "$1" | sed -n "s/^$2=\([^ ]*\) .*/\1/p"; }

for reservation in $(names reservation ReservationName); do
  scontrol delete "reservationname=$reservation" || exit
  printf 'reservation %s\n' "$reservation"
done

declare -A seen=()
rounds=0
while :; do
  jobs=$(squeue --all --noheader --format='%A %T %U') || exit
  [ -n "$jobs" ] || break
  live=0 users=() of=() # user id -> job ids
  while read -r id state user; do
    [[ -v "seen[$id]" ]] || printf 'job %s\n' "$id"
    seen[$id]=1
    [ "$state" != COMPLETING ] || continue
    live=1 users[user]=$user of[user]+=" $id"
    # What is stopped does not die before it goes on.
    [ "$state" != SUSPENDED ] || scontrol resume "$id" 2>/dev/null
  done <<<"$jobs"
  if ((live)); then
    # After scancel alone, a job that ignores SIGTERM would stay for the 30 s of KillWait.
    for step in $(squeue --all --noheader --steps --format=%i | grep '\.[0-9]'); do
      scancel --quiet --signal=KILL "$step" 2>/dev/null
    done
    for user in "${users[@]}"; do
      if id "$user" >/dev/null 2>&1; then
        scancel --quiet --batch --signal=KILL --user="$user" 2>/dev/null
        scancel --quiet --user="$user" 2>/dev/null
      else
        # scancel takes no user without an account, whom a token for slurmrestd may name.
        # shellcheck disable=SC2086 # several
        scancel --quiet ${of[user]} 2>/dev/null
      fi
    done
  elif ((++rounds % 25 == 0)); then
    # A node that does not respond never reports the end of its jobs. One that is down need not.
    for node in $(sinfo --all --noheader --Node --dead --states=completing --format=%N | sort -u); do
      scontrol update "nodename=$node" state=down reason='does not respond'
    done
  fi
  say "waiting for the end of jobs: $(printf '%s\n' "$jobs" | wc -l)"
  pause
done

# A node that was taken back gets jobs once slurmctld has heard of it, which takes up to a second.
# Nobody runs a node whose reason is that it is absent.
out=$(sinfo --all --noheader --Node --states=drain,down,fail --format='%N %E' | sed '/ absent$/d; s/ .*//' | sort -u)
[ -n "$out" ] || exit 0
for node in $out; do
  # A node that comes back by itself meanwhile cannot be taken back.
  scontrol update "nodename=$node" state=resume 2>/dev/null
done
patience=$((${EPOCHREALTIME/[.,]/} + 5000000))
while silent=$(sinfo --all --noheader --Node --dead --nodes="${out//$'\n'/,}" --format=%N | sort -u) &&
  [ -n "$silent" ] && ((${EPOCHREALTIME/[.,]/} < patience)); do
  say "waiting for nodes: ${silent//$'\n'/, }"
  pause
done
for node in $out; do
  if grep -qx "$node" <<<"$silent"; then
    scontrol update "nodename=$node" state=down reason='does not respond' || exit
  else
    printf 'node %s\n' "$node"
  fi
done
