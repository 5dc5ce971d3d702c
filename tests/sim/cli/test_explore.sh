#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The commands explore and merge of nvmelab-sim: cases by number, shares that can be joined, failures that can be repeated.
# shellcheck source=tests/harness/tap.sh
. "${top_srcdir:-.}/tests/harness/tap.sh" || exit 99

: "${tap_tmp:?}"
cd "$tap_tmp" || exit 99

# check_fails CODE NAME REGEX COMMAND...: it ends with CODE, and a line of what it says matches.
check_fails()
{
	local code=$1 name=$2 regex=$3
	check_status "$name" "$code" "${@:4}"
	check_file "$name: it says why" "$regex" err
}

cat >small.ini <<'E2'
[scenario]
format = 1
seed = 5
[namespace 1]
size = 64K
[workload]
ops = 8
E2
# A medium that loses a write: every case fails.
{
	cat small.ini
	printf '[fault lose]\nat = media.write\nnth = 1\ndo = drop\n'
} >lying.ini

check_output "the size of the space comes first" '^single: [0-9]+ cases$' nvmelab-sim explore small.ini
check_output "our driver survives each single fault" '^[0-9]{3,} run, 0 failed$' nvmelab-sim explore small.ini
check_output "completions in other orders" '^40 run, 0 failed$' nvmelab-sim explore -f order -c 40 small.ini
check_output "some faults at random places" '^40 run, 0 failed$' nvmelab-sim explore -f swarm -c 40 small.ini
check_output "without a scenario there is one" '^1 run, 0 failed$' nvmelab-sim explore --only 7

all=$(nvmelab-sim explore small.ini | sed -n 's/^single: \([0-9]*\) cases$/\1/p')
for k in 1 2 3; do nvmelab-sim explore -o json --shard "$k/3" small.ini >"share$k"; done
nvmelab-sim explore -o json small.ini >whole
check "shares joined are the whole" sh -c "nvmelab-sim merge -o json share3 share1 share2 | cmp - whole"
check "the whole is all cases" [ "$(jq .run whole)" = "$all" ]
check "a share is a third" [ "$(jq .run share1)" -le $((all / 3 + 1)) ]
check_fails 2 "a share is missing" '2 of 3 shares are there' nvmelab-sim merge share1 share2
check_fails 2 "a share twice" 'share1: a share that is there already' nvmelab-sim merge share1 share1 share2
check_fails 2 "a share of something else" 'whole: a share of another exploration' nvmelab-sim merge share1 whole
echo '[]' >nothing
check_fails 2 "no report" 'nothing: not a report of explore' nvmelab-sim merge nothing
echo '{' >broken
check_fails 2 "no JSON" 'broken: ' nvmelab-sim merge broken

check_fails 1 "a drive that lies is found" 'cases failed' nvmelab-sim explore lying.ini
nvmelab-sim explore lying.ini >failed 2>/dev/null
check "each failure names its case" grep -qE '^single #0$' failed
check "and the oracle" grep -qE '^    oracle honest: ' failed
check "and its rules" grep -qE '^    \[fault explored\]$' failed
check "and the command that repeats it" grep -qE "# again: nvmelab-sim explore --faults single --only 0 'lying.ini'$" failed
check_fails 1 "which does" '1 of 1 cases failed' nvmelab-sim explore --faults single --only 0 lying.ini
check_fails 1 "by its name, too" '1 of 1 cases failed' nvmelab-sim explore --only 'single #0' lying.ini
check "a case can be kept" sh -c "nvmelab-sim explore --only 0 --write kept.ini lying.ini >/dev/null 2>&1; [ -s kept.ini ]"
check_fails 1 "and run" 'an oracle failed' nvmelab-sim run kept.ini
nvmelab-sim explore -o json --shard 1/2 lying.ini >half1 2>/dev/null
nvmelab-sim explore -o json --shard 2/2 lying.ini >half2 2>/dev/null
nvmelab-sim explore -o json lying.ini >whole 2>/dev/null
check "failures are joined in their order" sh -c "nvmelab-sim merge -o json half2 half1 2>/dev/null | cmp - whole"

check_fails 2 "a share that cannot be" "'0/3' is not K/N" nvmelab-sim explore --shard 0/3 small.ini
check_fails 2 "nor that" "'4/3' is not K/N" nvmelab-sim explore --shard 4/3 small.ini
check_fails 2 "no such case" 'there are [0-9]+ cases, from #0 on' nvmelab-sim explore --only 99999999 small.ini
check_fails 2 "a case of another space" "is not a case of 'single'" nvmelab-sim explore --only 'pair #1' small.ini
check_fails 2 "a case without its number" "is not a case of 'single'" nvmelab-sim explore --only x small.ini
check_fails 2 "nothing to write" '--write is for one case' nvmelab-sim explore --write x.ini small.ini
check_fails 3 "no such file" 'absent.ini' nvmelab-sim explore absent.ini

tap_done
