#!/bin/bash
echo "job $SLURM_JOB_NAME will end with $1"
exit "$1"
