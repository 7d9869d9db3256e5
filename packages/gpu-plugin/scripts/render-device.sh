#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Names the render node of an Intel GPU that this container may use. Media programs (VA-API, oneVPL in some) open /dev/dri/renderD128
# unless they are told, and the kubelet may have given the container another one.
#
#   render-device.sh N                        prints the node of the Nth GPU, 1 to 127
#   render-device.sh [N] program option...    runs the program with the node behind its options; N is 1 if left out
#   render-device.sh                          prints how many GPUs there are, and exits 1: nothing was asked for
#
# Needs nothing but sh. RENDER_DEVICE_ROOT is put before /dev and /sys, for tests.
set -eu

root=${RENDER_DEVICE_ROOT:-}
name=${0##*/}

fail() {
  echo "$name: $1" >&2
  cat >&2 <<USAGE
Usage:
  $name N                      print the render node of the Nth Intel GPU (1 to 127) that can be written to
  $name [N] PROGRAM OPTION...  run PROGRAM with that node as its last argument; N is 1 if left out
Examples:
  vainfo --display drm --device "\$($name 1)"
  $name vainfo --display drm --device
USAGE
  exit 1
}

# Sets device to the node of the GPU with number $1, and found to how many there are up to it.
find_device() {
  found=0
  minor=128
  while [ "$minor" -le 255 ]; do
    device=/dev/dri/renderD$minor
    if is_intel "$minor" && [ -w "$root$device" ]; then
      found=$((found + 1))
      if [ "$found" -eq "$1" ]; then return 0; fi
    fi
    minor=$((minor + 1))
  done
  return 1
}

is_intel() {
  vendor=
  file=$root/sys/class/drm/renderD$1/device/vendor
  if [ -r "$file" ]; then read -r vendor <"$file" || :; fi
  [ "$vendor" = 0x8086 ]
}

if [ $# -eq 0 ]; then
  find_device 128 || :
  fail "$found Intel GPU(s) found; say which one or what to run"
fi

number=1
case $1 in
  *[!0-9]* | '') ;;
  *)
    number=$1
    shift
    # More digits than a shell can count with are too many, too.
    if [ "${#number}" -gt 3 ] || [ "$number" -lt 1 ] || [ "$number" -gt 127 ]; then
      fail "GPU number $number is not from 1 to 127"
    fi
    ;;
esac

find_device "$number" || fail "$found Intel GPU(s) found, not $number"

if [ $# -eq 0 ]; then
  echo "$device"
  exit 0
fi
if [ $# -lt 2 ]; then fail 'the program, or its option that names the GPU, is missing'; fi
echo "Running: $* $device" >&2
exec "$@" "$device"
