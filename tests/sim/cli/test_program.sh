#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# nvmelab-sim from outside: each command, each exit code but 4 (tests/sim/cli/test_points has that), reports that
# others can read, files, folders and patterns.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99
: "${tap_tmp:?}"
manual=${top_srcdir:-.}/man/nvmelab-sim.1
cd "$tap_tmp" || exit 99

# scenario FILE [LINE...]: a scenario of those lines after [scenario].
scenario()
{
	mkdir -p "$(dirname "$1")"
	printf '%s\n' '[scenario]' 'format = 1' "${@:2}" >"$1"
}
scenario good.ini 'title = A lost completion' 'seed = 0x5eed' 'class = C' '[workload]' 'ops = 40' \
	'[fault lose]' 'at = cqe.post' 'when = q == 1 && op == write' 'nth = 3' 'do = drop' '[expect]' 'fault.lose = 1'
scenario quiet.ini 'title = Nothing happens' '[workload]' 'ops = 20'
scenario oracle.ini 'title = A lost write # 1 \ 2' '[workload]' 'pattern = sequential' 'ops = 40' \
	'[fault lose]' 'at = media.write' 'nth = 3' 'do = drop'
scenario never.ini '[fault late]' 'at = cqe.post' 'nth = 100000' 'do = drop'
scenario missed.ini '[expect]' 'driver.resets = 3'
scenario wrong/bad.ini '[fault x]' 'at = nowhere'
scenario folder/b.ini 'title = Second'
scenario folder/a.ini 'title = First'
scenario folder/deep/c.ini 'title = Third'
echo 'no scenario' >folder/readme.txt

# run: what it prints.
check_output "a scenario that goes well passes" '^ok 1 - good\.ini: A lost completion$' nvmelab-sim run good.ini
check_file "the output is TAP 14" '^TAP version 14$' out
check_file "with a plan" '^1\.\.1$' out
check_status "a failed oracle is exit code 1" 1 nvmelab-sim run oracle.ini
check_file "its point has the sentence of the oracle" '^    - "oracle honest: ' out
check_file "and its seed" '^  seed: "0x0"$' out
check_file "and the hashes of both sides" '^    driver: "0x[0-9a-f]+"$' out
check_file "and the command that repeats it" "^  repeat: \"nvmelab-sim run --seed 0x0 'oracle.ini'\"$" out
check_file "what TAP takes for a directive in a name is escaped" '^not ok 1 - oracle\.ini: A lost write \\# 1 \\\\ 2$' out
repeat=
eval "repeat=$(sed -n 's/^  repeat: //p' out)"
check_status "that command repeats it" 1 bash -c "$repeat"
check_status "a rule that never fired is exit code 5" 5 nvmelab-sim run never.ini
check_file "and is named" 'late' out
check_status "a missed expectation is exit code 6" 6 nvmelab-sim run missed.ini
check_file "and is said with both numbers" 'driver\.resets is 0, expected was 3' out
check_status "of several the smallest counts" 1 nvmelab-sim run never.ini missed.ini oracle.ini good.ini
check_status "of 5 and 6 it is 5" 5 nvmelab-sim run missed.ini never.ini good.ini
check_status "--quiet prints what failed alone" 5 nvmelab-sim run --quiet good.ini never.ini quiet.ini
cp out quiet.txt
check "so nothing of what passed, and no plan" sh -c '! grep -Eq "^ok|^1\.\.|^TAP" "$1"' sh quiet.txt

# Files that cannot be run.
check_status "a file that is wrong is exit code 2" 2 nvmelab-sim run good.ini wrong/bad.ini
cp out nothing.txt
check_file "its line is named" "^wrong/bad\.ini:4: .*'nowhere' is no site" err
check "and nothing was run" sh -c '[ ! -s "$1" ]' sh nothing.txt
check_status "one that is not there is exit code 3" 3 nvmelab-sim run nosuch.ini
check_file "and is named" '^cannot open nosuch\.ini: ' err
check_status "a folder without scenarios, too" 3 nvmelab-sim run wrong/../folder/readme.d
mkdir empty
check_status "an empty folder is exit code 3" 3 nvmelab-sim run empty
check_status "a pattern that matches nothing, too" 3 nvmelab-sim run 'no*.ini'
check_status "no file at all is usage" 2 nvmelab-sim run
check_status "an unknown option is usage" 2 nvmelab-sim run --sed 1 good.ini
head -c 2000000 /dev/zero >zero.ini
check_status "a file that is too long is refused" 2 nvmelab-sim run zero.ini
: >nothing.ini
check_status "so is an empty one" 2 nvmelab-sim run nothing.ini

