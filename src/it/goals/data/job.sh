#!/bin/bash
#SBATCH --time=5
echo "first line of $SLURM_JOB_NAME with $*"
srun printenv SLURMD_NODENAME
echo "last line" >&2
