#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# nvmelab when something is wrong: exit codes, exact messages, and no silence about output that is lost.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99

# refused NAME STATUS TEXT COMMAND...: it exits with STATUS and says TEXT on standard error.
refused()
{
	local name=$1 want=$2 says=$3 got=0
	shift 3
	"$@" >"$tap_tmp/out" 2>"$tap_tmp/err" </dev/null || got=$?
	if [ "$got" -eq "$want" ] && grep -qF -- "$says" "$tap_tmp/err"; then
		ok "$name"
	else
		not_ok "$name" "exit status $got instead of $want, or it does not say: $says" "$(head -n 5 "$tap_tmp/err")"
	fi
}

# quiet NAME: the last command printed no result.
quiet()
{
	if [ ! -s "$tap_tmp/out" ]; then ok "$1"; else not_ok "$1" "$(head -n 5 "$tap_tmp/out")"; fi
}

# Usage: 2
refused "no command at all" 2 "usage: nvmelab COMMAND" nvmelab
refused "an unknown command" 2 "unknown command 'lsit'" nvmelab lsit
check_file "suggests the nearest" 'did you mean list\?' "$tap_tmp/err"
refused "a command that is like none" 2 "'nvmelab help' lists the commands" nvmelab defragment
refused "an unknown option" 2 "nvmelab: read: unknown option --block-cout" nvmelab read --block-cout 1
check_file "suggests the nearest option" 'did you mean --block-count\?' "$tap_tmp/err"
check_file "and says where the help is" "'nvmelab read --help' shows how it is used" "$tap_tmp/err"
quiet "a usage error prints no result"
refused "an option without its value" 2 "--block-count needs a value: NUM" nvmelab read --block-count
refused "a number out of range" 2 "--block-count: '65536' is out of range: 0 to 65535" nvmelab read -c 65536
refused "no number" 2 "--block-count: 'x' is not a number" nvmelab read -c x
refused "a format that is not there" 2 "--output-format: 'jso' is not one of normal|json" nvmelab list -o jso
refused "a log level that is not there" 2 "error|warning|info|debug" nvmelab list --log loud
refused "one argument too many" 2 "unexpected argument 'b'" nvmelab id-ctrl a b
refused "an argument too few" 2 "FILE is missing" nvmelab trace
refused "a required option" 2 "--opcode NUM is missing" nvmelab admin-passthru
refused "a feature without a value" 2 "--value NUM is missing" nvmelab set-feature -f 6
refused "a name that is no device" 2 "'/dev/nvme0' is not a device" nvmelab id-ctrl /dev/nvme0
refused "an option of the emulator for another device" 2 "--controller is for the emulator inside the process" \
	nvmelab id-ctrl "vfio-user:$tap_tmp/none" --controller mqes=7
refused "a controller key that is not there" 2 "no key is called 'colour'" nvmelab list --controller colour=red
refused "a controller key without value" 2 "'mqes' is not KEY=VALUE" nvmelab list --controller mqes
refused "a controller key out of range" 2 "mqes" nvmelab list --controller mqes=0
refused "a profile that is not there" 2 "minimal" nvmelab list --profile best
refused "a namespace that cannot be" 2 "--ns: size=3 is not a multiple of lba=512" nvmelab list --ns size=3
refused "two namespaces with one number" 2 "1" nvmelab list --ns nsid=1,size=1M --ns nsid=1,size=1M
refused "namespace 0 in a list" 2 "0 is no namespace" nvmelab list-ns -n 0
refused "no entries" 2 "0 entries is nothing to print" nvmelab error-log -e 0
refused "data without a direction" 2 "--data-len needs a direction" nvmelab admin-passthru -O 6 -l 4096
check_file "which the opcode says" 'opcode 06h say from the controller' "$tap_tmp/err"
refused "both directions" 2 "exclude each other" nvmelab admin-passthru -O 6 -l 4096 -r -w
refused "data of an odd length" 2 "5 is not a multiple of 4" nvmelab admin-passthru -O 6 -l 5 -r
refused "more data than a command can move" 2 "more than a command of this controller can move" \
	nvmelab admin-passthru -O 6 -l 32M -r
refused "data for a feature without any" 2 "feature 06h has no data structure" nvmelab set-feature -f 6 -d /dev/null
refused "all features in binary" 2 "--raw-binary needs --feature-id" nvmelab get-feature -b
refused "a queue of depth 0" 2 "--queue-depth" nvmelab check-io -q 0
refused "more depth than there is" 2 "take 3 commands at a time" nvmelab perf -q 4 --controller mqes=3 --time 1
refused "more queues than there are" 2 "the controller grants 2" nvmelab perf --queues 3 --controller queues=2 --time 1
refused "a command that is no multiple of blocks" 2 "not a multiple of the namespace's blocks" nvmelab check-io -b 1000
refused "no command of a size" 2 "not one command" nvmelab check-io --size 512 -b 4K
refused "the speed of a virtual clock" 2 "has no speed" nvmelab perf --clock virtual
refused "an inactive namespace for perf" 2 "there is no active namespace 9" nvmelab perf -n 9 --time 1
refused "an inactive namespace without a size" 2 "block size is not known" nvmelab read -n 9
refused "an event that is not there" 2 "did you mean cqe.post?" nvmelab trace -e cqe.pots /dev/null
refused "two forms of a trace" 2 "exclude each other" nvmelab trace --life last-read --perfetto /dev/null
refused "a socket path that is too long" 2 "longer than a socket's path can be" nvmelab qemu "/$(printf 'x%.0s' {1..120})"
refused "an empty path" 2 "PATH is empty" nvmelab qemu ""
refused "a shell without completion" 2 "'fish' is not one of bash, zsh" nvmelab completion fish
refused "help for a command that is not there" 2 "did you mean reset?" nvmelab help rest