# Which files, in which order.
names() { sed -n 's/^ok [0-9]* - \([^:]*\):.*/\1/p' out | tr '\n' ' '; }
check "a folder is run" nvmelab-sim run folder
[ "$(names)" = 'folder/a.ini folder/b.ini folder/deep/c.ini ' ] && ok "all of it and below, sorted" ||
	not_ok "all of it and below, sorted" "$(names)"
check "a pattern is run" nvmelab-sim run 'folder/*.ini' good.ini 'g*.ini' folder
[ "$(names)" = 'folder/a.ini folder/b.ini good.ini folder/deep/c.ini ' ] && ok "in the order of the arguments, each file once" ||
	not_ok "in the order of the arguments, each file once" "$(names)"
nvmelab-sim run --jobs 1 folder good.ini quiet.ini oracle.ini >one 2>/dev/null
nvmelab-sim run --jobs 7 folder good.ini quiet.ini oracle.ini >seven 2>/dev/null
check "seven jobs print what one prints" cmp one seven
check "standard input is a file" sh -c 'nvmelab-sim print good.ini | nvmelab-sim run -'

# Seeds.
check_output "--seeds makes a point of each" '^ok 3 - good\.ini \(seed 0x9\): ' nvmelab-sim run --seeds 7..9 good.ini
check_output "--seed names the seed" '^ok 1 - good\.ini \(seed 0x2a\): ' nvmelab-sim run --seed 42 good.ini
for seeds in 5 9..7 1..x ..; do
	check_status "--seeds $seeds is usage" 2 nvmelab-sim run --seeds "$seeds" good.ini
done
check_status "--seed and --seeds exclude each other" 2 nvmelab-sim run --seed 1 --seeds 1..2 good.ini

# Reports.
nvmelab-sim run --junit j.xml -o json . >j.json 2>/dev/null
rm -r wrong zero.ini nothing.ini
check_status "reports of everything" 1 nvmelab-sim run --junit j.xml -o json .
cp out j.json
if command -v jq >/dev/null; then
	check "JSON is JSON" jq -e '.summary.points == 8 and .summary.passed == 5 and .summary.exit == 1' j.json
	check "a result has counters and what fired" \
		jq -e '.results[] | select(.file == "./good.ini") | .fired.lose == 1 and .counters["app.ops"] == 40 and .seed == "0x5eed"' j.json
	check "and what is said" jq -e '.results[] | select(.verdict == 6) | .says[0] | test("driver.resets")' j.json
else
	skip "JSON is JSON" "jq is not installed"
fi
if command -v xmllint >/dev/null; then
	check "JUnit is XML" xmllint --noout j.xml
elif command -v python3 >/dev/null; then
	check "JUnit is XML" python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' j.xml
else
	skip "JUnit is XML" "neither xmllint nor python3 is installed"
fi
check_file "JUnit counts" '<testsuite name="nvmelab-sim" tests="8" failures="3" ' j.xml
check_status "a report that cannot be written is exit code 3" 3 nvmelab-sim run --junit none/j.xml good.ini

# Traces and bisect.
check "--trace writes the records" nvmelab-sim run --trace a.jsonl good.ini
check_file "of both sides" '^\{"format":[0-9]+,"side":"both"\}$' a.jsonl
check_output "nvmelab trace prints them" 'lose at cqe\.post$' nvmelab trace a.jsonl
check_status "--trace is for one point" 2 nvmelab-sim run --trace b.jsonl folder
check_status "a trace that cannot be written is exit code 3" 3 nvmelab-sim run --trace none/a.jsonl good.ini
nvmelab-sim run --seed 7 --trace b.jsonl good.ini >/dev/null 2>&1
sed '/"event":"driver.state","state":8/,$d' a.jsonl >short.jsonl
{ sed -n '1s/both/driver/p' a.jsonl; sed -n 's/^{"side":"driver",/{/p' a.jsonl; } >driver.jsonl
{ sed -n '1s/both/controller/p' a.jsonl; sed -n 's/^{"side":"controller",/{/p' a.jsonl; } >controller.jsonl
check_output "bisect of equal traces says so" '^driver: equal, [0-9]+ records$' nvmelab-sim bisect a.jsonl a.jsonl
check_status "bisect of others is exit code 1" 1 nvmelab-sim bisect a.jsonl b.jsonl
check_file "it has the record of one" '^A +[0-9]+ .*sqe\.fetch +qid=1' out
check_file "and of the other" '^B +[0-9]+ .*sqe\.fetch +qid=1' out
check_file "on each side" '^driver: differs from record [0-9]+ on$' out
check_status "a trace that is the beginning of another differs" 1 nvmelab-sim bisect a.jsonl short.jsonl
check_file "where it ends" '^B  ends here$' out
check_output "one side is compared with that side of both" '^driver: equal' nvmelab-sim bisect a.jsonl driver.jsonl
check_status "different sides cannot be compared" 2 nvmelab-sim bisect driver.jsonl controller.jsonl
check_status "what is no trace is exit code 3" 3 nvmelab-sim bisect a.jsonl good.ini
if command -v jq >/dev/null; then
	nvmelab-sim bisect -o json a.jsonl b.jsonl >b.json 2>/dev/null
	check "bisect has JSON" jq -e 'length == 2 and all(.[]; .equal == false and .a.event != null)' b.json
