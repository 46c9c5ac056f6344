#!/bin/sh
#SBATCH --mem=100T
true
