# Stands before scripts that need slurmctld. Exit status 75: it does not answer, and standard error
# says how. Other commands would try for a minute, or for ten seconds if slurmctld hangs.
answer=$(timeout 3 scontrol ping 2>&1)
case $? in
  0) ;;
  124)
    echo 'slurmctld does not answer within 3 s' >&2
    exit 75
    ;;
  *)
    printf '%s\n' "$answer" >&2
    exit 75
    ;;
esac
