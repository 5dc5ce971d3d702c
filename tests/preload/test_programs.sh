#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Unmodified programs use a device of another process, and one of their own, as /dev/nvme0 and /dev/nvme0n1.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99
# shellcheck source=tests/harness/emulator.sh
. "${top_srcdir:-.}/tests/harness/emulator.sh" || exit 99

build=${top_builddir:-build}
export NVMELAB_PRELOAD=$build/.libs/libnvmelab-preload.so
model=$build/tests/preload/model
submit=$build/tests/preload/submit_io
cd "$tap_tmp" || exit 99

with() { nvmelab with vfio-user:cntrl -- "$@"; }

start --socket cntrl --ns size=64M --ns size=8M,lba=4096

# A program of fifty lines.
check_output "an admin command passes" '^model: nvmelab controller' with "$model" /dev/nvme0
check_output "without a device there is an emulator in the process" '^model: nvmelab controller' \
	nvmelab with -- "$model" /dev/nvme0
check_status "the wrong ioctl fails" 1 nvmelab with -- "$model" /dev/nvme0 io
check_output "as in Linux" '^errno: EINVAL' sh -c "nvmelab with -- $model /dev/nvme0 io || true"
check_output "and says why" 'NVME_IOCTL_ADMIN_CMD' \
	sh -c "nvmelab with -- $model /dev/nvme0 io 2>&1 || true"

# Errors of "with" itself.
check_status "a program is needed" 2 nvmelab with vfio-user:cntrl
check_status "a program that there is not" 3 nvmelab with -- ./no-such-program
check_status "a library that there is not" 3 env NVMELAB_PRELOAD=./none nvmelab with -- true
check_status "the exit code is the program's" 7 with sh -c 'exit 7'
check_output "through a controller with two namespaces it is not clear which one is meant" 'errno: EINVAL' \
	sh -c "nvmelab with vfio-user:cntrl -- $model /dev/nvme0 io || true"
check_status "a device that does not answer" 3 nvmelab with vfio-user:nowhere -- "$model" /dev/nvme0
check_output "is explained" 'nowhere: No such file or directory' \
	sh -c "nvmelab with vfio-user:nowhere -- $model /dev/nvme0 2>&1 || true"

# Data, by coreutils: whole blocks or not.
head -c 100000 /dev/urandom >data
check "dd writes" with dd if=data of=/dev/nvme0n1 bs=9999 seek=1 conv=notrunc,fsync status=none
check "dd reads" with dd if=/dev/nvme0n1 of=back bs=9999 skip=1 count=11 iflag=fullblock status=none
check "every byte is right" cmp -n 100000 data back
check "nvmelab reads the same" sh -c "nvmelab read vfio-user:cntrl -s 0 -c 15 -z 8192 -d first &&
	nvmelab with vfio-user:cntrl -- dd if=/dev/nvme0n1 of=second bs=8192 count=1 status=none &&
	cmp first second"
check "the other namespace has blocks of 4096 bytes" with dd if=data of=/dev/nvme0n2 bs=5000 conv=notrunc status=none
check "cat reads it" sh -c 'nvmelab with vfio-user:cntrl -- cat /dev/nvme0n2 | cmp -n 100000 - data'
check_output "blockdev knows its size" '^8388608$' with blockdev --getsize64 /dev/nvme0n2
check_output "blockdev knows its blocks" '^4096$' with blockdev --getss /dev/nvme0n2
check "blkdiscard deallocates" with blkdiscard /dev/nvme0n2
check "and it reads zeros" sh -c 'nvmelab with vfio-user:cntrl -- cat /dev/nvme0n2 | cmp -n 8388608 - /dev/zero'
check "mkfs.ext4 makes a file system" with mkfs.ext4 -q -F /dev/nvme0n1
check "fsck finds it in order" with fsck.ext4 -f -n /dev/nvme0n1

if command -v nvme >/dev/null; then
	check_output "nvme id-ctrl" '^mn  *: nvmelab controller' with nvme id-ctrl /dev/nvme0
	check_output "nvme id-ns" '^nsze  *: 0x20000' with nvme id-ns /dev/nvme0n1
	check_output "nvme smart-log" '^percentage_used' with nvme smart-log /dev/nvme0
	check_output "nvme get-feature" 'Current value' with nvme get-feature /dev/nvme0 -f 4
	check "nvme format" with nvme format /dev/nvme0n2 --lbaf=0 --force
	check_output "the namespace has the new blocks at once" '^512$' with blockdev --getss /dev/nvme0n2
	check "nvme write" with nvme write /dev/nvme0n2 -s 3 -c 1 -z 1024 -d data
	check "nvme compare" with nvme compare /dev/nvme0n2 -s 3 -c 1 -z 1024 -d data
	check_status "nvme compare finds a difference" 1 with nvme compare /dev/nvme0n2 -s 4 -c 1 -z 1024 -d data
	check "nvme reset" with nvme reset /dev/nvme0
else
	skip "nvme-cli" "nvme is not installed (Debian: nvme-cli)"
fi
if command -v smartctl >/dev/null; then
	check_output "smartctl finds it healthy" 'test result: PASSED' with smartctl -a /dev/nvme0
	check "smartctl starts a self-test" with smartctl -t short /dev/nvme0
else
	skip "smartctl" "smartctl is not installed (Debian: smartmontools)"
