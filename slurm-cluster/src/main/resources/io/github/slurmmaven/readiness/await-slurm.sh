# Runs on the controller until Slurm can be used: await-slurm.sh WELL. Then slurmctld answers, every node works, a
# job has run on every partition, and accounting, if the cluster has it, has recorded one. WELL is an extended
# regular expression for the states of nodes that work.
#
# The first word of each line on standard output says what the rest is:
#
#   reached TEXT                what has been reached
#   waiting TEXT                what is still missing
#   missing NAME STATE VERSION  nodes that do not work yet, separated by commas; without a version, N/A
#   drained NAME STATE REASON   a node that was drained when a job had run there; ends the wait
#   failed PARTITION            where jobs fail before they begin; ends the wait
#
# Exit status 3: no wait helps, and standard error says why; 4: a node was drained; 5: jobs fail, and standard
# error is what the last of them wrote.
well=$1
said=
say() {
  if [ "$1" != "$said" ]; then
    said=$1
    printf '%s\n' "$1"
  fi
}

# Whoever starts the daemons writes here how far accounting is; without containers, in the cluster's directory.
accounting=${SLURM_CONF:+${SLURM_CONF%/config/slurm.conf}}/run/slurm-accounting.state

# A state of more than a word is why accounting will not be.
give_up_on_accounting() { # state
  case $1 in
    *' '*)
      echo "accounting: $1: correct it there, then start again" >&2
      exit 3
      ;;
  esac
}

# sinfo itself would wait a second before it tries again; ping does not.
until answer=$(scontrol ping 2>&1); do
  starting=$(cat "$accounting" 2>/dev/null || echo slurmctld)
  give_up_on_accounting "$starting"
  say "waiting $starting: $answer"
  sleep 0.05
done
say 'reached slurmctld answers'

# Without room for its state slurmctld runs, but takes no batch job.
configuration=$(scontrol show config)
state=$(printf '%s\n' "$configuration" | sed -n 's/^StateSaveLocation *= *//p')
kilobytes=$(df -Pk "$state" | sed -nE '$s/.* ([0-9]+) +[0-9]+% .*/\1/p')
if [ -n "$kilobytes" ] && [ "$kilobytes" -lt 1024 ]; then
  echo "the disk is full: slurmctld has $kilobytes kB left for its state in $state" >&2
  exit 3
fi

nodes_work() {
  # Nobody runs a node whose reason is that it is absent. The reason is the first column, as sed takes seconds to
  # find one behind hundreds of characters in thousands of lines; and columns are as wide in bytes.
  nodes=$(sinfo --all --noheader --Node --Format='Reason:64,NodeList:255,StateComplete:255,Version:255' |
    LC_ALL=C sed -E '/^absent {58}/d; s/^.{64}//; s/ +/ /g; s/ $//' | sort -u)
  # Jobs that were queued before a stop may already use the nodes again. A new node is idle as soon as it has
  # answered slurmctld. Until it has also registered, it has no version here: slurmctld believes that it has the
  # oldest release that slurmctld supports, and steps with this node lose their output.
  missing=$(printf '%s\n' "$nodes" | grep -Evi "^[^ ]+ $well [0-9]" | tr '\n' ',')
  [ -n "$nodes" ] && [ -z "$missing" ]
}

until nodes_work; do
  say "missing ${missing%,}"
  sleep 0.03
done
say "reached all nodes work: $(printf '%s\n' "$nodes" | wc -l)"

# No job before accounts are defined: Slurm removes no user from an account that has a running job.
if [ -e "$accounting" ]; then
  until state=$(cat "$accounting") && [ "$state" = ready ]; do
    give_up_on_accounting "$state"
    say 'waiting accounting: accounts are not yet defined'
    sleep 0.03
  done
fi

# A job that ran and failed does so again, unless its node was lost meanwhile.
failures=0
give_up_on_jobs() {
  case $refusal in
    *'Exited with exit code'*) failures=$((failures + 1)) ;;
    *) failures=0 ;;
  esac
  if [ "$failures" = 3 ]; then
    say "failed $partition"
    printf '%s\n' "$refusal" >&2
    exit 5
  fi
}

# slurmctld takes what was defined in turn: what it was given before this, which sets what is set already, it has then.
# In containers, the user may not send it, and slurmctld has some time.
#
# A fixed time, once in a start, as there is no state to wait for: scontrol show assoc_mgr shows neither the QOS of an
# association nor how far slurmctld is with what it was given. On a machine with ten times as many busy processes as
# processors, slurmctld had six of six updates when scontrol first looked, at most a quarter of a second later.
settled=
settle() {
  [ -z "$settled" ] && [ -e "$accounting" ] || return 0
  settled=yes
  [ -z "${SLURM_CONF-}" ] || sacctmgr --immediate modify account root set fairshare=1 >/dev/null 2>&1
  sleep 0.5
  return 1
}

# Of some partitions only others, or other accounts and QOS, may have jobs: a refusal by such a rule is Slurm's last
# word.
is_rule() {
  case $refusal in
    *'Access/permission denied'* | *'requires a reservation'* | *'Requested reservation is invalid'*) return 0 ;;
    *"Job's account not permitted"* | *"Job's QOS not permitted"* | *'Invalid account'* | *'Invalid qos'*) settle ;;
    # A job of the partition before may still count.
    *'Job violates accounting/QOS policy'*) settle && [ -z "$(squeue --noheader --name=ready)" ] ;;
    *) return 1 ;;
  esac
}

