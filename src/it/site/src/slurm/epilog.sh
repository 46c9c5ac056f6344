#!/bin/sh
# Takes back what the prolog has made.
rm -f "/tmp/it-site-$SLURM_JOB_ID-$SLURM_JOB_UID"
