#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# One subsystem with two controllers is one disk with two paths for Linux's own multipath: I/O goes on, without an
# error, while the host says by which of them it may go.
. "${top_srcdir:-.}/tests/guest/host.sh"

# path N: the kernel's name of controller N (from 0), which has the CNTLID after it.
path()
{
	local file
	for file in /sys/class/nvme/*/cntlid; do
		[ "$(cat "$file")" != $(($1 + 1)) ] || basename "$(dirname "$file")"
	done
}

state() { cat /sys/class/nvme/"$(path "$1")"/nvme*c*n1/ana_state; }
state_is() { [ "$(state "$1")" = "$2" ]; }

# written N: write commands that went by path N.
written() { awk '{ print $5 }' /sys/class/nvme/"$(path "$1")"/nvme*c*n1/stat; }
more_written() { [ "$(written "$1")" -gt $(($2 + 50)) ]; }

# only_by N OTHER: write commands go by path N, and none meanwhile by the other.
only_by()
{
	local before other
	other=$(written "$2")
	before=$(written "$1")
	wait_for 60 more_written "$1" "$before" && [ "$(written "$2")" = "$other" ]
}

# uses NAME N OTHER: I/O goes by path N and not by the other, as soon as what was under way there is done.
uses() { check "$1: I/O goes by path $2, and none by path $3" wait_for 60 only_by "$2" "$3"; }

# ana N STATE
ana()
{
	host ana "$1" "$2"
	check "path $1 becomes $2" wait_for 60 state_is "$1" "$2"
}

# manage N WORD...: the other controller manages the migration of N, by nvme-cli's plugin.
manage()
{
	local n=$1 command=$2
	shift 2
	nvme lm "$command" "/dev/$(path $((1 - n)))" --cntlid=$((n + 1)) "$@"
}

# stand_still N: I/O by path N, the only one, waits while the controller is suspended.
stand_still()
{
	uses "before it is suspended" "$1" $((1 - $1))
	check "lm migration-send suspends path $1" manage "$1" migration-send --sel=0 --stype=1
	manage "$1" migration-recv --sel=0 --csvi=1 --numd=1023 >/run/state
	check "lm migration-recv says so" grep -q 'Controller Suspended' /run/state
	check "lm migration-send of a notification is refused now, and nothing is written meanwhile" \
		wait_for 20 refuses_and_rests "$1"
	check "lm migration-send resumes path $1" manage "$1" migration-send --sel=1
	uses "after that" "$1" $((1 - $1))
}

# refuses_and_rests N: commands are counted when the kernel has seen that they are complete.
refuses_and_rests()
{
	local before
	before=$(written "$1")
	! manage "$1" migration-send --sel=0 && [ "$(written "$1")" = "$before" ]
}

# set_again N: the I/O queues of path N, which nobody uses, are made once more of their state. The plugin of nvme-cli 2.13
# closes its input file twice and dies of that, so the command goes by hand.
set_again()
{
	check "lm migration-send suspends path $1" manage "$1" migration-send --sel=0 --stype=1
	check "lm migration-recv takes its state" \
		manage "$1" migration-recv --sel=0 --csvi=1 --numd=1023 --output-file=/run/state
	check "Migration Send sets it" nvme admin-passthru "/dev/$(path $((1 - $1)))" --opcode=0x41 --cdw10=0x30002 \
		--cdw11=$(($1 + 1)) --cdw15=1023 --data-len=4092 --input-file=/run/state --write
	check "lm migration-send resumes path $1" manage "$1" migration-send --sel=1
}

# exercise DISK: fio writes and verifies, again and again.
exercise()
{
	while [ ! -e /run/stop ]; do
		fio --name=verify --allow_file_create=0 --filename="/dev/$1" --direct=1 --rw=randwrite --bs=8k --iodepth=16 \
			--ioengine=libaio --size=8m --verify=crc32c --verify_fatal=1 >/run/fio 2>&1 || return 1
		echo >>/run/rounds
	done
}

inside()
{
	local fio round disk
	same "two controllers" 'nvme0 nvme1' "$(ls /sys/class/nvme | words)"
	same "one subsystem" 1 "$(ls /sys/class/nvme-subsystem | wc -l)"
	same "one disk" 1 "$(nvme list -o json | jq '.Devices | length')"
	disk=$(basename /sys/class/nvme-subsystem/nvme-subsys*/nvme*n1)
	nvme list-subsys "/dev/$disk" -o json >/run/subsys
	same "list-subsys shows two paths and their states" 'live live optimized optimized' \
		"$(jq -r '[.. | .Paths? | select(.) | .[]] | [.[].State, .[].ANAState] | join(" ")' /run/subsys)"
	check "ana-log" nvme ana-log "/dev/$(path 0)"
	exercise "$disk" &
	fio=$!
	ana 1 non-optimized
	uses "path 1 is the slow one" 0 1
	for round in 1 2; do
		ana 0 inaccessible
		uses "round $round, path 0 lost" 1 0
		ana 0 optimized
		ana 1 inaccessible
		uses "round $round, path 1 lost" 0 1
		ana 1 optimized
	done
	ana 0 inaccessible
	stand_still 1
	nvme list-subsys "/dev/$disk" -o json >/run/subsys
	same "list-subsys shows a path that is lost" 'inaccessible optimized' \
		"$(jq -r '[.. | .Paths? | select(.) | .[].ANAState] | sort | join(" ")' /run/subsys)"
	ana 0 optimized
	check "nvme reset of path 0" nvme reset "/dev/$(path 0)"
	check "path 0 is live again" wait_for 60 is_live "$(path 0)"
	check "path 0 is optimized again" wait_for 60 state_is 0 optimized
	ana 1 inaccessible
	uses "after the reset" 0 1
	set_again 1
	ana 1 optimized
	ana 0 inaccessible
	uses "after its state was set" 1 0
	ana 0 optimized
	touch /run/stop
	check "fio found every block as it wrote it" wait "$fio" || tail -n 5 /run/fio | sed 's/^/# /'
	holds "it wrote and verified more than once" "$(wc -l </run/rounds) >= 1"
	kernel_is_content "the kernel has nothing to object to"
}

# control WORD...: the answer of the control socket.
control()
{
	perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new(Peer => shift) or die "connect: $!\n";
		print $s "@ARGV\n"; $s->flush; print scalar <$s>;' "$guest_host_dir/control" "$@" 2>&1
}

guest_said()
{
	local answer
	case $1 in
	ana)
		answer=$(control ana "$2" 1 "$3")
		[ "$answer" = ok ] || not_ok "the control socket takes 'ana $2 1 $3'" "$answer"
		;;
	*) not_ok "the guest said something that nobody expects" "$*" ;;
	esac
}

guest_emulator first --socket "$guest_host_dir/second" --control "$guest_host_dir/control" \
	--controller migration=true
guest_device first
guest_device second
guest_send path state state_is written more_written only_by uses ana manage stand_still refuses_and_rests set_again exercise
guest_run multipath inside
guest_emulator_end first
tap_done
