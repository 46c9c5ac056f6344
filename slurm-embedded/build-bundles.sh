#!/usr/bin/env bash
# Makes the bundles of several releases of Slurm side by side:
#   build-bundles.sh DIRECTORY RELEASE...
#
# puts those of each release, as build-bundle.sh makes them, into DIRECTORY/RELEASE/$BUNDLE_RESOURCES. They are for
# BUNDLE_PROCESSOR, x86_64 or aarch64; without it, for this machine's processor.
set -euo pipefail

readonly directory=$1
makers=()
for release in "${@:2}"; do
  "${BASH_SOURCE[0]%/*}/build-bundle.sh" "$release" "$directory/$release/$BUNDLE_RESOURCES" \
    ${BUNDLE_PROCESSOR:+"$BUNDLE_PROCESSOR"} &
  makers+=($!)
done
status=0
for maker in "${makers[@]}"; do
  wait "$maker" || status=$?
done
exit "$status"
