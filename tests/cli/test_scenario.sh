#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# nvmelab-emulator --scenario: the controller, the namespaces and the faults of a file, for any client.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99
# shellcheck source=tests/harness/emulator.sh
. "${top_srcdir:-.}/tests/harness/emulator.sh" || exit 99

socket=$tap_tmp/socket
device=vfio-user:$socket
file=$tap_tmp/scenario
cat >"$file" <<'END'
# What nvmelab-sim wants besides is in it, too.
[scenario]
format = 1
seed = 0x5eed
class = R

[controller]
serial = SCENARIO
mdts = 5

[namespace 1]
size = 16M
lba = 4096

[namespace 3]
size = 1M

[driver]
io_timeout = 30s

[workload]
ops = 200

[fault bad-block]
at = media.read
when = nsid == 1 && lba in 8..15
do = fail uncorrectable

[fault second-write]
at = cmd.retire
when = nsid == 3 && op == write
nth = 2
do = status 2/80 dnr

[expect]
app.errors = 1
END

start --socket "$socket" --scenario "$file" --controller mdts=6 --ns nsid=2,size=2M
if [ "$(wc -l <"$tap_tmp/log")" -eq 1 ]; then ok "one line says"; else not_ok "one line says" "$(cat "$tap_tmp/log")"; fi
check_file "what is ignored, and what is deterministic" \
	'/scenario: ignores \[driver\], \[workload\], \[expect\]; the faults are deterministic, the timing of a client is not$' "$tap_tmp/log"
check_output "a key of the controller" '^sn +: SCENARIO' nvmelab id-ctrl "$device"
check_file "one that the command line overrides" '^mdts +: 6$' "$tap_tmp/out"
check_output "namespaces of the file" '^\[ *2\]:(0x)?3' nvmelab list-ns "$device"
check_file "and of the command line" '^\[ *1\]:(0x)?2' "$tap_tmp/out"
check_output "with their format" '0x1 .* 4096 B \+ 0 B' nvmelab list "$device"
check "a block that is good" nvmelab read "$device" -n 1 -s 16 -c 0 -z 4096 -d "$tap_tmp/read"
check_status "a block that is bad" 1 nvmelab read "$device" -n 1 -s 7 -c 1 -z 8192 -d "$tap_tmp/read"
check_file "by the rule" 'Unrecovered Read Error' "$tap_tmp/err"
check "the first write" nvmelab write "$device" -n 3 -s 0 -c 0 -z 512 -d "$file"
check_status "the second one" 1 nvmelab write "$device" -n 3 -s 0 -c 0 -z 512 -d "$file"
check_file "has the status of the other rule" '0x4280' "$tap_tmp/err"
check "the third one, after resets" nvmelab write "$device" -n 3 -s 0 -c 0 -z 512 -d "$file"
stop TERM

# The same draws for the same seed, others for another one.
cat >"$tap_tmp/draws" <<'END'
[scenario]
format = 1
seed = 1
[fault some]
at = cmd.retire
when = op == read && nsid == 1
chance = 1/2
do = status 2/81 dnr
END
draws()
{
	local block
	start --socket "$socket" --scenario "$tap_tmp/draws" "$@"
	for block in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		if nvmelab read "$device" -n 1 -s "$block" -c 0 -z 512 -d "$tap_tmp/read" >/dev/null 2>&1 </dev/null; then
			printf .
		else
			printf x
		fi
	done
	stop TERM
}
first=$(draws)
case $first in
*x*.* | *.*x*) ok "some are drawn, some are not" ;;
*) not_ok "some are drawn, some are not" "$first" ;;
esac
check_output "the same for the same seed" "^$first\$" draws
check_output "and for the seed of the command line" "^$first\$" draws --seed 1 --controller faults=0
if [ "$(draws --seed 99)" != "$first" ]; then ok "others for another one"; else not_ok "others for another one" "$first"; fi
start --socket "$socket" --scenario "$tap_tmp/draws"
check_file "nothing is ignored" '/draws: the faults are deterministic' "$tap_tmp/log"
check_output "one namespace by default" '^\[ *0\]:(0x)?1' nvmelab list-ns "$device"
stop TERM

# A second controller with keys of its own, and faults that the budget keeps on it.
cat >"$tap_tmp/two" <<'END'
[scenario]
format = 1

[controller]
mdts = 6
acl = 3

[controller 2]
mdts = 2
queues = 1

[namespace 1]
size = 1M

[budget]
controllers = 2
queues = 1
lba = 8..15