fi
if command -v fio >/dev/null; then
	for engine in psync pvsync2 sync; do
		check "fio verifies what it wrote, with $engine" with fio --name=all --filename=/dev/nvme0n1 \
			--rw=randrw --bs=512-16k --bs_unaligned --size=4M --verify=crc32c --ioengine=$engine
	done
else
	skip "fio" "fio is not installed (Debian: fio)"
fi
stop

# NVM 1.0 4.1.5.2: what a controller takes at most of one command.
start --socket cntrl --controller wzsl=1,dmrsl=100,dmsl=60,dmrl=1 --ns size=8M
check "dd fills" sh -c 'tr "\\0" x </dev/zero | head -c 8388608 >full &&
	nvmelab with vfio-user:cntrl -- dd if=full of=/dev/nvme0n1 bs=1M conv=notrunc status=none'
check "zeros within a limit of 8 KiB" with fallocate -n -z -o 512 -l 1048576 /dev/nvme0n1
check "are there" sh -c 'nvmelab with vfio-user:cntrl -- dd if=/dev/nvme0n1 of=back bs=512 count=2050 status=none &&
	cmp -n 512 back full && cmp -n 1048576 -i 512:0 back /dev/zero && cmp -i 1049088 back full -n 512'
check "ranges of 60 blocks are discarded" with blkdiscard -o 4194304 -l 1048576 /dev/nvme0n1
check "all of them" sh -c 'nvmelab with vfio-user:cntrl -- dd if=/dev/nvme0n1 of=back bs=1M skip=3 count=3 status=none &&
	cmp -n 1048576 back full && cmp -n 1048576 -i 1048576:0 back /dev/zero && cmp -i 2097152 back full -n 1048576'
stop

# Metadata, NVM 1.0 5.2: the controller inserts and strips what is protection information alone; of other metadata a
# program that knows of bytes only would lose some, or take them for data.
start --socket cntrl --ns size=8M,ms=8,pi=1 --ns size=8M,ms=8,pi=1,meta=extended --ns size=8M,ms=16,pi=1,meta=extended \
	--ns size=8M,ms=8 --ns size=8M,ms=8,meta=extended
for nsid in 1 2; do
	check "dd writes to namespace $nsid with protection information" \
		with dd if=data of=/dev/nvme0n$nsid bs=9999 seek=1 conv=notrunc,fsync status=none
	check "dd reads from it" with dd if=/dev/nvme0n$nsid of=back bs=9999 skip=1 count=11 iflag=fullblock status=none
	check "every byte is right in namespace $nsid" cmp -n 100000 data back
	check "the blocks of namespace $nsid are those that were written" \
		sh -c "nvmelab read vfio-user:cntrl -n $nsid -s 0 -c 31 -z 16384 -p 8 -d blocks &&
			tail -c +10000 blocks | cmp -n 6385 - data"
	check "zeros in namespace $nsid have their tuples" sh -c "nvmelab with vfio-user:cntrl -- \
			fallocate -n -z -o 4096 -l 4096 /dev/nvme0n$nsid &&
		nvmelab read vfio-user:cntrl -n $nsid -s 8 -c 7 -z 4096 -p 15 --ref-tag=8 -d blocks &&
		cmp -n 4096 blocks /dev/zero"
done
for nsid in 3 4 5; do
	check_status "namespace $nsid with other metadata is not read" 1 \
		with dd if=/dev/nvme0n$nsid of=back bs=512 count=1 status=none
	check_file "the program hears EIO for namespace $nsid" 'Input/output error' "$tap_tmp/err"
	check_file "and people why" "^nvmelab: /dev/nvme0n$nsid: metadata of (8|16) bytes a block, which are not" "$tap_tmp/err"
	check_status "nor is it written" 1 with dd if=data of=/dev/nvme0n$nsid bs=512 count=1 conv=notrunc status=none
	check_output "it has no bytes" '^0$' with blockdev --getsize64 /dev/nvme0n$nsid
done
check "and keeps those that it has" sh -c 'nvmelab read vfio-user:cntrl -n 5 -s 0 -c 0 -d blocks &&
	cmp -n 520 blocks /dev/zero'
# NVME_IOCTL_SUBMIT_IO knows the format of the namespace; 0x2000 is PRACT, NVM 1.0 5.2.2.
check_output "submitted with the tuple stripped" '^same$' with "$submit" /dev/nvme0n1 512 0 0x2000
check_output "also where it is with the data" '^same$' with "$submit" /dev/nvme0n2 512 0 0x2000
check_output "no metadata are stripped that are not to be" '^errno: EINVAL$' with "$submit" /dev/nvme0n1 512 8 0x2000
check_output "with metadata in the data" '^same$' with "$submit" /dev/nvme0n3 528 0 0
check_output "with metadata beside the data" '^same$' with "$submit" /dev/nvme0n4 512 8 0
check_output "metadata need memory" '^errno: EINVAL$' with "$submit" /dev/nvme0n4 512 0 0
check_output "every byte of a longer block" '^same$' with "$submit" /dev/nvme0n5 520 0 0
if command -v nvme >/dev/null; then
	check "a format without metadata" with nvme format /dev/nvme0n3 --lbaf=0 --force
	check "makes it a disk" with dd if=data of=/dev/nvme0n3 bs=9999 conv=notrunc,fsync status=none
fi
stop
tap_done
