#!/bin/bash
# As enroot's hook of this name, wants the driver's tool for an image that asks for GPUs.
if grep -qs '^NVIDIA_VISIBLE_DEVICES=' "$ENROOT_ENVIRON" && ! command -v nvidia-container-cli >/dev/null; then
  echo "[ERROR] Command not found: nvidia-container-cli" >&2
  exit 1
fi