[fault bad]
at = media.read
do = fail uncorrectable
END
check_status "two controllers, and one socket" 2 nvmelab-emulator --socket "$socket" --scenario "$tap_tmp/two"
check_file "is told" '/two: \[controller 2\]: each controller has a --socket, and there is 1$' "$tap_tmp/err"
second=vfio-user:$tap_tmp/second
start --socket "$socket" --socket "$tap_tmp/second" --control "$tap_tmp/control" --scenario "$tap_tmp/two"
check_output "the first controller is as all are" '^mdts +: 6$' nvmelab id-ctrl "$device"
check_output "the second one has what is its own" '^mdts +: 2$' nvmelab id-ctrl "$second"
check_file "and the rest as all have it" '^acl +: 3$' "$tap_tmp/out"
check_output "it grants one queue" 'Default value:0+$' nvmelab get-feature "$second" -f 7 -s 1
check "the first controller reads the block" nvmelab read "$device" -s 8 -c 0 -z 512 -d "$tap_tmp/read"
check_status "the second one cannot" 1 nvmelab read "$second" -s 8 -c 0 -z 512 -d "$tap_tmp/read"
check "a command with blocks outside as well is left alone" nvmelab read "$second" -s 8 -c 15 -z 8192 -d "$tap_tmp/read"
sed 's/^controllers = 2/controllers = 1/' "$tap_tmp/two" >"$tap_tmp/one"
check "another budget is loaded" nvmelab fault "$tap_tmp/control" load "$tap_tmp/one"
check "the second controller reads it" nvmelab read "$second" -s 8 -c 0 -z 512 -d "$tap_tmp/read"
check_status "the first one cannot" 1 nvmelab read "$device" -s 8 -c 0 -z 512 -d "$tap_tmp/read"
stop TERM

# refused NAME TEXT REGEX: the text behind a good beginning.
refused()
{
	printf '[scenario]\nformat = 1\n%b' "$2" >"$tap_tmp/bad"
	check_status "$1" 2 nvmelab-emulator --socket "$socket" --scenario "$tap_tmp/bad"
	check_file "is told" "^nvmelab-emulator: [^ ]*/bad:$3" "$tap_tmp/err"
}
refused "a key that the controller does not have" '[controller]\nmqe = 1\n' "4: \[controller\] .*mqe"
refused "a value that it cannot have" '[controller]\nmqes = 0\n' "4: \[controller\] .*mqes.*1 to 65535"
refused "a key that a namespace does not have" '[namespace 1]\nblocks = 1\n' "4: \[namespace 1\] 'blocks': KEY=VALUE with a key of size, file"
refused "a size that it cannot have" '[namespace 1]\nsize = 1X\n' "4: \[namespace 1\] size=1X: "
refused "a size that does not fit" '[namespace 1]\nsize = 512\nlba = 4096\n' " \[namespace 1\] size=512 is not a multiple of lba=4096$"
refused "a namespace that is called otherwise" '[namespace 1]\nnsid = 2\n' "4: \[namespace 1\] nsid: the name of the group says it$"
refused "a group that is none" '[controllers]\n' "3: \[controllers\] is no group; allowed: scenario, controller"
refused "a controller that is none" '[controller 17]\n' "3: \[controller 17\] '17' is no controller beside the first one: a number from 2 to 16"
refused "a key that all controllers share" '[controller 2]\nvwc = true\n' "4: \[controller 2\] 'vwc' is no key of one controller; allowed: mqes, to, mdts, queues, aerl, acl, ready_delay$"
refused "a value that one cannot have" '[controller 2]\nacl = 256\n' "4: \[controller 2\] acl = '256': allowed is a number from 0 to 255"
refused "a budget that is none" '[budget]\nqueues = all\n' "4: \[budget\] queues: 'all' is no range of queues"
refused "a site that is none" '[fault a]\nat = here\n' "4: \[fault a\] at: 'here' is no site; allowed: reg.read"
refused "a fault without an action" '[fault a]\nat = cqe.post\n[driver]\n' "3: \[fault a\] 'a' has no 'do'"
refused "a key twice" '[driver]\na = 1\na = 2\n' "5: \[driver\] key \"a\" is already on line 4$"
printf '[driver]\n' >"$tap_tmp/bad"
check_status "a file that is no scenario" 2 nvmelab-emulator --socket "$socket" --scenario "$tap_tmp/bad"
check_file "is told" '/bad:1: \[driver\] comes before \[scenario\] with format = 1$' "$tap_tmp/err"
check_status "a file that is none" 3 nvmelab-emulator --socket "$socket" --scenario "$tap_tmp/none"
check_file "is told" '/none: No such file or directory$' "$tap_tmp/err"
check_status "a folder" 3 nvmelab-emulator --socket "$socket" --scenario "$tap_tmp"
check_file "is told" ': Is a directory$' "$tap_tmp/err"
check_status "a device" 3 nvmelab-emulator --socket "$socket" --scenario /dev/null
check_file "is told" ': not a regular file$' "$tap_tmp/err"
head -c 1048577 /dev/zero | tr '\0' '\n' >"$tap_tmp/bad"
check_status "a file that is too long" 2 nvmelab-emulator --socket "$socket" --scenario "$tap_tmp/bad"
check_file "is told" '/bad: the file has more than 1048576 bytes$' "$tap_tmp/err"
check_status "a namespace that both name" 2 nvmelab-emulator --socket "$socket" --scenario "$file" --ns nsid=3,size=1M
check_file "is told" '^nvmelab-emulator: --ns: nsid=3 is in .*/scenario, too$' "$tap_tmp/err"
check_output "--help knows the option" '--scenario=FILE' nvmelab-emulator --help
tap_done
