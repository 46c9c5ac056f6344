#!/bin/sh
#SBATCH --output=never.out
echo It has run
