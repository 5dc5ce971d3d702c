#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Namespaces that a host created, formatted and deleted are what they were when the emulator starts again.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99
# shellcheck source=tests/harness/emulator.sh
. "${top_srcdir:-.}/tests/harness/emulator.sh" || exit 99

socket=$tap_tmp/cntrl
device=vfio-user:$socket
mkdir "$tap_tmp/pool"
options=(--socket "$socket" --state "$tap_tmp/state" --pool "$tap_tmp/pool" --ns "size=4M,file=$tap_tmp/disk")


# 256 blocks of format 1, which has 4096 bytes; the first controller.
{
	printf '\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0'
	head -c 10 /dev/zero
	printf '\1'
	head -c 4069 /dev/zero
} >"$tap_tmp/create"
{
	printf '\1\0\1\0'
	head -c 4092 /dev/zero
} >"$tap_tmp/list"
head -c 4096 /dev/urandom >"$tap_tmp/data"

start "${options[@]}"
check "format namespace 1" nvmelab admin-passthru "$device" -O 0x80 -n 1 -4 1
check_output "create a namespace" 'result: 0x00000002' \
	nvmelab admin-passthru "$device" -O 0x0d -l 4096 -w -i "$tap_tmp/create"
check "attach it" nvmelab admin-passthru "$device" -O 0x15 -n 2 -l 4096 -w -i "$tap_tmp/list"
check "write to namespace 1" nvmelab write "$device" -n 1 -s 7 -c 0 -z 4096 -d "$tap_tmp/data"
check "write to namespace 2" nvmelab write "$device" -n 2 -s 255 -c 0 -z 4096 -d "$tap_tmp/data"
stop

start "${options[@]}"
check_output "both are there" '\]:0x2' nvmelab list-ns "$device"
check "read from namespace 1" nvmelab read "$device" -n 1 -s 7 -c 0 -z 4096 -d "$tap_tmp/read"
check "its data is there" cmp "$tap_tmp/data" "$tap_tmp/read"
check "read from namespace 2" nvmelab read "$device" -n 2 -s 255 -c 0 -z 4096 -d "$tap_tmp/read"
check "its data is there, too" cmp "$tap_tmp/data" "$tap_tmp/read"
check "delete namespace 1" nvmelab admin-passthru "$device" -O 0x0d -n 1 -4 1
stop

start "${options[@]}"
check_output "only the other one is there" '0\]:0x2' nvmelab list-ns "$device"
stop
tap_done
