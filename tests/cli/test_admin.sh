#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# nvmelab's commands that change a controller, its namespaces and their blocks, against an nvmelab-emulator that stays from
# one command to the next; and keys of their JSON.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99
# shellcheck source=tests/harness/emulator.sh
. "${top_srcdir:-.}/tests/harness/emulator.sh"

command -v jq >/dev/null || skip_all "jq is not installed"
socket=$tap_tmp/cntrl
device=vfio-user:$socket

# n COMMAND OPTION...: nvmelab with the device.
n() { nvmelab "$1" "$device" "${@:2}"; }

# says NAME REGEX COMMAND...: it succeeds, and a line matches.
says() { check_output "$1" "$2" n "${@:3}"; }

# json NAME FILTER WANT COMMAND...: it succeeds, and the filter makes WANT of its JSON.
json()
{
	local got
	if n "${@:4}" -o json >"$tap_tmp/out" 2>"$tap_tmp/err" </dev/null &&
		got=$(jq -rc "$2" "$tap_tmp/out" 2>&1) && [ "$got" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "$2 gives: ${got:-}, expected: $3" "$(tail -n 5 "$tap_tmp/err")"
	fi
}

# refused NAME STATUS TEXT COMMAND...: it exits with STATUS and says TEXT on standard error.
refused()
{
	local got=0
	n "${@:4}" >"$tap_tmp/out" 2>"$tap_tmp/err" </dev/null || got=$?
	if [ "$got" -eq "$2" ] && grep -qF -- "$3" "$tap_tmp/err"; then
		ok "$1"
	else
		not_ok "$1" "exit status $got instead of $2, or it does not say: $3" "$(head -n 5 "$tap_tmp/err")"
	fi
}

start --socket "$socket" --ns size=4M --ns size=1M --controller capacity=1G,pel=1024

# Namespaces: Base 2.0 5.23, 5.22.
says "create-ns" '^create-ns: Success, created nsid:3$' create-ns -s 2048
json "create-ns as JSON, by bytes and block size" '[.command, .nsid]' '["create-ns",4]' create-ns -S 10M -b 4096
json "which has the blocks that were asked for" '[.nsze, .lbafs[.flbas].ds]' '[2441,12]' id-ns -n 4 --force
says "list-ns --all has both" '\]:0x4$' list-ns --all
json "list-ns has those that are attached" '[.nsid_list[].nsid]' '[1,2]' list-ns
json "list-ns of a command set" '[.nsid_list[].nsid]' '[1,2]' list-ns -y 0
says "attach-ns" '^attach-ns: Success, nsid:3$' attach-ns -n 3 -c 1
refused "attach-ns again" 1 "NVMe status: Namespace Already Attached(0x6118)" attach-ns -n 3
json "list-ctrl of the namespace" '[.num_ctrl, .ctrl_list[].ctrl_id]' '[1,1]' list-ctrl -n 3
json "list-ctrl of one that nobody has" '.num_ctrl' 0 list-ctrl -n 4
refused "attach-ns to a controller that is not there" 1 "NVMe status: Controller List Invalid" attach-ns -n 4 -c 1,77
json "changed-ns-list-log names what changed" 'has("Changed Attached Namespace List Log")' true changed-ns-list-log
says "detach-ns" '^detach-ns: Success, nsid:3$' detach-ns -n 3
says "delete-ns" '^delete-ns: Success, deleted nsid:3$' delete-ns -n 3
refused "delete-ns again" 1 "finds fault with byte 4, bit 0 of the command (NSID)" delete-ns -n 3
refused "create-ns without a size" 2 "--nsze NUM is missing" create-ns
refused "create-ns of two sizes" 2 "exclude each other" create-ns -s 1 -S 1M
refused "create-ns of no size" 2 "is not a number of bytes, such as 512M or 1T" create-ns -S 1x
refused "create-ns of more than there is" 1 "Namespace Insufficient Capacity" create-ns -s 1G
refused "create-ns of a block size that is not there" 2 "no format has blocks of 1000 bytes" create-ns -s 8 -b 1000
refused "attach-ns without a namespace" 2 "--namespace-id NUM is missing" attach-ns
refused "attach-ns with what is no list" 2 "'x' is not a number" attach-ns -n 4 -c 1,x
check "ns-rescan is silent" test -z "$(n ns-rescan)"
json "ns-rescan as JSON" '.namespaces' 2 ns-rescan

# Format, sanitize, self-test: Base 2.0 5.14, 5.24, 5.9.
head -c 512 /dev/urandom >"$tap_tmp/data"
check "write" n write -n 2 -d "$tap_tmp/data"
says "format to another format" '^Success formatting namespace:2$' format -n 2 -l 1
json "which is in use then" '[.flbas, .nsze]' '[1,256]' id-ns -n 2
check "format by block size, and a reset" n format -n 2 -b 512 --reset
json "it is back" '.flbas' 0 id-ns -n 2
check "format keeps the format where none is named" n format -n 2 -s 1
check "what was written is gone" sh -c 'nvmelab read "$1" -n 2 2>/dev/null | cmp -n 512 - /dev/zero' sh "$device"
refused "format of a namespace that is not there" 1 "format of namespace 9" format -n 9 -l 0
refused "format of all without a format" 2 "all namespaces have no format in common" format -n 0xffffffff
refused "format with protection information where there is no room" 1 "NVMe status: Invalid Format" format -n 2 -l 0 -i 1
refused "two ways to name a format" 2 "exclude each other" format -l 0 -b 512
check "sanitize by its name, to its end" n sanitize -a start-block-erase --wait
json "sanitize-log" '.[] | [.sprog, .sstat.global_erased, .cdw10_info % 8]' '[65535,1,2]' sanitize-log
says "sanitize-log -H" 'Global data erased: yes' sanitize-log -H
json "sanitize by its number" '.action' 4 sanitize -a 4 -w
refused "sanitize with no action" 2 "--sanact ACTION is missing" sanitize
refused "sanitize with an unknown action" 2 "'purge' is not a number from 0 to 7, exit-failure" sanitize -a purge
refused "sanitize with a reserved action" 1 "NVMe status: Invalid Field" sanitize -a 7
says "a short self-test, to its end" '^Short Device self-test passed$' device-self-test -s 1 -w
json "self-test-log has it" '.["List of Valid Reports"][0] | [.["Self test result"], .["Self test code"]]' '[0,1]' \
	self-test-log -e 1
says "an extended one goes on" '^Extended Device self-test started$' device-self-test -s 2
says "through resets" '^Current operation  : 0x2$' self-test-log -e 0
refused "one at a time" 1 "NVMe status: Device Self-test In Progress" device-self-test -s 2
says "until it is aborted" '^Aborting device self-test operation$' device-self-test -s 0xf
says "self-test-log -H says so" '0x1 aborted by a Device Self-test command$' self-test-log -e 1 -H
check "bad blocks" n write-uncor -n 2 -s 5
refused "are found by a self-test" 1 "the self-test did not pass: result 0x7" device-self-test -s 1 -n 2 -w
json "self-test-log says where" '.["List of Valid Reports"][0] | [.["Failing LBA"], .["Status Code Type"], .["Status Code"]]' \
	'[5,2,129]' self-test-log
check "they are written" n write-zeroes -n 2 -s 5

# Firmware: Base 2.0 5.11, 5.12. What is no image is refused at the commit.
head -c 4096 /dev/urandom >"$tap_tmp/image"
check_output "fw-download" '^Firmware download success$' n fw-download -f "$tap_tmp/image"
check_file "says that it is soon forgotten" 'fw-commit --fw FILE' "$tap_tmp/err"
refused "fw-commit of nothing" 1 "NVMe status: Invalid Firmware Image" fw-commit -s 2 -a 0
refused "fw-commit of what is no image" 1 "NVMe status: Invalid Firmware Image" fw-commit -s 2 -a 1 --fw "$tap_tmp/image"
refused "fw-commit to a slot that is read only" 1 "NVMe status: Invalid Firmware Slot" fw-commit -s 1 -a 0
check "fw-commit of a slot that is there" sh -c '[ "$(nvmelab fw-log "$1" -o json | jq length)" -eq 1 ]' sh "$device"
refused "an image that is not there" 3 "No such file" fw-download -f "$tap_tmp/none"
head -c 510 "$tap_tmp/data" >"$tap_tmp/odd"
refused "an image of half dwords" 2 "a multiple of 4 bytes long, not 510" fw-download -f "$tap_tmp/odd"
refused "pieces of half dwords" 2 "--xfer: 6 is not a multiple of 4" fw-download -f "$tap_tmp/data" -x 6
refused "no image" 2 "--fw FILE is missing" fw-download
check_output "firmware-log is fw-log" '^afi  : 0x1$' n firmware-log

# Blocks: NVM 1.0 3.2 and 3.3.
check "write" n write -s 8 -d "$tap_tmp/data"
check "compare" n compare -s 8 -d "$tap_tmp/data"
refused "compare with something else" 1 "NVMe status: Compare Failure(0x2285)" compare -s 9 -d "$tap_tmp/data"
json "copy" '.ranges' 2 copy -d 100 -s 8,9 -b 0,1
check "the copy is the same" n compare -s 100 -d "$tap_tmp/data"
refused "copy of ranges without lengths" 2 "--slbs has 2 ranges, --blocks has 1" copy -d 100 -s 8,9 -b 0
refused "copy without a destination" 2 "--sdlba NUM is missing" copy -s 8 -b 0
check "copy from a namespace that is named" n copy -d 120 -s 0 -b 0 -F 2 -N 2
says "verify" '^NVME Verify Success$' verify -c 100
says "write-uncor" '^NVME Write Uncorrectable Success$' write-uncor -s 50 -c 3
json "get-lba-status finds them" '.["LSD entry 0"] | [.DSLBA, .NLB]' '["0x0000000000000032","0x00000004"]' \
	get-lba-status -a 0x10
json "so does lba-status-log" '.ns_elements[0] | [.neid, .descs[0].rslba, .descs[0].rnlb]' '[1,50,4]' lba-status-log
says "get-lba-status as text" '^\{ DSLBA: 0x0000000000000032, NLB: 0x00000004, Status: 0x' get-lba-status
check "get-lba-status as it came" sh -c '[ "$(nvmelab get-lba-status "$1" -b | wc -c)" -eq 4096 ]' sh "$device"
refused "such blocks cannot be read" 1 "NVMe status: Unrecovered Read Error" read -s 50
refused "nor verified" 1 "NVMe status: Unrecovered Read Error" verify -s 48 -c 7
says "write-zeroes" '^NVME Write Zeroes Success$' write-zeroes -s 48 -c 9
check "heals them" n verify -s 48 -c 7
check "write-zeroes with deallocation" n write-zeroes -s 8 -d
check "reads zeros" sh -c 'nvmelab read "$1" -s 8 2>/dev/null | cmp -n 512 - /dev/zero' sh "$device"
says "dsm" '^NVMe DSM: success$' dsm -d -s 100,200 -b 1,10
refused "dsm beyond the namespace" 1 "NVMe status: LBA Out of Range" dsm -d -s 8192 -b 1
refused "dsm without ranges" 2 "--slbs NUM,... is missing" dsm -d
refused "a storage tag where the format has none" 2 "has storage tags of 0 bits" write-zeroes --storage-tag 1
refused "a reference tag of more bits" 2 "has reference tags of 32 bits" verify --ref-tag 0x100000000
refused "metadata without a file" 2 "--metadata FILE is missing" write -d "$tap_tmp/data" -y 8
check "a format with metadata and protection information" n format -n 2 -l 8 -i 1
head -c 8 /dev/zero >"$tap_tmp/meta"
check "the controller generates tuples, block by block" n write -n 2 -z 512 -d "$tap_tmp/data" -p 8 -r 0
refused "what is not protected is refused" 1 "NVMe status: End-to-end" write -n 2 -z 512 -d "$tap_tmp/data" -y 8 \
	-M "$tap_tmp/meta" -p 7
check "tuples are read" n read -n 2 -z 512 -d "$tap_tmp/read" -y 8 -M "$tap_tmp/tuple" -p 7 -r 0
check "the data are what they were" cmp "$tap_tmp/data" "$tap_tmp/read"
check "and the guard is there" sh -c '! cmp -s -n 2 "$1" /dev/zero' sh "$tap_tmp/tuple"
check "format it back" n format -n 2 -l 0

# Reservations: Base 2.0 8.19. Each run tells the controller who this host is.
one=11111111-2222-3333-4444-555555555555
two=66666666-7777-8888-9999-aaaaaaaaaaaa
says "resv-register" '^NVME Reservation Register success$' resv-register -k 0x55 --hostid $one
check "another host" n resv-register -k 0x66 --hostid $two
says "resv-acquire" '^NVME Reservation Acquire success$' resv-acquire -c 0x55 -t 1 --hostid $one
refused "the other host cannot" 1 "NVMe status: Reservation Conflict" resv-acquire -c 0x66 -t 1 --hostid $two
json "resv-report" '[.rtype, .regctl, (.regctlext | map([.rkey, .rcsts]) | sort)]' '[1,2,[[85,1],[102,0]]]' \
	resv-report --hostid $one
says "resv-report as text" '^    hostid    : 11111111222233334444555555555555$' resv-report --hostid $two
refused "a stranger cannot write" 1 "NVMe status: Reservation Conflict" write -d "$tap_tmp/data"
check "preempting" n resv-acquire -c 0x66 -p 0x55 -t 2 -a 1 --hostid $two
json "takes the other's registration" '[.rtype, .regctl]' '[2,1]' resv-report --hostid $two
says "resv-release" '^NVME Reservation Release success$' resv-release -c 0x66 -t 2 --hostid $two
check "clearing" n resv-release -c 0x66 -a 1 --hostid $two
json "leaves nothing" '[.rtype, .regctl]' '[0,0]' resv-report --hostid $two
refused "an identifier that is none" 2 "'me' is not a UUID" resv-register -k 1 --hostid me
json "resv-notif-log" '.rn_log_type < 4' true resv-notif-log

# Logs, properties, resets, directives, security
json "persistent-event-log" '(.total_num_of_events == (.list_of_event_entries | length)) and .log_id == 13' true \
	persistent-event-log
json "has what happened" \
	'[.list_of_event_entries[].event_type] | contains(["Change Namespace", "Format NVM Start", "Sanitize Completion"])' \
	true persistent-event-log
says "persistent-event-log as text" 'Format NVM Completion \(0x8\)' persistent-event-log
check "persistent-event-log -a 3 leaves its context" n persistent-event-log -a 3
refused "so that there can be no other" 1 "NVMe status: Command Sequence Error" persistent-event-log
json "persistent-event-log -a 0 reads in it" .log_id 13 persistent-event-log -a 0
check "persistent-event-log -a 2 releases it" n persistent-event-log -a 2
refused "an action that is not there" 2 "out of range: 0 to 3" persistent-event-log -a 4
check "telemetry-log to a file" n telemetry-log -O "$tap_tmp/telemetry"
check "the file begins with the log's identifier" sh -c '[ "$(head -c 1 "$1" | od -An -tu1)" -eq 7 ]' sh "$tap_tmp/telemetry"
json "telemetry-log's header" '[.log_id, .data_area_3_last_block > 0]' '[7,true]' telemetry-log -g 0
json "telemetry-log of the controller's own" '.log_id' 8 telemetry-log -c
refused "a data area that is not there" 2 "--data-area: 0 is out of range" telemetry-log -d 0
json "get-log" '[.["log-id"], (.data | length)]' '[2,32]' get-log -i 2 -l 512
says "get-log by an event's result" 'log-id:3 ' get-log --aen 0x30102
check "get-log in pieces is the same" sh -c 'nvmelab get-log "$1" -i 5 -l 4096 -x 512 -b | cmp - "$2"' sh "$device" \
	<(n get-log -i 5 -l 4096 -x 4096 -b)
refused "get-log of a page that is not there" 1 "NVMe status: Invalid Log Page" get-log -i 0x55 -l 32
refused "get-log of no bytes" 2 "--log-len: 0 bytes are not a log" get-log -i 2
refused "get-log without a page" 2 "--log-id NUM is missing" get-log -l 4
says "supported-log-pages" '^LID 0x02 \(SMART / Health Information\): 00000001$' supported-log-pages
says "supported-log-pages -H" 'Log page: Supported$' supported-log-pages -H
says "fid-support-effects-log -H" 'Scope: namespace: yes$' fid-support-effects-log -H
json "endurance-log" '.avl_spare' 100 endurance-log
refused "endurance-log of no group" 1 "NVMe status" endurance-log -g 7
json "ana-log" '[.ngrps, .["ANA DESC LIST "][0].state]' '[1,"optimized"]' ana-log
json "ana-log of groups" '.["ANA DESC LIST "][0].NSIDS | length' 0 ana-log -g
says "ns-descs" '^uuid    : [0-9a-f-]{36}$' ns-descs
says "nvm-id-ns" '^elbaf  0 : qpif:0 pif:0 sts:0 +\(in use\)$' nvm-id-ns
says "nvm-id-ctrl" '^dmrsl  : 0$' nvm-id-ctrl
says "cmdset-ind-id-ns -H" 'Ready: yes$' cmdset-ind-id-ns -H
says "id-uuid" '^UUID         : ' id-uuid -H
says "id-iocs -H" 'NVM Command Set: Selected$' id-iocs -H
says "id-ns-granularity" '^\[ 1\] size: 0x1000 capacity: 0x1000$' id-ns-granularity
says "list-endgrp" '^\[   0\]:0x1$' list-endgrp
for command in ns-descs nvm-id-ns nvm-id-ctrl cmdset-ind-id-ns id-uuid id-iocs id-ns-granularity list-ns list-ctrl list-endgrp; do
	check "$command as it came" sh -c '[ "$(nvmelab "$1" "$2" -o binary | wc -c)" -eq 4096 ]' sh $command "$device"
done
says "get-property" '^property: 0x1c \(CSTS\), value: 1$' get-property -O 0x1c
json "get-property as JSON" '[.property, .name]' '[8,"VS"]' get-property -O 8 -H
refused "get-property between registers" 2 "no register begins at 0x1d" get-property -O 0x1d
says "set-property" '^set-property: 0xc \(INTMS\), value: 0x1$' set-property -O 0xc -V 1
refused "set-property of too much" 2 "INTMS has 32 bits" set-property -O 0xc -V 0x100000000
json "subsystem-reset" '.state' live subsystem-reset
says "dir-receive -H" 'Identify Directive +: supported$' dir-receive -H
json "dir-receive as JSON" '[.NSID, (.data | length)]' '[1,256]' dir-receive
refused "dir-send of what is not there" 1 "NVMe status: Invalid Field" dir-send -T 1
says "security-recv" '^NVME Security Receive Command Success$' security-recv -x 64
refused "security-send to no protocol" 1 "NVMe status: Invalid Field" security-send -p 1 -f "$tap_tmp/data"
refused "binary where there is no structure" 2 "reset has no structure to write as binary" reset -o binary

# Devices of one subsystem are its paths.
says "list-subsys" '^ \+- vfio-user:.* live$' list-subsys "$device"
json "list-subsys as JSON" '[.[0].Subsystems[0].Paths[].State]' '["live","live"]' list-subsys "$device"
json "list -v" '.Devices[0].Subsystems[0].Controllers[0].Namespaces | map(.NSID)' '[1,2]' list -v
says "list -v as text" '^nvme-subsys0 +nqn' list -v
check_output "show-hostnqn" '^nqn\.' nvmelab show-hostnqn
check "gen-hostnqn is another one each time" sh -c '[ "$(nvmelab gen-hostnqn)" != "$(nvmelab gen-hostnqn)" ]'

# Every key that nvme-cli printed for such a controller. Logs that were empty are filled first.
check "a failed self-test, for its keys" sh -c 'nvmelab write-uncor "$1" -n 1 -s 7; ! nvmelab device-self-test "$1" -s 1 -n 1 -w' \
	sh "$device"
sed -n 's/^\([^#|]*\)|.*/\1/p' "${top_srcdir:-.}/tests/cli/nvme-cli-paths" | uniq >"$tap_tmp/commands"
while read -r command; do
	# shellcheck disable=SC2086 # words
	n $command -o json 2>"$tap_tmp/err" </dev/null | jq -r --arg device "$device" \
		'[paths | map(if type == "number" then "[]" elif . == $device then "DEVICE" else . end) | join("/")] | unique[]' |
		sort >"$tap_tmp/ours"
	grep -F -- "$command|" "${top_srcdir:-.}/tests/cli/nvme-cli-paths" | cut -d '|' -f 2- | sort >"$tap_tmp/theirs"
	missing=$(comm -23 "$tap_tmp/theirs" "$tap_tmp/ours")
	if [ -s "$tap_tmp/ours" ] && [ -z "$missing" ]; then
		ok "$command has the keys of nvme-cli"
	else
		not_ok "$command has the keys of nvme-cli" "missing: $missing" "$(head -n 3 "$tap_tmp/err")"
	fi
done <"$tap_tmp/commands"
stop
if [ "$status" -eq 0 ]; then ok "the emulator ends cleanly"; else not_ok "the emulator ends cleanly" "status $status"; fi
tap_done
