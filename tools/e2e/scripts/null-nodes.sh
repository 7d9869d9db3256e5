#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes a null device for each file below ROOT/dev: at the same path below HOST, or in the place of the file where HOST is ROOT.
#
#   null-nodes.sh ROOT HOST
#
# Needs sh, find, stat and mknod, as in busybox, and CAP_MKNOD. Nothing that is there and no null device is touched.
set -eu

root=$1
host=$2

find "$root/dev" -type f | while read -r file; do
  node=$host/dev/${file#"$root/dev/"}
  if [ "$node" = "$file" ]; then rm "$file"; fi
  if [ -e "$node" ]; then
    # Major and minor number of /dev/null in hexadecimal. Source: Linux, Documentation/admin-guide/devices.txt.
    if [ -c "$node" ] && [ "$(stat -c %t:%T "$node")" = 1:3 ]; then continue; fi
    echo "null-nodes.sh: $node is there, and is no null device: run this on a node that has no such hardware" >&2
    exit 1
  fi
  mkdir -p "$(dirname "$node")"
  mknod -m 666 "$node" c 1 3
done
