#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A namespace on a network block device server, nbdkit, that is killed and started again under it.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99
# shellcheck source=tests/harness/emulator.sh
. "${top_srcdir:-.}/tests/harness/emulator.sh" || exit 99

if ! command -v nbdkit >/dev/null; then
	[ -z "${CI:-}" ] || bail_out "nbdkit is not installed (Debian: nbdkit)"
	skip_all "nbdkit is not installed"
fi
socket=$tap_tmp/cntrl
device=vfio-user:$socket
uri="nbd+unix:///?socket=$tap_tmp/nbd"

# serve: starts a server, which listens when it returns: then it writes the file. unserve: kills it.
serve()
{
	local end=$((SECONDS + 60))
	rm -f "$tap_tmp/nbd" "$tap_tmp/nbdkit.pid"
	nbdkit --foreground --unix "$tap_tmp/nbd" --pidfile "$tap_tmp/nbdkit.pid" file "$tap_tmp/disk" </dev/null >/dev/null 2>&1 &
	nbdkit=$!
	until [ -s "$tap_tmp/nbdkit.pid" ]; do
		if [ "$SECONDS" -ge "$end" ] || ! kill -0 "$nbdkit" 2>/dev/null; then
			bail_out "nbdkit does not start"
		fi
	done
}
unserve()
{
	kill -9 "$nbdkit"
	wait "$nbdkit" 2>/dev/null
}
# shellcheck disable=SC2016 # evaluated at the end
tap_at_exit 'kill -9 "${nbdkit:-}" 2>/dev/null'

truncate -s 64M "$tap_tmp/disk"
serve
start --socket "$socket" --ns "nbd=$uri"
check_output "a namespace is as large as the export" '^nsze +: 0x20000' nvmelab id-ns "$device" -n 1
head -c 65536 /dev/urandom >"$tap_tmp/data"
check "write" nvmelab write "$device" -s 3 -c 127 -d "$tap_tmp/data"
check "read" nvmelab read "$device" -s 3 -c 127 -d "$tap_tmp/read"
check "what was written is read" cmp "$tap_tmp/data" "$tap_tmp/read"
check "flush" nvmelab flush "$device"
check "it is in the export" cmp -n 65536 -i 1536:0 "$tap_tmp/disk" "$tap_tmp/data"
check_output "check-io, polled" 'every byte is right$' nvmelab check-io "$device" --size 4M
check_output "check-io, with interrupts" 'every byte is right$' nvmelab check-io "$device" --size 4M --interrupts -b 64K

# A server that goes comes back, and nobody notices but by the time it takes.
unserve
nvmelab write "$device" -s 1000 -c 127 -d "$tap_tmp/data" >"$tap_tmp/out" 2>&1 &
writer=$!
serve
status=0
wait "$writer" || status=$?
if [ "$status" -eq 0 ]; then ok "a write outlives the server"; else not_ok "a write outlives the server" "$(cat "$tap_tmp/out")"; fi
check "so does a read" nvmelab read "$device" -s 1000 -c 127 -d "$tap_tmp/read"
check "and the data" cmp "$tap_tmp/data" "$tap_tmp/read"
# written: how many bytes the server has written. Then: until it has written another MiB, or perf has ended.
written() { awk '/^wchar/ { print $2 }' "/proc/$nbdkit/io"; }
before=$(written)
nvmelab perf "$device" --time 2 --size 4M --pattern randrw --verify >"$tap_tmp/perf" 2>&1 &
perf=$!
while [ "$(written)" -lt $((before + 1048576)) ] && kill -0 "$perf" 2>/dev/null; do :; done
unserve
serve
status=0
wait "$perf" || status=$?
if [ "$status" -eq 0 ]; then ok "a server is replaced under load"; else not_ok "a server is replaced under load" "$(tail -n 5 "$tap_tmp/perf")"; fi
nvmelab flush "$device" >/dev/null 2>&1 # may fail: what the first server had answered was not flushed
check "flushes work again" nvmelab flush "$device"
unserve
stop
if [ "$status" -eq 0 ]; then ok "the emulator ends without a server"; else not_ok "the emulator ends without a server" "status $status"; fi

# With a virtual clock every request is done before its message is answered.
serve
start --socket "$socket" --clock virtual --ns "nbd=$uri,size=32M"
check_output "check-io under a virtual clock" 'every byte is right$' nvmelab check-io "$device" --size 1M
stop
unserve

check_status "no server is an error of the environment" 3 nvmelab-emulator --socket "$socket" --ns "nbd=$uri"
check_file "that names it" "^nvmelab-emulator: nbd $(printf %s "$uri" | sed 's/[+?.]/\\&/g'): " "$tap_tmp/err"
check_status "a file and an export are one too many" 2 nvmelab-emulator --socket "$socket" --ns "nbd=$uri,file=$tap_tmp/disk"
tap_done