fi

# check and print.
check_output "check says what a file has" '^good\.ini: 1 rule, 1 expectation$' nvmelab-sim check good.ini never.ini
scenario wrong.ini '[workload]' 'ops = many'
check_status "check of a wrong file is exit code 2" 2 nvmelab-sim check good.ini wrong.ini
check_file "with file and line" '^wrong\.ini:4: ' err
check_file "and goes on with the others" '^good\.ini: ' out
check_status "check of a file that is not there is exit code 3" 3 nvmelab-sim check good.ini nosuch.ini
check_status "both: what is wrong counts more" 2 nvmelab-sim check wrong.ini nosuch.ini
if command -v jq >/dev/null; then
	nvmelab-sim check -o json good.ini wrong.ini >c.json 2>/dev/null
	check "check has JSON" jq -e '.[0].valid and .[1].line == 4 and (.[1].valid | not)' c.json
fi
nvmelab-sim print good.ini >printed.ini
nvmelab-sim print printed.ini >again.ini
check "print of what was printed is the same" cmp printed.ini again.ini
hash() { nvmelab-sim run -o json "$1" | sed -n 's/.*"driver" : "\(0x.*\)".*/\1/p'; }
check "and it runs the same" test "$(hash good.ini)" = "$(hash printed.ini)"
check_status "print of a wrong file is exit code 2" 2 nvmelab-sim print wrong.ini

# Lists.
for list in sites:cqe.post fields:inflight actions:hold oracles:durable counters:driver.resets patterns:sequential tasks:reset; do
	check_output "${list%:*} lists ${list#*:}" "^${list#*:} " nvmelab-sim "${list%:*}"
	if command -v jq >/dev/null; then
		nvmelab-sim "${list%:*}" -o json >list.json
		check "${list%:*} has JSON" jq -e --arg name "${list#*:}" 'any(.[]; (.name | startswith($name)) and (.help | length > 3))' list.json
	fi
done

# Help, manual page, completion.
nvmelab-sim help >help
mapfile -t commands < <(sed -n 's/^  \([a-z-]*\)  *[a-z].*/\1/p' help)
check "help lists the commands" [ "${#commands[@]}" -ge 14 ]
for command in "${commands[@]}"; do
	check_output "$command --help shows how it is used" "^usage: nvmelab-sim $command" nvmelab-sim "$command" --help
done
check_output "its version" '^nvmelab-sim [0-9]' nvmelab-sim --version
check_status "an unknown command is usage" 2 nvmelab-sim rnu
check_file "with a guess" 'did you mean run\?' err
nvmelab-sim help --man >"$tap_tmp/man"
sed -n '/^\.\\" commands: begin$/,/^\.\\" commands: end$/p' "$manual" | sed '1d;$d' >page
check "the manual page has every command and option" cmp man page
nvmelab-sim completion bash >completion
check "bash takes the completion" bash -n completion
# shellcheck disable=SC2016 # the inner shell's
check_output "files are completed" '^good\.ini$' bash -c \
	'. ./completion; COMP_WORDS=(nvmelab-sim run goo); COMP_CWORD=2; _nvmelab_sim; printf "%s\n" "${COMPREPLY[@]}"'
check_output "zsh gets its own" '^_nvmelab_sim\(\)$' nvmelab-sim completion zsh
tap_done