ran=
while read -r partition least; do
  # A partition whose nodes are all busy with jobs has shown what it can do.
  until refusal=$(srun --partition="$partition" --immediate=1 --nodes="$least" --ntasks="$least" --time=1 \
    --job-name=ready --chdir=/ --quiet printenv SLURM_JOB_ID 2>&1 </dev/null) && ran=$refusal ||
    [ -z "$(sinfo --noheader --partition="$partition" --Node --format=%T | grep -v allocated)" ]; do
    if is_rule; then
      say "reached partition $partition takes no job of this user: $(printf '%s' "$refusal" | tr '\n' ' ')"
      continue 2
    fi
    give_up_on_jobs
    if nodes_work; then
      say "waiting a job on partition $partition: $(printf '%s' "$refusal" | tr '\n' ' ')"
    else
      say "missing ${missing%,}"
    fi
    sleep 0.05
  done
  say "reached a job ran on partition $partition"
done < <(sinfo --all --noheader --format='%R %a %s' | sort -u | sed -nE 's/^(.*) up ([0-9]+).*/\1 \2/p')

# Clients ask slurmdbd for jobs, and slurmctld for what an account may.
if [ -e "$accounting" ]; then
  # srun may have written more than the job's number.
  ran=$(printf '%s\n' "$ran" | grep -xE '[0-9]+' | head -n 1)
  # With nojobs, slurmctld has no job recorded.
  ! printf '%s\n' "$configuration" | grep -q '^AccountingStorageEnforce .*nojobs' || ran=
  # By its number: Slurm 22.05 records the name of a short job only seconds after its end.
  recorded() {
    [ -z "$ran" ] || {
      record=$(sacct --allocations --noheader --parsable2 --jobs="$ran" --format=state 2>&1)
      printf '%s\n' "$record" | grep -qx COMPLETED
    }
  }
  # An update that reaches slurmctld before its thread for them (24.11) lies there until the next one comes: this
  # one sets what is set already.
  update=$((SECONDS + 2))
  until scontrol show assoc_mgr users="$(id -un)" flags=assoc 2>/dev/null | grep -q '^ClusterName=.* UserName='; do
    say 'waiting accounting: slurmctld does not know the user'
    if ((SECONDS >= update)); then
      sacctmgr --immediate modify account root set fairshare=1 >/dev/null 2>&1
      update=$((SECONDS + 2))
    fi
    sleep 0.03
  done
  until recorded; do
    say "waiting accounting: job $ran has not ended in sacct: $(printf '%s' "${record:-no record}" | tr '\n' ' ')"
    sleep 0.03
  done
  [ -z "$ran" ] || say 'reached accounting has recorded a job'
fi

# A job that was to run in a container must never run outside of one. A node without Pyxis, or whose
# engine forbids what enroot needs, shows it here.
if [ -n "${SLURM_PYXIS-}" ]; then
  inside() {
    srun --nodelist="$1" --partition="$2" --immediate=5 --nodes=1 --ntasks=1 --time=1 \
      --job-name=ready --chdir=/ --quiet --container-image=/usr/local/share/slurm/inside.sqsh \
      sh -c '[ -e /etc/slurm-inside ] || { echo "the job ran outside of its container" >&2; exit 1; }' 2>&1
  }
  pids=
  while read -r node partition; do
    {
      said=$(inside "$node" "$partition") ||
        [ "$(sinfo --noheader --nodes="$node" --format=%T | head -n 1)" = allocated ] || {
        printf 'jobs in containers do not run on node %s: %s\n' "$node" "$said" >&2
        exit 1
      }
    } &
    pids="$pids $!"
  done < <(sinfo --noheader --Node --format='%N %R' | sort -u -k1,1)
  for pid in $pids; do
    wait "$pid" || exit 1
  done
  say "reached a job ran in a container on every node"
fi

# The PBS commands load Slurm's libraries themselves, and must be of the release that runs.
if [ -n "${SLURM_PBS-}" ]; then
  for command in qsub qstat qdel; do
    command -v "$command" >/dev/null || {
      echo "the PBS commands are missing: there is no $command in the image. Install slurm-wlm-torque there," \
        'or leave image or pbsCommands out' >&2
      exit 3
    }
  done
  # Without a name it would exit with 153 where there is no job.
  said=$(qstat -Q 2>&1) || {
    printf 'the PBS commands do not work: qstat -Q answers: %s\n' "$said" >&2
    exit 3
  }
  say 'reached the PBS commands work'
fi

# The job's end must not hide a free node from the first test.
while [ -n "$(sinfo --all --noheader --Node --states=completing --format=%N)" ]; do
  sleep 0.02
done

# A node whose epilog fails is drained once the job has ended.
until nodes_work; do
  drained=$(sinfo --all --noheader --Node --states=drain \
    --Format='NodeList:255,StateComplete:255,Reason:1023' | sed -E 's/ +/ /g' | sort -u | head -n 1)
  if [ -n "$drained" ]; then
    say "drained $drained"
    exit 4
  fi
  say "missing ${missing%,}"
  sleep 0.03
done
