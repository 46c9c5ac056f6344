#!/bin/sh
echo a job ran on $(hostname)
