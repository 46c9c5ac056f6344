# Runs on the controller: shows the kinds of records that the arguments name, as ScontrolRecord wants
# them.
export SLURM_TIME_FORMAT=%s
for kind; do
  case $kind in
    version) scontrol --version || exit ;;
    *) scontrol --all --details --oneliner show "$kind" || exit ;;
  esac
done