# Status: 1
refused "a field that is wrong" 1 "NVMe status: Invalid Field in Command(0x6002)" nvmelab get-feature -f 0x7a
check_file "says what to do" 'do not retry \(DNR\)' "$tap_tmp/err"
check_file "and which part of the command it was" 'error log: entry 1 finds fault with byte 40' "$tap_tmp/err"
refused "an unknown opcode" 1 "NVMe status: Invalid Command Opcode(0x6001)" nvmelab admin-passthru -O 0xc1
refused "an unknown I/O opcode" 1 "I/O command 7Eh" nvmelab io-passthru -O 0x7e -n 1
refused "a block beyond the namespace" 1 "read of 1 block from block 2048 in namespace 1: NVMe status: LBA Out of Range" \
	nvmelab read -s 2048 --ns size=1M
check_file "with its size" 'namespace 1 has 2048 blocks of 512 bytes' "$tap_tmp/err"
refused "an inactive namespace" 1 "NVMe status: Invalid Namespace or Format" nvmelab read -n 99 -z 512
refused "a namespace that cannot be" 1 "namespace 99" nvmelab id-ns -n 99
refused "a log of a namespace where there is none" 1 "log page 02h (SMART / Health Information): NVMe status" nvmelab smart-log -n 5 --controller vs=1.0 --ns size=1M
refused "a status as JSON" 1 "NVMe status: Invalid Field" nvmelab get-feature -f 0x7a -o json
cp "$tap_tmp/out" "$tap_tmp/json"
check_output "is on standard output too" '^\["Invalid Field in Command","nvme",24578\]$' jq -c '[.error, .type, .status]' "$tap_tmp/json"
printf '{"format":3,"side":"controller"}\n' >"$tap_tmp/empty"
refused "a life that is not in the trace" 1 "the trace has no such command" nvmelab trace --life last-read "$tap_tmp/empty"

# Environment: 3
refused "a socket that is not there" 3 "No such file or directory" nvmelab id-ctrl "vfio-user:$tap_tmp/none"
check_file "and what to try" "is 'nvmelab-emulator --socket' running" "$tap_tmp/err"
refused "a file that is not there" 3 "cannot open $tap_tmp/none: No such file or directory" nvmelab write -d "$tap_tmp/none"
refused "a file that is empty" 3 "standard input is empty" nvmelab write
refused "a file that cannot be made" 3 "cannot create /nonexistent/x: No such file or directory" nvmelab read -d /nonexistent/x
refused "a full disk for data" 3 "cannot write /dev/full: No space left on device" nvmelab read -d /dev/full
refused "a trace that is not there" 3 "cannot open" nvmelab trace "$tap_tmp/none"
refused "a trace that is a folder" 3 "Is a directory" nvmelab trace "$tap_tmp"
refused "what is no trace" 3 "/etc/passwd:1: not JSON" nvmelab trace /etc/passwd
refused "a trace file that cannot be made" 3 "/nonexistent/trace" nvmelab list --trace /nonexistent/trace
refused "a namespace's file that cannot be made" 3 "/nonexistent/media" nvmelab list --ns size=1M,file=/nonexistent/media
refused "one device that fails does not hide the others" 3 "No such file" nvmelab list "vfio-user:$tap_tmp/none"

# Output that is lost
full() { "$@" >/dev/full; }
refused "a full disk for results" 3 "cannot write to standard output: No space left on device" full nvmelab id-ctrl
refused "a full disk for JSON" 3 "No space left on device" full nvmelab id-ctrl -o json
refused "a full disk for data" 3 "No space left on device" full nvmelab read -c 63
refused "a full disk for help" 3 "No space left on device" full nvmelab help
nvmelab check-io --size 1M --controller-trace "$tap_tmp/trace" >/dev/null
broken() { { "$@"; echo $? >"$tap_tmp/status"; } | true; return "$(cat "$tap_tmp/status")"; }
refused "a reader that went away" 3 "cannot write to standard output: Broken pipe" broken nvmelab trace "$tap_tmp/trace"

# Nothing but text in a pipe
check "no colour in a pipe" sh -c '! { nvmelab list; nvmelab help; nvmelab show-regs -H; nvmelab nothing; } 2>&1 | grep -q "$(printf "\033")"'
check "no progress in a pipe" sh -c '! nvmelab perf --time 1 2>&1 | grep -q "$(printf "\r")"'
tap_done
