#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# tools/first-run.sh: what a stranger sees first.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99

first_run=${top_srcdir:-.}/tools/first-run.sh
export NVMELAB_BUILD=${top_builddir:-${top_srcdir:-.}/build}
export TMPDIR=$tap_tmp

check "it succeeds" bash "$first_run"
cp "$tap_tmp/out" "$tap_tmp/said"
check_file "it says what the drive is" 'controller +nvmelab controller, serial number NVMELAB0001' "$tap_tmp/said"
check_file "it says how large it is" 'namespace +1: 131072 blocks of 512 bytes' "$tap_tmp/said"
check_file "it wrote and compared 16 MiB at depth 32" '16 MiB written .* read back .* depth 32.* every byte is right$' "$tap_tmp/said"
for event in db.sq sqe.fetch cmd.execute prp.list prp.resolved media xfer.out cqe.post irq.raise db.cq; do
	check_file "the life of a read has ${event/./\\.}" "(host|controller) +${event/./\\.} " "$tap_tmp/said"
done
check_file "the completion has its phase" 'posts slot 0 of CQ 1: CID [0-9]+, phase 1, ' "$tap_tmp/said"
check_file "it says where to go next" '^  \./run nvmelab help ' "$tap_tmp/said"
check "no line is wider than a wide terminal" sh -c '! grep -E "^.{121}" "$1"' sh "$tap_tmp/said"
check "it leaves nothing behind" sh -c '[ -z "$(ls -d "$1"/nvmelab.* 2>/dev/null)" ]' sh "$tap_tmp"

# What the README shows is what is printed, but for speeds, times, addresses and contents.
alike() { sed -E 's/[0-9.]+ [KMG]iB\/s/SPEED/g; s/^ +([0-9.]+ [mu]?s )?/ /; s/0x[0-9a-f]{7,}/ADDRESS/g; s/CRC-64 [0-9a-f]+/CRC/; s/ +/ /g; /^$/d' "$1"; }
sed '/^Next$/,$d' "$tap_tmp/said" >"$tap_tmp/shown"
awk '/^An NVMe drive that is a process/ { inside = 1 } /^```/ { inside = 0 } inside' "${top_srcdir:-.}/README.md" >"$tap_tmp/readme"
alike "$tap_tmp/shown" >"$tap_tmp/shown.alike"
alike "$tap_tmp/readme" >"$tap_tmp/readme.alike"
check "it is what the README shows" diff "$tap_tmp/readme.alike" "$tap_tmp/shown.alike"

NVMELAB_BUILD=$tap_tmp/none check_status "without programs it says how to get them" 3 bash "$first_run"
check_file "by name" "'./quickstart run' builds it" "$tap_tmp/err"

# An emulator that cannot start is loud: its words are shown.
mkdir "$tap_tmp/broken"
cp "$NVMELAB_BUILD/config.status" "$tap_tmp/broken/" 2>/dev/null
printf '#!/bin/sh\necho "no such luck" >&2\nexit 3\n' | tee "$tap_tmp/broken/nvmelab" >"$tap_tmp/broken/nvmelab-emulator"
chmod +x "$tap_tmp/broken/nvmelab" "$tap_tmp/broken/nvmelab-emulator"
NVMELAB_BUILD=$tap_tmp/broken check_status "an emulator that does not start is a failure" 1 bash "$first_run"
check_file "with what it said" '^  no such luck$' "$tap_tmp/err"
tap_done
