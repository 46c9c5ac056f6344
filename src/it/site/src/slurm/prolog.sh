#!/bin/sh
# Prepares the node for a job.
echo prepared > "/tmp/it-site-$SLURM_JOB_ID-$SLURM_JOB_UID"
