#!/usr/bin/env bash
# Everything that is to be known on a machine with a GPU (Linux, NVIDIA or any with a Vulkan driver):
# is it found, is what it computes right, how fast is it at 64x80 and 256x320, and how fast is PyTorch
# on the same card in the same run. Prints a markdown table, for docs/reports/benchmarks.md.
#
#   bench/gpu.sh [--sizes 64x80,256x320] [--batch 32] [--recipe tutorial] [--rounds 3]
#                [--rungs tensorflow,webgpu] [--no-tests] [--no-torch] [--out gpu.md]
#
# Needs the built program (npm run setup). For WebGPU: the Vulkan loader (libvulkan1) and the driver's
# own file that the loader reads (NVIDIA: nvidia_icd.json, part of the driver; containers need
# NVIDIA_DRIVER_CAPABILITIES=all, or at least graphics,compute,utility). For the peer: a python3 with a
# PyTorch that sees the card (PYTHON=... names another). NERVEFLOW_WEBGPU_SOFTWARE=1 runs all of it on
# a software adapter, which only shows that it runs: say --sizes 16x16 --batch 2 --recipe fast then.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$(uname)" = Linux ] && [ "${NERVEFLOW_WEBGPU_SOFTWARE:-}" != 1 ] &&
  ! ldconfig -p | grep -q 'libvulkan\.so\.1'; then
  echo 'The Vulkan loader is missing; trying to install libvulkan1.' >&2
  apt-get install -y --no-install-recommends libvulkan1 >&2 ||
    echo 'It could not be installed: webgpu will say that it is missing.' >&2
fi
exec node bench/gpu/table.mjs "$@"
