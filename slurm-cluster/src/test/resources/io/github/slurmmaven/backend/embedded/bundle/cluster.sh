#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# cluster.sh BUNDLE DIRECTORY PORT: a cluster of two nodes by hand, with jobs of each kind. Prints what
# the jobs print, and each socket on which one of its processes listens. Needs no more than a shell,
# to run in the barest of containers.
# shellcheck disable=SC2016 # what is for the shells of jobs
set -eu
bundle=$1 directory=$2 port=$3
PATH=$bundle/bin:$PATH
mkdir -p "$directory"
chmod 700 "$directory"
cd "$directory"
mkdir -p state log spool/n1 spool/n2 run
user=$(id -un)
read -r host </proc/sys/kernel/hostname

(umask 077 && head -c 1024 /dev/urandom >munge.key)
cat >slurm.conf <<CONF
ClusterName=bundle
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=$port
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo="socket=$directory/run/munge.sock"
CredType=cred/munge
PluginDir="$bundle/lib/slurm"
StateSaveLocation="$directory/state"
SlurmdSpoolDir="$directory/spool/%n"
SlurmctldPidFile="$directory/run/slurmctld.pid"
SlurmdPidFile="$directory/run/slurmd-%n.pid"
SlurmctldLogFile="$directory/log/slurmctld.log"
SlurmdLogFile="$directory/log/slurmd-%n.log"
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=10
SlurmdParameters=config_overrides
ReturnToService=2
MpiDefault=none
Epilog=/bin/true
MailProg=/bin/true
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0
NodeName=n1 NodeHostname=${host%%.*} NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=4 RealMemory=1000
NodeName=n2 NodeHostname=${host%%.*} NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=4 RealMemory=1000
PartitionName=cpu Nodes=n[1-2] Default=YES State=UP
CONF
# As the plugin renders it: otherwise slurmd asks the machine's systemd for a cgroup.
case $(slurmctld -V) in
  *' 22.'*) echo CgroupPlugin=cgroup/v1 ;;
  *) echo CgroupPlugin=disabled ;;
esac >cgroup.conf
export SLURM_CONF="$directory/slurm.conf"

await() { # what, command...
  what=$1 tries=0
  shift
  until "$@"; do
    tries=$((tries + 1))
    if [ $tries -eq 1200 ]; then
      echo "not $what after a minute"
      tail -n 5 log/*
      exit 1
    fi
    sleep 0.05
  done
}
has_controller() { grep -qs "Running as primary controller" log/slurmctld.log; }
is_idle() { [ "$(sinfo -h -o '%T %D')" = "idle 2" ]; }
is_over() { [ -z "$(squeue -h)" ]; }

munged -F --force --num-threads=2 --socket="$directory/run/munge.sock" \
  --key-file="$directory/munge.key" --pid-file="$directory/run/munged.pid" \
  --seed-file="$directory/run/munge.seed" --log-file="$directory/log/munged.log" 2>log/munged.err &
daemons=$!
trap 'kill $daemons; wait' EXIT
await "a munge socket" test -S run/munge.sock
slurmctld -D -i >log/slurmctld.out 2>&1 &
daemons="$daemons $!"
await "a controller" has_controller
for node in n1 n2; do
  slurmd -D -N $node -d "$bundle/bin/slurmstepd" >log/$node.out 2>&1 &
  daemons="$daemons $!"
done
await "idle" is_idle

srun -N2 sh -c 'echo "srun on $SLURMD_NODENAME, preload <${LD_PRELOAD-}>, library path <${LD_LIBRARY_PATH-}>"'
sbatch -Q -o batch.out --wrap 'echo "batch $(srun echo step)"'
stay=': >run/$0; until [ -e run/looked ]; do sleep 0.05; done'
srun sh -c "$stay" srun &
salloc -Q srun -n1 sh -c "$stay" salloc &
await "running" test -e run/srun
await "running" test -e run/salloc

# Of the machine's listening sockets, each that one of our processes has.
listening=$(cat /proc/net/tcp /proc/net/tcp6 |
  while read -r _ address _ state _ _ _ _ _ inode _; do
    if [ "$state" = 0A ]; then
      echo "$inode $address"
    fi
  done)
for process in /proc/[0-9]*; do
  read -r name <"$process/comm" || continue
  case $name in
    munged | slurmctld | slurmd | slurmstepd* | srun | salloc) ;;
    *) continue ;;
  esac
  # Its environment says whether it is one of this cluster.
  grep -qs "SLURM_CONF=$SLURM_CONF" "$process/environ" || continue
  for file in "$process"/fd/*; do
    socket=$(readlink "$file") || continue
    case $socket in
      socket:*) ;;
      *) continue ;;
    esac
    socket=${socket#*[}
    echo "$listening" | sed -n "s/^${socket%]} /$name listens on /p"
  done
done 2>/dev/null
: >run/looked
await "over" is_over
cat batch.out
echo "json: $(squeue --json | tr -d ' \n' | head -c 8)" # {"jobs": or {"meta":
